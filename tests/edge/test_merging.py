"""Merges are made off to the side, one commit for the same inputs, and branches move by compare-and-swap."""

from __future__ import annotations

import os

import pytest
from real_repository import Repo

from engine.core.errors import GitError
from engine.core.settled import Settled
from engine.edge.git_repository import Repository
from engine.edge.merging import Candidate, Clash, Sync

KEEP = "refs/wavetree/candidate/one"


async def candidate(wave: Repository, tip: str, head: str, base: str, at: int = 1_700_000_000) -> str | Clash:
    made = await wave.candidate(
        tip=tip, head=head, base=base, message="Merge one\n\nWavetree-Task: one", at=at, keep=KEEP
    )
    return made.sha if isinstance(made, Candidate) else made


def fork(repo: Repo, name: str, files: dict[str, str], base: str, *more: dict[str, str]) -> str:
    """A branch at `base` with a commit for each set of files; its tip. The checkout goes back to main."""
    repo.git("switch", "-q", "-c", name, base)
    for number, content in enumerate((files, *more)):
        repo.commit(content, f"{name} {number}")
    tip = repo.tip()
    repo.git("switch", "-q", "main")
    return tip


async def test_a_candidate_merges_the_rebased_branch_into_the_tip(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    head = fork(repo, "one", {"one.txt": "1\n"}, base, {"one.txt": "2\n"}, {"two.txt": "2\n"})
    tip = fork(repo, "other", {"other.txt": "o\n"}, base)
    sha = await candidate(wave, tip, head, base)
    assert isinstance(sha, str)
    first, second = repo.git("show", "-s", "--format=%P", sha).split()
    assert first == tip
    assert repo.git("merge-base", tip, second) == tip
    assert repo.git("log", "--reverse", "--format=%s %an", f"{tip}..{second}").splitlines() == [
        "one 0 Ada",
        "one 1 Ada",
        "one 2 Ada",
    ]
    assert {"one.txt", "two.txt", "other.txt"} <= repo.files(sha)
    assert repo.show(f"{sha}:one.txt") == "2"
    assert repo.tip(KEEP) == sha
    assert repo.status() == ""


async def test_a_branch_built_on_another_brings_only_its_own_commits_after_that_one_was_replayed(
    repo: Repo, wave: Repository
) -> None:
    start = repo.tip()
    milestone = fork(repo, "first", {"schema.txt": "draft\n"}, start)
    head = fork(repo, "second", {"second.txt": "2\n"}, milestone, {"second.txt": "3\n"})
    repo.git("switch", "-q", "first")
    finished = repo.commit({"schema.txt": "final\n"}, "first 1")
    repo.git("switch", "-q", "main")
    other = fork(repo, "other", {"other.txt": "o\n"}, start)
    tip = await candidate(wave, other, finished, start)
    assert isinstance(tip, str)
    sha = await candidate(wave, tip, head, milestone)
    assert isinstance(sha, str)
    subjects = repo.git("log", "--reverse", "--topo-order", "--format=%s", f"{tip}..{sha}").splitlines()
    assert subjects == ["second 0", "second 1", "Merge one"]
    assert (repo.show(f"{sha}:schema.txt"), repo.show(f"{sha}:second.txt")) == ("final", "3")


async def test_a_branch_that_adds_nothing_to_the_one_it_was_built_on_is_no_merge(
    repo: Repo, wave: Repository
) -> None:
    start = repo.tip()
    milestone = fork(repo, "first", {"schema.txt": "draft\n"}, start)
    tip = fork(repo, "other", {"other.txt": "o\n"}, start)
    assert await candidate(wave, tip, milestone, milestone) == tip


async def test_the_same_inputs_give_the_same_commit(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    head = fork(repo, "one", {"one.txt": "1\n"}, base, {"b.txt": "2\n"})
    tip = fork(repo, "other", {"other.txt": "o\n"}, base)
    first = await candidate(wave, tip, head, base)
    again = await Repository.open(repo.root, repo.state / "again")
    assert await candidate(again, tip, head, base) == first
    assert await candidate(wave, tip, head, base, at=1_700_000_001) != first
    await again.close()


async def test_author_date_and_encoding_of_a_replayed_commit_stay(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    repo.git("switch", "-q", "-c", "one")
    repo.write("one.txt", "1")
    repo.git("add", "-A")
    repo.git(
        "-c",
        "i18n.commitEncoding=ISO-8859-1",
        "-c",
        "user.name=Gr\udcfcn",
        "commit",
        "-qm",
        "gr\udcfcn",
        "--date=2001-02-03T04:05:06+0200",
    )
    head = repo.tip()
    repo.git("switch", "-q", "main")
    tip = fork(repo, "other", {"other.txt": "o\n"}, base)
    sha = await candidate(wave, tip, head, base)
    assert repo.git("show", "-s", "--format=%an %ai %s", f"{sha}^2") == "Grün 2001-02-03 04:05:06 +0200 grün"


async def test_a_branch_at_the_tip_is_merged_as_it_is(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    head = fork(repo, "one", {"one.txt": "1\n"}, base)
    sha = await candidate(wave, base, head, base)
    assert repo.git("show", "-s", "--format=%P", str(sha)).split() == [base, head]


async def test_a_branch_with_merges_in_it_is_merged_as_a_whole(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    side = fork(repo, "side", {"side.txt": "s\n"}, base)
    repo.git("switch", "-q", "-c", "one", base)
    repo.commit({"one.txt": "1\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "side", side)
    head = repo.tip()
    repo.git("switch", "-q", "main")
    tip = fork(repo, "other", {"other.txt": "o\n"}, base)
    sha = await candidate(wave, tip, head, base)
    assert repo.git("show", "-s", "--format=%P", str(sha)).split() == [tip, head]


async def test_commits_that_only_merge_together_are_merged_as_a_whole(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    head = fork(repo, "one", {"a.txt": "mine\n"}, base, {"a.txt": "a\n", "n.txt": "n\n"})
    tip = fork(repo, "other", {"a.txt": "theirs\n"}, base)
    sha = await candidate(wave, tip, head, base)
    assert repo.git("show", "-s", "--format=%P", str(sha)).split() == [tip, head]
    assert repo.show(f"{sha}:a.txt") == "theirs"


async def test_work_that_is_in_the_tip_already_needs_no_commit(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    tip = repo.commit({"more.txt": "m"})
    assert await candidate(wave, tip, base, base) == tip


async def test_a_clash_names_every_file_and_changes_nothing(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    odd = "new\nline.txt"
    head = fork(repo, "one", {"a.txt": "1\n", "-dash": "1\n", odd: "1\n", "dir/c.txt": "fine\n"}, base)
    tip = fork(repo, "other", {"a.txt": "2\n", "-dash": "2\n", odd: "2\n"}, base)
    refs = repo.git("for-each-ref")
    clash = await candidate(wave, tip, head, base)
    assert isinstance(clash, Clash)
    assert set(clash.files) == {"a.txt", "-dash", odd}
    assert "CONFLICT" in clash.detail
    assert "a.txt" in clash.detail
    assert repo.git("for-each-ref") == refs
    assert repo.status() == ""
    assert not (repo.common / "MERGE_HEAD").exists()


async def test_a_file_deleted_here_and_changed_there_clashes(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    repo.git("switch", "-q", "-c", "one")
    repo.git("rm", "-q", "a.txt")
    repo.git("commit", "-qm", "gone")
    head = repo.tip()
    repo.git("switch", "-q", "main")
    tip = fork(repo, "other", {"a.txt": "2\n"}, base)
    clash = await candidate(wave, tip, head, base)
    assert isinstance(clash, Clash)
    assert clash.files == ("a.txt",)


async def test_a_name_that_is_not_utf_8_can_clash_and_be_written_down(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    head = fork(repo, "one", {"\udcff.txt": "1\n"}, base)
    tip = fork(repo, "other", {"\udcff.txt": "2\n"}, base)
    clash = await candidate(wave, tip, head, base)
    assert isinstance(clash, Clash)
    assert clash.files == ("\\xff.txt",)


async def test_union_in_gitattributes_is_honoured(repo: Repo, wave: Repository) -> None:
    base = repo.commit({".gitattributes": "CHANGES merge=union\n", "CHANGES": "top\n"})
    head = fork(repo, "one", {"CHANGES": "top\none\n"}, base)
    tip = fork(repo, "other", {"CHANGES": "top\nother\n"}, base)
    sha = await candidate(wave, tip, head, base)
    assert set(repo.show(f"{sha}:CHANGES").split()) == {"top", "one", "other"}


async def sync(wave: Repository, tip: str) -> Sync | Clash:
    return await wave.sync(base_branch="main", tip=tip, message="Merge main", at=5, keep="refs/wavetree/sync")


async def test_a_base_that_stood_still_needs_no_merge(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    tip = fork(repo, "one", {"one.txt": "1\n"}, base)
    assert await sync(wave, tip) == Sync(base, tip)


async def test_a_base_that_moved_is_merged_in(repo: Repo, wave: Repository) -> None:
    tip = fork(repo, "one", {"one.txt": "1\n"}, repo.tip())
    moved = repo.commit({"by-hand.txt": "h\n"})
    made = await sync(wave, tip)
    assert isinstance(made, Sync)
    assert repo.git("show", "-s", "--format=%P", made.sha).split() == [tip, moved]
    assert await sync(wave, tip) == made
    assert repo.tip("refs/wavetree/sync") == made.sha
    repo.git("merge", "-q", "--no-ff", "-m", "by hand", tip)
    assert await sync(wave, tip) == Sync(repo.tip(), repo.tip())


async def test_a_base_that_moved_against_the_work_clashes(repo: Repo, wave: Repository) -> None:
    tip = fork(repo, "one", {"a.txt": "1\n"}, repo.tip())
    moved = repo.commit({"a.txt": "2\n"})
    clash = await sync(wave, tip)
    assert isinstance(clash, Clash)
    assert (clash.files, clash.theirs) == (("a.txt",), moved)


async def test_a_base_that_is_gone_is_an_error(repo: Repo, wave: Repository) -> None:
    with pytest.raises(GitError, match="nowhere"):
        await wave.sync(base_branch="nowhere", tip=repo.tip(), message="m", at=1, keep="refs/wavetree/sync")


async def test_a_branch_advances_once_and_says_so_again(repo: Repo, wave: Repository) -> None:
    old = repo.tip()
    new = fork(repo, "next", {"n": "n"}, old)
    later = fork(repo, "later", {"l": "l"}, new)
    await wave.make_branch("wavetree/r1", old)
    assert await wave.advance("wavetree/r1", old, new) == new
    assert await wave.advance("wavetree/r1", old, new) == new
    repo.git("update-ref", "refs/heads/wavetree/r1", later)
    assert await wave.advance("wavetree/r1", old, new) == new
    assert repo.tip("wavetree/r1") == later


async def test_a_branch_moved_by_somebody_else_is_left_where_it_is(repo: Repo, wave: Repository) -> None:
    old = repo.tip()
    new = fork(repo, "next", {"n": "n"}, old)
    foreign = fork(repo, "foreign", {"f": "f"}, old)
    await wave.make_branch("wavetree/r1", foreign)
    assert await wave.advance("wavetree/r1", old, new) == foreign
    assert repo.tip("wavetree/r1") == foreign


async def test_a_branch_that_is_gone_cannot_advance(repo: Repo, wave: Repository) -> None:
    old = repo.tip()
    new = fork(repo, "next", {"n": "n"}, old)
    with pytest.raises(GitError):
        await wave.advance("wavetree/r1", old, new)
    assert not repo.exists("refs/heads/wavetree/r1")


async def test_an_answer_for_a_file_whose_name_is_no_text_is_put_under_that_very_name(
    repo: Repo, wave: Repository
) -> None:
    """M129: nothing with marks in it is left beside the answer"""
    odd = os.fsdecode(b"caf\xe9.txt")
    base = repo.commit({odd: "a\n"})
    head = fork(repo, "one", {odd: "one\n"}, base)
    tip = fork(repo, "other", {odd: "other\n"}, base)
    clash = await candidate(wave, tip, head, base)
    assert isinstance(clash, Clash)
    assert clash.files == ("caf\\xe9.txt",)
    answer = Settled(clash.files[0], *clash.stages[clash.files[0]], repo.git("rev-parse", f"{head}:{odd}"))
    made = await wave.candidate(
        tip=tip, head=head, base=base, message="Merge one", at=1_700_000_000, keep=KEEP, settled=[answer]
    )
    assert isinstance(made, Candidate)
    assert repo.show(f"{made.sha}:{odd}") == "one"
    assert repo.files(made.sha) == repo.files(base)
