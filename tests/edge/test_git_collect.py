"""Whatever an agent leaves in its worktree is found, told apart and made reachable from a ref."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.edge import git_changes
from engine.edge.git_repository import Repository

RESCUE = "refs/wavetree/rescue/r1/one/1"
MESSAGE = "one: left-over changes\n\nWavetree-Run: r1\nWavetree-Task: one\nWavetree-Attempt: 1"
AT = 1_700_000_000


@pytest.fixture
async def work(repo: Repo, wave: Repository) -> Path:
    """The worktree of the task `one`."""
    await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    return repo.wt()


async def collect(repo: Repo, wave: Repository, commit: bool = True):
    return await wave.collect(
        repo.wt(), "one", repo.tip("main"), commit=commit, message=MESSAGE, at=AT, rescue=RESCUE
    )


async def test_nothing_done_is_nothing_found(repo: Repo, wave: Repository, work: Path) -> None:
    found = await collect(repo, wave)
    assert (found.head, found.commits, found.files, found.left_over, found.problem) == (
        repo.tip(),
        0,
        (),
        (),
        None,
    )
    assert repo.tip(RESCUE) == repo.tip()


async def test_commits_of_the_agent_are_counted_with_their_files(
    repo: Repo, wave: Repository, work: Path
) -> None:
    repo.commit({"n.txt": "n"}, at=work)
    head = repo.commit({"a.txt": "edited"}, at=work)
    found = await collect(repo, wave)
    assert (found.head, found.commits, found.files, found.left_over) == (head, 2, ("a.txt", "n.txt"), ())
    assert repo.tip(RESCUE) == head


async def test_left_over_changes_become_one_commit_of_the_branch(
    repo: Repo, wave: Repository, work: Path
) -> None:
    mine = repo.commit({"n.txt": "n"}, at=work)
    repo.write("a.txt", "edited", at=work)
    repo.write("new/deep.txt", "d", at=work)
    repo.write("x.log", "ignored", at=work)
    (work / "b.txt").unlink()
    repo.git("add", "a.txt", at=work)
    found = await collect(repo, wave)
    assert found.left_over == ("a.txt", "b.txt", "new/deep.txt")
    assert found.commits == 2
    assert repo.tip("one") == found.head == repo.tip(RESCUE)
    assert repo.tip("one^") == mine
    assert repo.git("show", "-s", "--format=%an %at %cn %ct %B", "one") == f"Ada {AT} Ada {AT} {MESSAGE}"
    assert repo.files("one") == {".gitignore", "a.txt", "dir/c.txt", "n.txt", "new/deep.txt"}
    assert repo.status(work) == ""
    assert await collect(repo, wave) == found


async def test_without_commit_the_changes_are_rescued_only(repo: Repo, wave: Repository, work: Path) -> None:
    repo.write("new.txt", "n", at=work)
    for _ in range(2):
        found = await collect(repo, wave, commit=False)
        assert found.head == repo.tip("one") == repo.tip("main")
        assert found.left_over == ("new.txt",)
        assert repo.show(f"{RESCUE}:new.txt") == "n"
        assert repo.status(work) == "?? new.txt"


async def test_after_a_crash_between_branch_and_index_the_worktree_ends_clean(
    repo: Repo, wave: Repository, work: Path
) -> None:
    index = repo.common / "worktrees/repo-wtone/index"
    before = index.read_bytes()
    repo.write("new.txt", "n", at=work)
    found = await collect(repo, wave)
    index.write_bytes(before)
    index.with_name("index.lock").write_text("")
    assert await collect(repo, wave) == found
    assert repo.status(work) == ""


async def test_after_a_crash_before_the_branch_moved_the_commit_is_the_same(
    repo: Repo, wave: Repository, work: Path
) -> None:
    repo.write("new.txt", "n", at=work)
    found = await collect(repo, wave)
    repo.git("update-ref", "refs/heads/one", repo.tip("main"))
    for index in list((repo.common / "wavetree/index").iterdir()):
        index.with_name(f"{index.name}.lock").write_text("")
    assert await collect(repo, wave) == found


async def test_a_lost_or_broken_private_index_is_made_anew(repo: Repo, wave: Repository, work: Path) -> None:
    repo.write("new.txt", "n", at=work)
    for broken in (b"junk", None):
        index = wave.site.index(work)
        if broken:
            index.write_bytes(broken)
        else:
            index.unlink()
        found = await collect(repo, wave, commit=False)
        assert found.left_over == ("new.txt",)
        assert found.issues == ()


async def test_odd_file_names_are_committed_and_shown(repo: Repo, wave: Repository, work: Path) -> None:
    names = ["-rf", "--output=x", ":(exclude)*", "two\nlines", " lead", 'quo"te', "ünï", "[a]*?"]
    for name in names:
        repo.write(name, name, at=work)
    Path(os.fsdecode(os.fsencode(work) + b"/\xff\xfe")).write_text("raw")
    found = await collect(repo, wave)
    assert set(found.left_over) == {*names, "\\xff\\xfe"}
    assert "".join(found.files).encode()
    assert repo.files("one") > {*names, "\udcff\udcfe"}
    assert repo.status(work) == ""


async def test_symlinks_pipes_and_turned_about_folders_do_not_stop_it(
    repo: Repo, wave: Repository, work: Path
) -> None:
    (work / "link").symlink_to("/etc/passwd")
    os.mkfifo(work / "pipe")
    shutil.rmtree(work / "dir")
    (work / "dir").symlink_to("/tmp")
    (work / "a.txt").unlink()
    repo.write("a.txt/inside", "i", at=work)
    found = await collect(repo, wave)
    assert found.problem is None
    assert repo.files("one") == {".gitignore", "a.txt/inside", "b.txt", "dir", "link"}
    assert repo.show("one:link") == "/etc/passwd"
    assert repo.status(work) == ""


async def test_nested_repositories_and_huge_files_are_named_not_taken(
    repo: Repo, wave: Repository, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_changes, "LARGEST", 1000)
    repo.git("init", "-q", "nested", at=work)
    repo.commit({"x": "x"}, at=work / "nested")
    repo.git("init", "-q", "empty-nested", at=work)
    repo.write("huge.bin", "x" * 1001, at=work)
    repo.write("fine.txt", "f", at=work)
    found = await collect(repo, wave)
    assert found.files == ("fine.txt",)
    assert any("nested/: a git repository" in issue for issue in found.issues)
    assert any("huge.bin: not committed" in issue for issue in found.issues)
    assert (work / "huge.bin").exists()


async def test_a_file_that_may_not_be_read_is_named(repo: Repo, wave: Repository, work: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    repo.write("secret", "s", at=work).chmod(0)
    repo.write("fine.txt", "f", at=work)
    found = await collect(repo, wave)
    assert found.files == ("fine.txt",)
    assert any(issue.startswith("secret: not committed") for issue in found.issues)


async def test_a_worktree_deleted_by_hand_is_a_clear_problem(
    repo: Repo, wave: Repository, work: Path
) -> None:
    head = repo.commit({"n.txt": "n"}, at=work)
    shutil.rmtree(work)
    found = await collect(repo, wave)
    assert found.problem and found.problem.type == "EnvironmentError"
    assert str(work) in found.problem.message
    assert found.head == head == repo.tip(RESCUE)
    assert 2 <= len(found.problem.hints) <= 4


async def test_a_worktree_removed_with_git_keeps_its_branch(repo: Repo, wave: Repository, work: Path) -> None:
    head = repo.commit({"n.txt": "n"}, at=work)
    repo.git("worktree", "remove", "--force", str(work))
    found = await collect(repo, wave)
    assert found.problem and found.problem.type == "EnvironmentError"
    assert found.head == head == repo.tip(RESCUE)


async def test_a_worktree_turned_into_a_link_elsewhere_is_not_followed(
    repo: Repo, wave: Repository, work: Path
) -> None:
    shutil.rmtree(work)
    work.symlink_to(repo.root)
    repo.write("mine.txt", "the person's")
    found = await collect(repo, wave)
    assert found.problem and found.problem.type == "EnvironmentError"
    assert found.left_over == ()


async def test_work_on_another_branch_is_told_and_rescued(repo: Repo, wave: Repository, work: Path) -> None:
    first = repo.commit({"first.txt": "1"}, at=work)
    repo.git("switch", "-q", "-c", "elsewhere", repo.tip("main"), at=work)
    repo.commit({"n.txt": "n"}, at=work)
    repo.write("left.txt", "l", at=work)
    found = await collect(repo, wave)
    assert found.problem and found.problem.type == "ImplementationError"
    assert "elsewhere" in found.problem.message
    assert found.head == repo.tip("one") == first
    assert repo.files(RESCUE) >= {"n.txt", "left.txt"}
    assert repo.git("merge-base", "--is-ancestor", first, RESCUE, ok=False).startswith("0")
    rescued = repo.tip(RESCUE)
    await collect(repo, wave)
    assert repo.tip(RESCUE) == rescued


async def test_work_on_a_detached_head_is_told_and_rescued(repo: Repo, wave: Repository, work: Path) -> None:
    repo.git("switch", "-q", "--detach", at=work)
    detached = repo.commit({"n.txt": "n"}, at=work)
    found = await collect(repo, wave)
    assert found.problem and "no branch" in found.problem.message
    assert repo.tip(RESCUE) == detached


async def test_a_merge_in_the_middle_is_told_and_rescued(repo: Repo, wave: Repository, work: Path) -> None:
    repo.commit({"a.txt": "main's\n"})
    base = repo.tip("main^")
    mine = repo.commit({"a.txt": "mine\n"}, at=work)
    repo.git("merge", "main", at=work, ok=False)
    found = await wave.collect(work, "one", base, commit=True, message=MESSAGE, at=AT, rescue=RESCUE)
    assert found.problem and found.problem.type == "ImplementationError"
    assert "merge" in found.problem.message
    assert found.head == mine == repo.tip("one")
    assert "<<<<<<<" in repo.show(f"{RESCUE}:a.txt")


async def test_a_rebase_in_the_middle_is_told_and_rescued(repo: Repo, wave: Repository, work: Path) -> None:
    repo.commit({"a.txt": "main's\n"})
    base = repo.tip("main^")
    mine = repo.commit({"a.txt": "mine\n"}, at=work)
    repo.git("rebase", "main", at=work, ok=False)
    found = await wave.collect(work, "one", base, commit=True, message=MESSAGE, at=AT, rescue=RESCUE)
    assert found.problem and found.problem.type == "ImplementationError"
    assert "rebase" in found.problem.message
    assert found.head == mine
    assert repo.git("merge-base", "--is-ancestor", mine, RESCUE, ok=False).startswith("0")


async def test_a_finished_rebase_onto_a_newer_base_is_fine(repo: Repo, wave: Repository, work: Path) -> None:
    base = repo.tip()
    repo.commit({"newer.txt": "n\n"})
    repo.commit({"mine.txt": "m\n"}, at=work)
    repo.git("rebase", "-q", "main", at=work)
    found = await wave.collect(work, "one", base, commit=True, message=MESSAGE, at=AT, rescue=RESCUE)
    assert found.problem is None
    assert found.files == ("mine.txt", "newer.txt")


async def test_a_branch_that_lost_its_base_is_told(repo: Repo, wave: Repository, work: Path) -> None:
    base = repo.commit({"second.txt": "2"})
    await wave.make_worktree(repo.wt("two"), "two", base, NOTHING)
    repo.git("reset", "-q", "--hard", "HEAD^", at=repo.wt("two"))
    repo.commit({"n.txt": "n"}, at=repo.wt("two"))
    found = await wave.collect(
        repo.wt("two"), "two", base, commit=True, message=MESSAGE, at=AT, rescue=RESCUE
    )
    assert found.problem and found.problem.type == "ImplementationError"


async def test_a_deleted_branch_is_told(repo: Repo, wave: Repository, work: Path) -> None:
    repo.git("switch", "-q", "--detach", at=work)
    work_done = repo.commit({"n.txt": "n"}, at=work)
    repo.git("branch", "-D", "one", at=work)
    found = await collect(repo, wave)
    assert found.problem and found.problem.type == "ImplementationError"
    assert found.head == repo.tip("main")
    assert repo.tip(RESCUE) == work_done


async def test_conflicts_without_a_merge_are_told(repo: Repo, wave: Repository, work: Path) -> None:
    repo.write("a.txt", "stashed\n", at=work)
    repo.git("stash", "-q", at=work)
    repo.commit({"a.txt": "committed\n"}, at=work)
    repo.git("stash", "pop", at=work, ok=False)
    found = await collect(repo, wave)
    assert found.problem and "conflicts" in found.problem.message
    assert "<<<<<<<" in repo.show(f"{RESCUE}:a.txt")


async def test_what_was_staged_and_then_changed_again_is_rescued_too(
    repo: Repo, wave: Repository, work: Path
) -> None:
    repo.write("a.txt", "staged\n", at=work)
    repo.git("add", "a.txt", at=work)
    repo.write("a.txt", "final\n", at=work)
    repo.write("gone.txt", "only staged\n", at=work)
    repo.git("add", "gone.txt", at=work)
    (work / "gone.txt").unlink()
    found = await collect(repo, wave)
    assert repo.show("one:a.txt") == "final"
    assert repo.show(f"{RESCUE}^2:a.txt") == "staged"
    assert repo.show(f"{RESCUE}^2:gone.txt") == "only staged"
    rescued = repo.tip(RESCUE)
    assert await collect(repo, wave) == found
    assert repo.tip(RESCUE) == rescued


async def test_edits_hidden_from_git_by_the_agent_are_found(repo: Repo, wave: Repository, work: Path) -> None:
    repo.git("update-index", "--assume-unchanged", "a.txt", at=work)
    repo.git("update-index", "--skip-worktree", "b.txt", at=work)
    repo.write("a.txt", "hidden 1", at=work)
    repo.write("b.txt", "hidden 2", at=work)
    found = await collect(repo, wave)
    assert found.left_over == ("a.txt", "b.txt")


async def test_an_edit_of_the_same_size_in_the_same_second_is_found(
    repo: Repo, wave: Repository, work: Path
) -> None:
    (work / "a.txt").write_text("b\n")
    assert (await collect(repo, wave)).left_over == ("a.txt",)


async def test_submodules_are_left_alone_until_the_agent_moves_them(repo: Repo, wave: Repository) -> None:
    library = repo.beside / "library"
    repo.git("init", "-q", str(library))
    repo.commit({"l.txt": "1"}, at=library)
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "lib")
    base = repo.commit({})
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    assert await wave.changed(repo.wt()) == ()
    assert (await collect(repo, wave)).left_over == ()
    repo.git("-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", at=repo.wt())
    assert (await collect(repo, wave)).left_over == ()
    repo.git("config", "core.fsmonitor", f"touch {repo.beside}/sentinel", at=repo.wt() / "lib")
    repo.commit({"l.txt": "2"}, at=repo.wt() / "lib")
    found = await collect(repo, wave)
    assert found.left_over == ("lib",)
    assert "submodules" in await wave.cleanup(repo.wt(), "one", found.head)
