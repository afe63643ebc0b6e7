"""A finished worktree's files serve the next one, and nothing of the agent before is seen in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.core.errors import GitError
from engine.core.plan import Setup
from engine.edge import git_pool
from engine.edge.git_repository import Repository


async def finished(repo: Repo, wave: Repository, name: str = "one", setup: Setup = NOTHING) -> str:
    """A task that is done and cleaned up, its files kept aside; its head."""
    base = repo.tip("main")
    await wave.make_worktree(repo.wt(name), name, base, setup)
    head = repo.commit({f"{name}.txt": "n\n", "a.txt": f"{name}\n"}, at=repo.wt(name))
    repo.write("cache.log", "ignored", at=repo.wt(name))
    repo.write("deep/er/x.log", "ignored", at=repo.wt(name))
    (repo.wt(name) / "dir/c.txt").chmod(0o755)
    repo.git("checkout", "-q", "--", "dir/c.txt", at=repo.wt(name))
    assert await wave.cleanup(repo.wt(name), name, head, spare=True) == ""
    return head


def beside(repo: Repo) -> set[str]:
    return {path.name for path in repo.beside.iterdir()} - {"repo", "gitconfig"}


async def test_the_next_worktree_takes_over_the_files_and_nothing_else(repo: Repo, wave: Repository) -> None:
    repo.write(".env", "S=1")
    head = await finished(repo, wave, setup=Setup(copy=(".env",)))
    assert not repo.wt("one").exists()
    assert not repo.exists("refs/heads/one")
    assert len(repo.git("worktree", "list").splitlines()) == 1
    (spare,) = repo.beside.glob(".*wavetree-spare")
    inode = (spare / "b.txt").stat().st_ino
    for base, name in ((repo.tip("main"), "two"),):
        await wave.make_worktree(repo.wt(name), name, base, NOTHING)
    assert (repo.wt("two") / "b.txt").stat().st_ino == inode
    assert beside(repo) == {"repo-wttwo"}
    assert repo.status(repo.wt("two")) == ""
    assert repo.git("status", "--porcelain", "--ignored", at=repo.wt("two")) == ""
    assert (repo.wt("two") / "a.txt").read_text() == "a\n"
    assert not (repo.wt("two") / "deep").exists()
    assert not (repo.wt("two") / ".env").exists()
    await wave.cleanup(repo.wt("two"), "two", repo.tip("main"), spare=True)
    await wave.make_worktree(repo.wt("three"), "three", head, NOTHING)
    assert repo.status(repo.wt("three")) == ""
    assert (repo.wt("three") / "one.txt").exists()


async def test_draining_leaves_nothing_beside_the_repository(repo: Repo, wave: Repository) -> None:
    for name in ("one", "two"):
        await wave.make_worktree(repo.wt(name), name, repo.tip(), NOTHING)
    for name in ("one", "two"):
        assert await wave.cleanup(repo.wt(name), name, repo.tip(), spare=True) == ""
    assert len(beside(repo)) == 2
    await wave.drop_gate_trees()
    assert beside(repo) == set()
    assert list(wave.site.pool().iterdir()) == []


async def test_a_worktree_with_something_in_it_is_kept_as_ever(repo: Repo, wave: Repository) -> None:
    await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    repo.write("new.txt", "n", at=repo.wt())
    assert "uncommitted" in await wave.cleanup(repo.wt(), "one", repo.tip(), spare=True)
    assert (repo.wt() / "new.txt").exists()


async def test_a_full_pool_removes_the_files(
    repo: Repo, wave: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_pool, "MOST", 0)
    await finished(repo, wave)
    assert beside(repo) == set()


async def test_an_engine_that_comes_back_throws_spare_files_away(repo: Repo, wave: Repository) -> None:
    await finished(repo, wave)
    again = await Repository.open(repo.root, repo.state)
    await again.heal()
    await again.close()
    assert beside(repo) == set()


@pytest.mark.parametrize("moment", ["claimed", "git file moved", "folder gone", "folder moved"])
async def test_a_crash_while_files_are_taken_over_is_wiped(repo: Repo, wave: Repository, moment: str) -> None:
    base = repo.tip()
    await finished(repo, wave)
    (record,) = wave.site.pool().glob("*.spare")
    place = Path(os.fsdecode(record.read_bytes()))
    # An index that cannot be there stops the take-over; what came before it is then done by hand.
    record.with_suffix(".index").rename(record.with_suffix(".index.away"))
    await wave.make_worktree(repo.wt("two"), "two", base, NOTHING)
    mark = wave.site.mark(repo.wt("two"))
    assert mark
    wave.site.write_mark(type(mark)(mark.path, mark.branch, mark.base, "making"))
    for child in repo.wt("two").iterdir():
        if child.name != ".git":
            git_pool.remove_tree(child)
    record.rename(record.with_suffix(""))
    if moment != "claimed":
        (repo.wt("two") / ".git").rename(place / ".git")
    if moment in ("folder gone", "folder moved"):
        repo.wt("two").rmdir()
    if moment == "folder moved":
        place.rename(repo.wt("two"))
    again = await Repository.open(repo.root, repo.state)
    await again.heal()
    await again.make_worktree(repo.wt("two"), "two", base, NOTHING)
    assert repo.status(repo.wt("two")) == ""
    assert beside(repo) == {"repo-wttwo"}
    await again.close()


async def test_a_take_over_that_fails_leaves_nothing_behind(repo: Repo, wave: Repository) -> None:
    await finished(repo, wave)
    (spare,) = repo.beside.glob(".*wavetree-spare")
    (spare / ".git").mkdir()
    (spare / ".git/in the way").write_text("")
    with pytest.raises(GitError):
        await wave.make_worktree(repo.wt("two"), "two", repo.tip(), NOTHING)
    assert not repo.wt("two").exists()
    assert not repo.exists("refs/heads/two")
    await wave.make_worktree(repo.wt("two"), "two", repo.tip(), NOTHING)
    assert repo.status(repo.wt("two")) == ""
