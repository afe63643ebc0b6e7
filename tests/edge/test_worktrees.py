"""Worktrees are made once however often they are asked for, and only the engine's own are ever removed."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.core.errors import GitError
from engine.core.plan import Setup
from engine.edge.git_repository import Repository
from engine.edge.git_site import Mark


async def test_a_worktree_is_clean_on_its_own_branch_at_the_base(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "feature/one", base, NOTHING)
    assert repo.git("symbolic-ref", "HEAD", at=repo.wt()) == "refs/heads/feature/one"
    assert repo.tip("HEAD", repo.wt()) == base
    assert repo.status(repo.wt()) == ""
    assert (repo.wt() / "dir/c.txt").read_text() == "c\n"
    assert repo.status() == ""


async def test_sixteen_worktrees_can_be_asked_for_at_once(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await asyncio.gather(
        *(wave.make_worktree(repo.wt(f"{n}"), f"task/{n}", base, NOTHING) for n in range(16))
    )
    for n in range(16):
        assert repo.status(repo.wt(f"{n}")) == ""
    assert len(repo.git("worktree", "list").splitlines()) == 17


async def test_asking_again_finds_the_worktree_done(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    inode = repo.wt().stat().st_ino
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    assert repo.wt().stat().st_ino == inode


async def test_an_existing_branch_is_never_taken_over(repo: Repo, wave: Repository) -> None:
    repo.git("branch", "one")
    with pytest.raises(GitError, match="one exists already"):
        await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    assert repo.exists("refs/heads/one")
    assert not repo.wt().exists()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
async def test_what_is_in_the_way_stays_and_nothing_is_left_behind(
    repo: Repo, wave: Repository, kind: str
) -> None:
    if kind == "file":
        repo.wt().write_text("mine")
    elif kind == "folder":
        repo.write("mine.txt", "mine", at=repo.wt())
    else:
        repo.wt().symlink_to(repo.root)
    with pytest.raises(GitError, match="is there already"):
        await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    await wave.undo_worktree(repo.wt(), "one", repo.tip())
    assert os.path.lexists(repo.wt())
    assert not repo.exists("refs/heads/one")
    assert (repo.root / "a.txt").exists()


async def test_git_s_own_words_reach_the_person_and_the_batch_is_undone(repo: Repo, wave: Repository) -> None:
    repo.git("branch", "feature")
    with pytest.raises(GitError, match="feature/one"):
        await wave.make_worktree(repo.wt(), "feature/one", repo.tip(), NOTHING)
    assert not repo.wt().exists()
    assert wave.site.marks() == []


async def test_undo_takes_worktree_branch_and_notes_back(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    for _ in range(2):
        await wave.undo_worktree(repo.wt(), "one", base)
        assert not repo.wt().exists()
        assert not repo.exists("refs/heads/one")
        assert len(repo.git("worktree", "list").splitlines()) == 1


async def test_undo_keeps_a_branch_that_has_work_on_it(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    work = repo.commit({"n.txt": "n"}, at=repo.wt())
    await wave.undo_worktree(repo.wt(), "one", base)
    assert repo.tip("one") == work


def half_made_without_commondir(repo: Repo) -> None:
    (repo.common / "worktrees/repo-wtone/commondir").write_text("")


def half_written_gitdir(repo: Repo) -> None:
    (repo.common / "worktrees/repo-wtone/gitdir").write_text(str(repo.wt())[:9])
    (repo.common / "worktrees/repo-wtone/commondir").unlink()
    shutil.rmtree(repo.wt())


def notes_only(repo: Repo) -> None:
    shutil.rmtree(repo.wt())


def branch_only(repo: Repo) -> None:
    shutil.rmtree(repo.wt())
    shutil.rmtree(repo.common / "worktrees")


def folder_only(repo: Repo) -> None:
    shutil.rmtree(repo.common / "worktrees/repo-wtone")
    repo.git("update-ref", "-d", "refs/heads/one")


def locks_left(repo: Repo) -> None:
    for lock in ("worktrees/repo-wtone/index.lock", "worktrees/repo-wtone/HEAD.lock", "refs/heads/one.lock"):
        (repo.common / lock).write_text("")


def half_checked_out(repo: Repo) -> None:
    (repo.wt() / "a.txt").unlink()
    (repo.common / "worktrees/repo-wtone/index").unlink()


def nothing_but_the_mark(repo: Repo) -> None:
    branch_only(repo)
    repo.git("update-ref", "-d", "refs/heads/one")


@pytest.mark.parametrize(
    "crash",
    [
        half_made_without_commondir,
        half_written_gitdir,
        notes_only,
        branch_only,
        folder_only,
        locks_left,
        half_checked_out,
        nothing_but_the_mark,
    ],
    ids=lambda crash: crash.__name__,
)
async def test_a_worktree_left_half_made_is_wiped_and_made_anew(repo: Repo, wave: Repository, crash) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    wave.site.write_mark(Mark(str(repo.wt()), "one", base, "making"))
    crash(repo)
    await wave.heal()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    assert repo.status(repo.wt()) == ""
    assert repo.tip("HEAD", repo.wt()) == base
    assert len(repo.git("worktree", "list").splitlines()) == 2
    assert not list(repo.common.rglob("*.lock"))


async def test_half_made_notes_poison_the_repository_until_they_are_healed(
    repo: Repo, wave: Repository
) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    wave.site.write_mark(Mark(str(repo.wt()), "one", base, "making"))
    half_made_without_commondir(repo)
    assert repo.git("worktree", "list", ok=False).startswith("128 ")
    said = await wave.heal()
    assert said and "half-made" in said[0]
    await wave.make_worktree(repo.wt("two"), "two", base, NOTHING)
    assert repo.git("worktree", "list", ok=False).startswith("0 ")


async def test_healing_leaves_the_person_s_own_locks_and_worktrees_alone(
    repo: Repo, wave: Repository
) -> None:
    repo.git("worktree", "add", "-q", "-b", "mine", str(repo.wt("mine")))
    (repo.common / "index.lock").write_text("")
    (repo.common / "refs/heads/mine.lock").write_text("")
    assert await wave.heal() == []
    assert (repo.common / "index.lock").exists()
    assert (repo.common / "refs/heads/mine.lock").exists()
    assert repo.wt("mine").is_dir()


async def test_healing_drops_locks_of_agents_that_are_dead_only(repo: Repo, wave: Repository) -> None:
    for name in ("dead", "alive"):
        await wave.make_worktree(repo.wt(name), name, repo.tip(), NOTHING)
        (repo.common / f"worktrees/repo-wt{name}/index.lock").write_text("")
        (repo.common / f"refs/heads/{name}.lock").write_text("")
    await wave.heal([repo.wt("dead")])
    assert not (repo.common / "worktrees/repo-wtdead/index.lock").exists()
    assert not (repo.common / "refs/heads/dead.lock").exists()
    assert (repo.common / "worktrees/repo-wtalive/index.lock").exists()
    assert (repo.common / "refs/heads/alive.lock").exists()


async def test_set_up_files_are_copied_and_linked_and_stay_out_of_commits(
    repo: Repo, wave: Repository
) -> None:
    repo.write(".env", "SECRET=1")
    repo.write("notes/private.txt", "p")
    repo.write("node_modules/x/index.js", "x")
    repo.write("dir/c.txt", "changed in the checkout")
    setup = Setup(copy=(".env", "notes", "dir"), link=("node_modules",))
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, setup)
    assert (repo.wt() / ".env").read_text() == "SECRET=1"
    assert (repo.wt() / "node_modules").readlink() == repo.root / "node_modules"
    assert (repo.wt() / "dir/c.txt").read_text() == "c\n"
    repo.write("notes/new.txt", "by the agent", at=repo.wt())
    found = await wave.collect(
        repo.wt(), "one", base, commit=True, message="m", at=1, rescue="refs/wavetree/rescue/r1/one/1"
    )
    assert found.left_over == ("notes/new.txt",)
    assert "node_modules" not in repo.files(found.head)


@pytest.mark.parametrize("entry", ["../outside", "/etc/passwd", "leads-out", ".git/config", ""])
async def test_set_up_files_stay_inside_the_checkout(repo: Repo, wave: Repository, entry: str) -> None:
    (repo.beside / "outside").write_text("x")
    (repo.root / "leads-out").symlink_to(repo.beside / "outside")
    with pytest.raises(GitError, match="outside the checkout"):
        await wave.make_worktree(repo.wt(), "one", repo.tip(), Setup(copy=(entry,)))
    assert not repo.wt().exists()
    assert not repo.exists("refs/heads/one")


async def test_every_missing_set_up_file_is_named(repo: Repo, wave: Repository) -> None:
    with pytest.raises(GitError, match=r"no1, no2"):
        await wave.make_worktree(repo.wt(), "one", repo.tip(), Setup(copy=("no1", "a.txt"), link=("no2",)))
    assert not repo.wt().exists()


async def test_a_set_up_file_does_not_follow_a_symlink_of_the_repository(
    repo: Repo, wave: Repository
) -> None:
    (repo.root / "way").symlink_to(repo.beside)
    base = repo.commit({}, "a link")
    (repo.root / "way").unlink()
    repo.write("way/secret", "s")
    with pytest.raises(GitError, match="symlink"):
        await wave.make_worktree(repo.wt(), "one", base, Setup(copy=("way/secret",)))
    assert not (repo.beside / "secret").exists()
    assert not repo.wt().exists()


async def test_the_gate_tree_follows_the_candidate_and_keeps_nothing_built_from_another(
    repo: Repo, wave: Repository
) -> None:
    first = repo.tip()
    second = repo.commit({"new.txt": "n", "a.txt": "second\n"}, "second")
    gate = repo.beside / "gate"
    assert not await wave.gate_tree(gate, second, NOTHING)
    repo.write("cache.log", "built from the second", at=gate)
    repo.write("junk/x.txt", "gone", at=gate)
    repo.write("b.txt", "broken by a gate", at=gate)
    (gate / "dir/c.txt").unlink()
    assert await wave.gate_tree(gate, second, NOTHING), "the second gate of the same commit"
    assert (gate / "cache.log").exists()
    assert not (gate / "junk").exists()
    assert (gate / "b.txt").read_text() != "broken by a gate"
    assert not await wave.gate_tree(gate, first, NOTHING)
    assert repo.status(gate) == ""
    assert repo.tip("HEAD", gate) == first
    assert not (gate / "new.txt").exists()
    assert not (gate / "junk").exists()
    assert not (gate / "cache.log").exists()
    assert (gate / "a.txt").read_text() == "a\n"


def gate_without_notes(repo: Repo, gate: Path) -> None:
    shutil.rmtree(repo.common / "worktrees/gate")


def gate_without_folder(repo: Repo, gate: Path) -> None:
    shutil.rmtree(gate)


def gate_without_git_file(repo: Repo, gate: Path) -> None:
    (gate / ".git").unlink()


def gate_with_broken_index(repo: Repo, gate: Path) -> None:
    for index in (repo.common / "wavetree/index").iterdir():
        index.write_bytes(b"junk")


def gate_with_locks(repo: Repo, gate: Path) -> None:
    (repo.common / "worktrees/gate/index.lock").write_text("")
    for index in list((repo.common / "wavetree/index").iterdir()):
        index.with_name(f"{index.name}.lock").write_text("")


@pytest.mark.parametrize(
    "crash",
    [gate_without_notes, gate_without_folder, gate_without_git_file, gate_with_broken_index, gate_with_locks],
    ids=lambda crash: crash.__name__,
)
async def test_a_gate_tree_left_in_pieces_is_made_whole(repo: Repo, wave: Repository, crash) -> None:
    sha, gate = repo.tip(), repo.beside / "gate"
    await wave.gate_tree(gate, sha, NOTHING)
    crash(repo, gate)
    await wave.gate_tree(gate, sha, NOTHING)
    assert repo.status(gate) == ""
    assert repo.tip("HEAD", gate) == sha


async def test_the_integration_branch_is_made_once_and_never_moved(repo: Repo, wave: Repository) -> None:
    sha = repo.tip()
    await wave.make_branch("wavetree/r1", sha)
    await wave.make_branch("wavetree/r1", sha)
    other = repo.commit({"x": "x"})
    with pytest.raises(GitError, match="exists already"):
        await wave.make_branch("wavetree/r1", other)
    assert repo.tip("wavetree/r1") == sha


async def done(repo: Repo, wave: Repository) -> str:
    """A worktree with one commit of an agent's; its head."""
    await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    return repo.commit({"new.txt": "n"}, at=repo.wt())


