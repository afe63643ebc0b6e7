"""A task that builds on others before they are merged starts from their commits, after a crash too."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.core.errors import GitError
from engine.core.intents import Ground
from engine.edge.git_repository import Repository
from engine.edge.git_site import Mark
from engine.edge.grounds import Start

AT = 1_700_000_000


async def begun(repo: Repo, wave: Repository, name: str, *commits: dict[str, str]) -> Ground:
    """A task at work: its worktree with these commits of its agent."""
    base = repo.tip("main")
    await wave.make_worktree(repo.wt(name), name, base, NOTHING)
    for number, files in enumerate(commits):
        repo.commit(files, f"{name} {number}", at=repo.wt(name))
    return Ground(name, 1, name, base)


async def build(repo: Repo, wave: Repository, *on: Ground, tip: str = "") -> Start:
    return await wave.make_worktree(repo.wt("top"), "top", tip or repo.tip("main"), NOTHING, on, AT)


async def test_it_starts_at_the_very_commit_of_the_other(repo: Repo, wave: Repository) -> None:
    first = await begun(repo, wave, "first", {"schema.txt": "1\n"}, {"schema.txt": "2\n"})
    start = await build(repo, wave, first)
    assert start == Start(repo.tip("first"), holds=("first",))
    assert (repo.wt("top") / "schema.txt").read_text() == "2\n"
    assert repo.tip("top") == repo.tip("first")
    assert repo.status(repo.wt("top")) == ""


async def test_without_a_commit_of_the_other_it_starts_at_the_tip_and_says_so(
    repo: Repo, wave: Repository
) -> None:
    first = await begun(repo, wave, "first")
    start = await build(repo, wave, first, Ground("gone", 1, "gone"))
    assert (start.commit, start.holds) == (repo.tip("main"), ())
    assert start.lacks == (
        "starts without work of first: there is no commit of it yet",
        "starts without work of gone: there is no commit of it yet",
    )


async def test_it_has_the_commits_of_several_and_what_was_merged_meanwhile(
    repo: Repo, wave: Repository
) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    second = await begun(repo, wave, "second", {"second.txt": "2\n"})
    merged = repo.commit({"merged.txt": "m\n"}, "merged meanwhile")
    start = await build(repo, wave, first, second)
    assert start.holds == ("first", "second")
    assert {"first.txt", "second.txt", "merged.txt"} <= repo.files(start.commit)
    parents = repo.git("log", "--format=%P", "--merges", start.commit).split()
    assert {merged, repo.tip("first"), repo.tip("second")} < set(parents)
    assert repo.git("show", "-s", "--format=%s %ct", start.commit) == f"Start of top {AT}"
    await wave.make_worktree(repo.wt("again"), "again", merged, NOTHING, (first, second), AT)
    assert repo.git("show", "-s", "--format=%T", "again") == repo.git("show", "-s", "--format=%T", "top")


async def test_of_two_that_clash_the_later_need_is_left_out_and_named(repo: Repo, wave: Repository) -> None:
    first = await begun(repo, wave, "first", {"a.txt": "first\n"})
    second = await begun(repo, wave, "second", {"a.txt": "second\n"})
    start = await build(repo, wave, first, second)
    assert (start.commit, start.holds) == (repo.tip("first"), ("first",))
    assert start.lacks == ("starts without the work of second: it clashes in a.txt with the rest",)


async def test_of_one_built_on_what_was_replayed_only_its_own_commits_are_taken_over(
    repo: Repo, wave: Repository
) -> None:
    """The first went on after the second started from its draft, and was merged as copies of its commits."""
    first = await begun(repo, wave, "first", {"schema.txt": "draft\n"})
    second = await wave.make_worktree(repo.wt("second"), "second", repo.tip("main"), NOTHING, (first,), AT)
    repo.commit({"second.txt": "2\n"}, at=repo.wt("second"))
    merged = repo.commit({"schema.txt": "final\n"}, "the first, merged")
    start = await build(repo, wave, Ground("second", 1, "second", second.commit), tip=merged)
    assert start.holds == ("second",)
    assert repo.show(f"{start.commit}:schema.txt") == "final"
    assert repo.show(f"{start.commit}:second.txt") == "2"


async def test_what_is_in_the_first_already_is_not_merged_again(repo: Repo, wave: Repository) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    await wave.make_worktree(repo.wt("second"), "second", repo.tip("main"), NOTHING, (first,), AT)
    repo.commit({"second.txt": "2\n"}, at=repo.wt("second"))
    start = await build(repo, wave, Ground("second", 1, "second"), first)
    assert start == Start(repo.tip("second"), holds=("second", "first"))


# ── after a crash ───────────────────────────────────────────────────────────────────────────────────


async def test_made_before_a_crash_it_is_told_as_it_was_though_the_other_went_on(
    repo: Repo, wave: Repository
) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    empty = await begun(repo, wave, "empty")
    before = await build(repo, wave, first, empty)
    repo.commit({"first.txt": "2\n"}, at=repo.wt("first"))
    repo.commit({"empty.txt": "2\n"}, at=repo.wt("empty"))
    again = await Repository.open(repo.root, repo.state)
    assert await build(repo, again, first, empty) == before
    assert (before.holds, len(before.lacks)) == (("first",), 1)
    await again.close()


@pytest.mark.parametrize("done", ["noted", "branch", "worktree"])
async def test_begun_before_a_crash_it_is_made_anew_from_the_others_newest_commit(
    repo: Repo, wave: Repository, done: str
) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    old, path = repo.tip("first"), repo.wt("top")
    wave.site.write_mark(Mark(str(path), "top", old, "making", (), ("first",)))
    if done == "branch":
        repo.git("branch", "top", old)
    if done == "worktree":
        repo.git("worktree", "add", "-q", "--no-checkout", "-b", "top", str(path), old)
    new = repo.commit({"first.txt": "2\n"}, at=repo.wt("first"))
    await wave.heal()
    assert await build(repo, wave, first) == Start(new, holds=("first",))
    assert (path / "first.txt").read_text() == "2\n"
    assert repo.status(path) == ""
    assert repo.tip("top") == new


async def test_a_worktree_whose_agent_has_committed_is_never_taken_for_a_new_one(
    repo: Repo, wave: Repository
) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    await build(repo, wave, first)
    work = repo.commit({"top.txt": "work\n"}, at=repo.wt("top"))
    with pytest.raises(GitError, match="is there already"):
        await build(repo, wave, first)
    assert repo.tip("top") == work


async def test_taken_back_it_leaves_the_branch_it_was_built_on(repo: Repo, wave: Repository) -> None:
    first = await begun(repo, wave, "first", {"first.txt": "1\n"})
    start = await build(repo, wave, first)
    await wave.undo_worktree(repo.wt("top"), "top", start.commit)
    assert not Path(repo.wt("top")).exists()
    assert not repo.exists("top")
    assert repo.tip("first") == start.commit
