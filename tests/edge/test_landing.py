"""Landing moves the base branch forward only, and touches a checkout only where nothing can be lost."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from real_repository import NOTHING, Repo, bash, landed

from engine.core.errors import GitError
from engine.edge.git_repository import Repository
from engine.edge.landing import Landing


async def test_a_clean_checkout_of_the_base_is_brought_along(repo: Repo, wave: Repository, new: str) -> None:
    assert await wave.land("main", new) == Landing(True, new, 2)
    landed(repo, new)
    assert await wave.land("main", new) == Landing(True, new, 2)
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"


async def test_untouched_untracked_and_ignored_files_do_not_matter(
    repo: Repo, wave: Repository, new: str
) -> None:
    repo.write("notes.txt", "mine")
    repo.write("x.log", "ignored")
    assert (await wave.land("main", new)).done
    assert repo.status() == "?? notes.txt"


async def test_a_base_that_is_checked_out_nowhere_just_moves(repo: Repo, wave: Repository, new: str) -> None:
    repo.git("switch", "-q", "-c", "mine")
    assert (await wave.land("main", new)).done
    assert repo.tip("main") == new
    assert repo.status() == ""
    assert (repo.root / "b.txt").exists()


async def test_a_base_checked_out_in_a_linked_worktree_is_brought_along(
    repo: Repo, wave: Repository, new: str
) -> None:
    repo.git("switch", "-q", "-c", "mine")
    repo.git("worktree", "add", "-q", str(repo.wt("base")), "main")
    assert (await wave.land("main", new)).done
    landed(repo, new, repo.wt("base"))


@pytest.mark.parametrize(
    "change", ["edited", "staged", "deleted", "staged and undone", "untracked in the way"]
)
async def test_a_dirty_checkout_is_not_touched_and_the_remedy_works(
    repo: Repo, wave: Repository, new: str, change: str
) -> None:
    old = repo.tip("main")
    match change:
        case "edited":
            repo.write("dir/c.txt", "mine\n")
        case "staged":
            repo.write("mine.txt", "mine\n")
            repo.git("add", "mine.txt")
        case "deleted":
            (repo.root / ".gitignore").unlink()
        case "staged and undone":
            repo.write("a.txt", "mine\n")
            repo.git("add", "a.txt")
            repo.write("a.txt", "a\n")
        case _:
            repo.write("new/n.txt", "mine\n")
    before = repo.status()
    index = (repo.common / "index").read_bytes()
    refused = await wave.land("main", new)
    assert not refused.done
    assert str(repo.root) in refused.reason
    assert (repo.tip("main"), repo.status()) == (old, before)
    assert (repo.common / "index").read_bytes() == index
    assert not list(repo.common.rglob("*.lock"))
    if change in ("edited", "staged", "deleted"):
        assert bash(refused.remedy).startswith("0 ")
        assert repo.tip("main") == new
        assert repo.status() != ""
        assert (repo.root / "a.txt").read_text() == "landed\n"


async def test_an_ignored_file_in_the_way_is_not_overwritten(repo: Repo, wave: Repository) -> None:
    repo.git("switch", "-q", "-c", "wavetree/r1")
    repo.write("x.log", "from the branch")
    repo.git("add", "-f", "x.log")
    new = repo.commit({})
    repo.git("switch", "-q", "main")
    repo.write("x.log", "mine")
    assert not (await wave.land("main", new)).done
    assert (repo.root / "x.log").read_text() == "mine"


async def test_the_remedy_survives_odd_paths(tmp_path: Path, config: Path) -> None:
    root = tmp_path / "it's {odd} $(touch x)"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main")
    repo.commit({"a.txt": "a\n"})
    repo.git("switch", "-q", "-c", "wavetree/r1")
    new = repo.commit({"a.txt": "b\n"})
    repo.git("switch", "-q", "main")
    repo.write("a.txt", "mine")
    wave = await Repository.open(root, repo.state)
    refused = await wave.land("main", new)
    await wave.close()
    assert shlex.split(refused.remedy)[:4] == ["git", "-C", str(root), "stash"]
    assert "wavetree/r1" in refused.remedy


async def test_a_base_that_moved_on_its_own_is_not_overwritten(
    repo: Repo, wave: Repository, new: str
) -> None:
    moved = repo.commit({"by-hand.txt": "h"})
    refused = await wave.land("main", new)
    assert not refused.done
    assert moved[:10] in refused.reason
    assert refused.remedy == f"git -C {repo.root} merge --no-ff wavetree/r1"
    assert repo.tip("main") == moved


async def test_a_person_s_git_at_work_is_waited_for(repo: Repo, wave: Repository, new: str) -> None:
    (repo.common / "index.lock").write_text("")
    refused = await wave.land("main", new)
    assert not refused.done
    assert "index.lock" in refused.reason
    assert (repo.common / "index.lock").exists()


async def test_a_merge_in_the_middle_is_left_alone(repo: Repo, wave: Repository, new: str) -> None:
    repo.git("switch", "-q", "-c", "side", "main")
    repo.commit({"dir/c.txt": "side\n"})
    repo.git("switch", "-q", "main")
    repo.git("merge", "--no-commit", "--no-ff", "side", ok=False)
    refused = await wave.land("main", new)
    assert not refused.done
    assert "merge" in refused.reason
    assert (repo.common / "MERGE_HEAD").exists()


async def test_a_rebase_of_the_base_in_the_middle_is_left_alone(
    repo: Repo, wave: Repository, new: str
) -> None:
    repo.git("branch", "onto", "main")
    repo.git("switch", "-q", "onto")
    repo.commit({"dir/c.txt": "onto\n"})
    repo.git("switch", "-q", "main")
    repo.commit({"dir/c.txt": "main\n"})
    repo.git("branch", "-f", "wavetree/r1", "main")
    repo.git("switch", "-q", "wavetree/r1")
    ahead = repo.commit({"z": "z"})
    repo.git("switch", "-q", "main")
    repo.git("rebase", "onto", ok=False)
    refused = await wave.land("main", ahead)
    assert not refused.done
    assert "rebase" in refused.reason
    assert "--continue" in refused.remedy


async def test_files_that_only_a_local_filter_can_make_are_left_to_the_person(
    repo: Repo, wave: Repository, new: str
) -> None:
    repo.git("config", "filter.crypt.smudge", "touch sentinel; cat")
    (repo.common / "info/attributes").write_text("a.txt filter=crypt\n")
    refused = await wave.land("main", new)
    assert not refused.done
    assert "filter" in refused.reason
    assert not list(repo.beside.rglob("sentinel"))


async def test_a_base_that_does_not_exist_is_an_error(repo: Repo, wave: Repository, new: str) -> None:
    with pytest.raises(GitError, match="nowhere"):
        await wave.land("nowhere", new)


async def test_landing_leaves_the_other_worktrees_alone(repo: Repo, wave: Repository, new: str) -> None:
    await wave.make_worktree(repo.wt(), "one", repo.tip("main"), NOTHING)
    repo.write("a.txt", "the agent's", at=repo.wt())
    assert (await wave.land("main", new)).done
    assert repo.status(repo.wt()) == "M a.txt"


async def test_a_bare_repository_with_worktrees_can_be_landed_on(
    repo: Repo, wave: Repository, new: str
) -> None:
    bare = repo.beside / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare))
    repo.git("worktree", "add", "-q", str(repo.wt("main")), "main", at=bare)
    repo.git("worktree", "add", "-q", "-b", "mine", str(repo.wt("mine")), "main", at=bare)
    over = await Repository.open(repo.wt("mine"), bare / "wavetree/runs/r1")
    assert (await over.land("main", new)).done
    assert repo.tip("main", bare) == new
    assert repo.status(repo.wt("main")) == ""
    assert repo.status(repo.wt("mine")) == ""
    await over.close()