async def test_cleanup_removes_folder_notes_branch_and_candidate(repo: Repo, wave: Repository) -> None:
    head = await done(repo, wave)
    repo.git("update-ref", "refs/wavetree/candidate/one", head)
    for _ in range(2):
        assert await wave.cleanup(repo.wt(), "one", head, drop=["refs/wavetree/candidate/one"]) == ""
        assert not repo.wt().exists()
        assert not repo.exists("refs/heads/one")
        assert not repo.exists("refs/wavetree/candidate/one")
        assert len(repo.git("worktree", "list").splitlines()) == 1
    assert wave.site.marks() == []


async def test_cleanup_does_not_need_this_engine_s_mark(repo: Repo, wave: Repository) -> None:
    head = await done(repo, wave)
    wave.site.forget(repo.wt())
    assert await wave.cleanup(repo.wt(), "one", head) == ""
    assert not repo.wt().exists()


@pytest.mark.parametrize("change", ["new", "edited", "deleted", "repository"])
async def test_cleanup_keeps_what_no_ref_reaches(repo: Repo, wave: Repository, change: str) -> None:
    head = await done(repo, wave)
    if change == "new":
        repo.write("more.txt", "m", at=repo.wt())
    elif change == "edited":
        repo.write("a.txt", "edited", at=repo.wt())
    elif change == "deleted":
        (repo.wt() / "a.txt").unlink()
    else:
        repo.git("init", "-q", "nested", at=repo.wt())
        repo.commit({"x": "x"}, at=repo.wt() / "nested")
    reason = await wave.cleanup(repo.wt(), "one", head)
    assert str(repo.wt()) in reason
    assert repo.wt().is_dir()
    assert repo.exists("refs/heads/one")


