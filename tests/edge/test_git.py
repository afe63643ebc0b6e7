"""git runs in its own surroundings: no program of the repository's config, no variable of the shell."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_repository import NOTHING, Repo

from engine.core.errors import GitError, PreflightError
from engine.edge.git import AGENT_GIT_ENV, branch_ref
from engine.edge.git_repository import Repository
from engine.edge.view import common_dir, git_dir

HOOKS = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit"),
    *("prepare-commit-msg", "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge"),
    *("pre-push", "reference-transaction", "post-index-change", "fsmonitor-watchman", "post-rewrite"),
    *("pre-auto-gc", "proc-receive", "push-to-checkout", "sendemail-validate"),
)
PROGRAMS = (
    *("core.fsmonitor", "core.editor", "core.pager", "core.askPass", "core.sshCommand", "core.gitProxy"),
    *("core.alternateRefsCommand", "diff.external", "diff.evil.textconv", "diff.evil.command"),
    *("filter.evil.clean", "filter.evil.smudge", "merge.evil.driver", "gpg.program", "gpg.ssh.program"),
    *("sequence.editor", "credential.helper", "trailer.x.command", "uploadpack.packObjectsHook"),
)


def poison(repo: Repo) -> Path:
    """Hooks and config that leave a file `sentinel` when any of them runs; the folder it would be in."""
    traps = repo.beside / "traps"
    traps.mkdir()
    trap = traps / "trap"
    trap.write_text(f'#!/bin/sh\ntouch "{traps}/sentinel"\ncat\nexit 0\n')
    trap.chmod(0o755)
    (repo.common / "hooks").mkdir(exist_ok=True)
    for hook in HOOKS:
        shutil.copy(trap, repo.common / "hooks" / hook)
    for key in PROGRAMS:
        repo.git("config", key, str(trap))
    for key, value in {
        "core.hooksPath": str(repo.common / "hooks"),
        "commit.gpgSign": "true",
        "tag.gpgSign": "true",
        "log.showSignature": "true",
        "filter.evil.required": "true",
        "merge.default": "evil",
        "include.path": str(traps / "more"),
    }.items():
        repo.git("config", key, value)
    (traps / "more").write_text(f'[filter "evil"]\n\tprocess = {trap}\n')
    (repo.common / "info/attributes").write_text("* filter=evil diff=evil merge=evil\n")
    return traps


async def test_no_program_that_the_repository_names_ever_runs(repo: Repo) -> None:
    repo.commit({".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    base, one, two = repo.tip(), repo.wt("one"), repo.wt("two")
    traps = poison(repo)
    wave = await Repository.open(repo.root, repo.state)
    await wave.make_branch("wavetree/r1", base)
    for place, name in ((one, "one"), (two, "two")):
        await wave.make_worktree(place, name, base, NOTHING)
        repo.write("a.txt", f"{name}\n", at=place)
        repo.write(f"{name}.txt", f"{name}\n", at=place)
        assert len(await wave.changed(place)) == 2
    heads = [
        await wave.collect(
            repo.wt(n), n, base, commit=True, message="m", at=1, rescue=f"refs/wavetree/rescue/{n}"
        )
        for n in ("one", "two")
    ]
    options = {"base": base, "message": "m", "at": 1, "keep": "refs/wavetree/candidate/x"}
    made = await wave.candidate(tip=base, head=heads[0].head, **options)
    assert await wave.advance("wavetree/r1", base, made.sha) == made.sha
    clash = await wave.candidate(tip=made.sha, head=heads[1].head, **options)
    assert clash.files == ("a.txt",)
    await wave.gate_tree(repo.beside / "gate", made.sha, NOTHING)
    await wave.gate_tree(repo.beside / "gate", base, NOTHING)
    await wave.sync(base_branch="main", tip=made.sha, message="m", at=1, keep="refs/wavetree/sync")
    assert "filter" in (await wave.land("main", made.sha)).reason
    repo.git("config", "--remove-section", "filter.evil")
    (traps / "more").unlink()
    assert (await wave.land("main", made.sha)).done
    assert await wave.changed(repo.root) == ()
    assert await wave.cleanup(one, "one", heads[0].head) == ""
    await wave.check()
    await wave.heal()
    await wave.close()
    assert not (traps / "sentinel").exists()
    repo.git("status", ok=False)
    assert (traps / "sentinel").exists(), "the traps do not work at all"


async def test_a_replaced_git_file_leads_nowhere(repo: Repo, wave: Repository) -> None:
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    traps = repo.beside / "traps"
    evil = repo.beside / "evil"
    repo.git("init", "-q", str(evil))
    traps.mkdir()
    (traps / "trap").write_text(f"#!/bin/sh\ntouch {traps}/sentinel\n")
    (traps / "trap").chmod(0o755)
    repo.git("config", "core.fsmonitor", str(traps / "trap"), at=evil)
    (repo.wt() / ".git").write_text(f"gitdir: {evil}/.git\n")
    repo.write("a.txt", "edited", at=repo.wt())
    found = await wave.collect(
        repo.wt(), "one", base, commit=True, message="m", at=1, rescue="refs/wavetree/rescue/x"
    )
    assert found.left_over == ("a.txt",)
    assert repo.show("one:a.txt") == "edited"
    assert not (traps / "sentinel").exists()


async def test_variables_of_the_person_s_shell_do_not_reach_git(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere/index",
        "GIT_OBJECT_DIRECTORY": "/nowhere/objects",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        "LC_ALL": "de_DE.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    wave = await Repository.open(repo.root, repo.state)
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.delenv(name)
    assert await wave.tip("main") == repo.tip()
    await wave.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(
        st.text(max_size=12), st.sampled_from(["-x", "--output=x", "a..b", "@{-1}", "x\ny", "HEAD"])
    )
)
def test_no_name_is_ever_taken_for_an_option(repo: Repo, name: str) -> None:
    async def ask() -> None:
        wave = await Repository.open(repo.root, repo.state)
        before = sorted(repo.root.iterdir())
        try:
            await wave.make_branch(name, repo.tip())
            await wave.tip(name)
        except (GitError, UnicodeError):
            pass
        finally:
            await wave.close()
        assert sorted(repo.root.iterdir()) == before
        if repo.exists(f"refs/heads/{name}") if name.isprintable() and name and name[0] != "-" else False:
            repo.git("update-ref", "-d", branch_ref(name))

    asyncio.run(ask())


async def at_work(wave: Repository, marker: Path) -> asyncio.Future[bytes]:
    """A git of the engine's that is running now and would for a minute."""
    call = asyncio.ensure_future(wave.git.run("-c", f"alias.wait=!touch '{marker}'; exec sleep 60", "wait"))
    until = time.monotonic() + 10
    while not marker.exists() and time.monotonic() < until:  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.01)
    return call