async def test_cleanup_keeps_commits_that_were_not_merged(repo: Repo, wave: Repository) -> None:
    head = await done(repo, wave)
    repo.commit({"later.txt": "l"}, at=repo.wt())
    assert "not merged" in await wave.cleanup(repo.wt(), "one", head)
    repo.git("switch", "-q", "--detach", at=repo.wt())
    repo.git("branch", "-f", "one", head)
    assert "not merged" in await wave.cleanup(repo.wt(), "one", head)
    repo.git("update-ref", "refs/wavetree/rescue/r1/one/1", repo.tip("HEAD", repo.wt()))
    assert await wave.cleanup(repo.wt(), "one", head) == ""


async def test_cleanup_by_force_wants_the_changes_rescued_first(repo: Repo, wave: Repository) -> None:
    head = await done(repo, wave)
    repo.write("more.txt", "m", at=repo.wt())
    assert "no rescue ref" in await wave.cleanup(repo.wt(), "one", head, force=True)
    await wave.rescue(repo.wt(), "one", head, "refs/wavetree/rescue/r1/one/1")
    assert await wave.cleanup(repo.wt(), "one", head, force=True) == ""
    assert repo.show("refs/wavetree/rescue/r1/one/1:more.txt") == "m"


async def test_cleanup_goes_on_where_a_crash_left_it(repo: Repo, wave: Repository) -> None:
    head = await done(repo, wave)
    wave.site.write_mark(Mark(str(repo.wt()), "one", head, "removing"))
    shutil.rmtree(repo.common / "worktrees/repo-wtone")
    (repo.wt() / "a.txt").unlink()
    assert await wave.cleanup(repo.wt(), "one", head) == ""
    assert not repo.wt().exists()
    assert not repo.exists("refs/heads/one")


async def test_changed_sees_edits_by_anybody_and_locks_nothing(repo: Repo, wave: Repository) -> None:
    await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    for place in (repo.root, repo.wt()):
        assert await wave.changed(place) == ()
        repo.write("a.txt", "edited", at=place)
        repo.write("new.txt", "n", at=place)
        repo.write("x.log", "ignored", at=place)
        (place / "b.txt").unlink()
        repo.git("add", "a.txt", at=place)
        gitdir = Path(repo.git("rev-parse", "--absolute-git-dir", at=place))
        (gitdir / "index.lock").write_text("")
        assert await wave.changed(place) == ("a.txt", "b.txt", "new.txt")
        (gitdir / "index.lock").unlink()
        repo.commit({}, at=place)
        assert await wave.changed(place) == ()


async def test_many_may_ask_what_changed_at_the_same_time(repo: Repo, wave: Repository) -> None:
    repo.write("a.txt", "edited")
    assert await asyncio.gather(*(wave.changed(repo.root) for _ in range(8))) == [("a.txt",)] * 8


async def test_the_gate_tree_can_be_dropped_and_dropped_again(repo: Repo, wave: Repository) -> None:
    gate = repo.beside / "gate"
    await wave.gate_tree(gate, repo.tip(), NOTHING)
    for _ in range(2):
        await wave.drop_gate_trees()
        assert not gate.exists()
        assert len(repo.git("worktree", "list").splitlines()) == 1


async def test_changed_honours_the_repository_s_own_excludes(repo: Repo, wave: Repository) -> None:
    (repo.common / "info/exclude").write_text("scratch\n")
    repo.write("scratch", "s")
    assert await wave.changed(repo.root) == ()