async def test_the_engine_s_lock_is_held_until_the_last_writing_git_has_ended(repo: Repo) -> None:
    file = repo.beside / "engine.lock"
    fd = os.open(file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    wave = await Repository.open(repo.root, repo.state, fd)
    assert await wave.tip("main")
    call = await at_work(wave, repo.beside / "alive")
    os.close(fd)
    other = os.open(file, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    await wave.close()


async def test_a_git_that_never_ends_is_killed_with_its_children(repo: Repo, wave: Repository) -> None:
    began = time.monotonic()
    with pytest.raises(GitError, match="no answer"):
        await wave.git.run("-c", "alias.wait=!sleep 60 & sleep 60", "wait", timeout=0.3)
    assert time.monotonic() - began < 10


async def test_a_git_that_is_cancelled_is_killed(repo: Repo, wave: Repository) -> None:
    call = await at_work(wave, repo.beside / "alive")
    started = psutil.Process().children(recursive=True)
    assert started
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert psutil.wait_procs(started, timeout=10)[1] == []


async def test_look_ups_survive_the_death_of_the_git_that_answers(repo: Repo, wave: Repository) -> None:
    assert await wave.tip("main") == repo.tip()
    reader = wave.git._reader._process
    assert reader
    reader.kill()
    reader.wait()
    assert await wave.tip("main") == repo.tip()


async def test_look_ups_see_what_others_write(repo: Repo, wave: Repository) -> None:
    assert await wave.tip("one") is None
    repo.git("branch", "one")
    assert await wave.tip("one") == repo.tip()
    repo.git("pack-refs", "--all")
    later = repo.commit({"x": "x"})
    repo.git("gc", "-q")
    assert await wave.tip("main") == later
    assert await wave.tip("refs/heads/one") == repo.tip("one")
    assert await asyncio.gather(*(wave.tip("main") for _ in range(20))) == [later] * 20


async def test_the_view_shares_refs_and_packed_refs_both_ways(repo: Repo, wave: Repository) -> None:
    sha = repo.tip()
    await wave.make_branch("wavetree/r1", sha)
    assert repo.tip("wavetree/r1") == sha
    repo.git("pack-refs", "--all")
    later = repo.commit({"x": "x"})
    assert await wave.advance("wavetree/r1", sha, later) == later
    await wave.git.run("pack-refs", "--all")
    assert (wave.git.view / "packed-refs").is_symlink()
    assert repo.tip("wavetree/r1") == later
    assert repo.git("reflog", "show", "wavetree/r1")


async def test_commits_have_the_person_s_name_or_wavetree_s(repo: Repo, config: Path) -> None:
    wave = await Repository.open(repo.root, repo.state)
    assert await wave.git.identity() == "Ada <ada@example.org>"
    config.write_text("")
    repo.git("config", "user.name", 'Local "quoted" \\ Ünï')
    other = await Repository.open(repo.root, repo.state)
    assert await other.git.identity() == 'Local "quoted" \\ Ünï <wavetree@localhost>'
    for each in (wave, other):
        await each.close()


async def test_an_unknown_extension_is_refused_before_anything_is_done(repo: Repo) -> None:
    with (repo.common / "config").open("a") as out:
        out.write("[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n")
    with pytest.raises(PreflightError, match="refstorage"):
        await Repository.open(repo.root, repo.state)


async def test_a_folder_that_is_no_checkout_is_an_error(tmp_path: Path, config: Path) -> None:
    with pytest.raises(GitError, match="not a git checkout"):
        await Repository.open(tmp_path, tmp_path / "state")


async def test_a_linked_worktree_leads_to_the_common_git_directory(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", str(repo.wt()))
    assert common_dir(git_dir(repo.wt())) == repo.common


async def test_a_shallow_clone_can_be_worked_in(repo: Repo) -> None:
    repo.commit({"x": "x"})
    clone = repo.beside / "clone"
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(clone))
    wave = await Repository.open(clone, clone / ".git/wavetree/runs/r1")
    base = repo.tip()
    await wave.make_worktree(repo.wt(), "one", base, NOTHING)
    assert await wave.commits(base, "one") == 0
    assert (await wave.check())[0]
    await wave.close()


@pytest.mark.parametrize("kind", ["blob", "tree", "commit"])
async def test_a_damaged_object_is_found(repo: Repo, wave: Repository, kind: str) -> None:
    assert await wave.check() == (True, "")
    name = {"blob": "HEAD:a.txt", "tree": "HEAD:dir", "commit": "HEAD"}[kind]
    sha = repo.tip(name)
    file = repo.common / "objects" / sha[:2] / sha[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-3] + b"xyz")
    ok, said = await wave.check()
    assert not ok
    assert sha in said


async def test_a_missing_object_and_a_broken_ref_are_found(repo: Repo, wave: Repository) -> None:
    (repo.common / "refs/heads/broken").write_text("f" * 40 + "\n")
    ok, said = await wave.check()
    assert not ok
    assert "broken" in said


def test_agents_get_no_collection_of_objects_and_synced_commits(repo: Repo) -> None:
    asked = [
        "git",
        "-C",
        str(repo.root),
        "config",
        "--get-regexp",
        r"^(gc\.auto|maintenance\.auto|core\.fsync)$",
    ]
    said = subprocess.run(asked, env=os.environ | AGENT_GIT_ENV, capture_output=True, text=True).stdout
    assert said.split() == ["gc.auto", "0", "maintenance.auto", "false", "core.fsync", "committed"]
