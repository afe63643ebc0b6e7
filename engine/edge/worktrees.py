"""Makes worktrees, takes them back, keeps the gate worktree; each verb may be called again at any time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.core.errors import GitError
from engine.core.intents import Ground
from engine.core.plan import Setup
from engine.edge import git_setup
from engine.edge.git import BARE_HANDS, ZERO, branch_ref, is_sha, shown
from engine.edge.git_admin import admin_of, head_of, text
from engine.edge.git_changes import note_at
from engine.edge.git_commits import is_ancestor
from engine.edge.git_pool import reuse
from engine.edge.git_removal import made_by_git, wipe
from engine.edge.git_site import Mark, Site, copy_index, drop_locks, real
from engine.edge.grounds import Start, find_start
from engine.edge.view import write


async def make_branch(site: Site, branch: str, sha: str) -> None:
    """Make `branch` at `sha`. Raises GitError when it exists at another commit."""
    ref = branch_ref(branch)
    if (tip := await site.git.tip(ref)) == sha:
        return
    if tip:
        raise GitError(("branch", branch), 128, f"the branch {branch} exists already, at {tip[:10]}")
    await site.git.run("update-ref", ref, sha, ZERO)


async def make_worktree(
    site: Site, path: Path, branch: str, base: str, setup: Setup, on: Sequence[Ground] = (), at: int = 0
) -> Start:
    """Make the worktree `path` on the new branch `branch`, with the set-up files in it; where it starts: at
    commit `base`, or at one that has `base` and what the branches in `on` hold now (see `find_start`).

    Called again it wipes what it left half-made and starts over, or finds its work done. Raises GitError,
    with nothing left behind, when the branch or a non-empty folder is there already, when a set-up file
    is missing, or when git fails."""
    path = real(path)
    before = site.mark(path)
    if before and await whole(site, before, branch, base, built=bool(on)):
        return Start(before.base, before.holds, before.lacks)
    if before and before.stage == "making":
        await wipe(site, before)
    await refuse_to_overwrite(site, path, branch)
    git_setup.check(site.checkout, setup)
    start = await find_start(site, base, on, f"Start of {branch}", at)
    mark = Mark(str(path), branch, start.commit, "making", (), start.holds, start.lacks)
    site.write_mark(mark)
    try:
        await add(site, path, branch, start.commit)
        own = await furnish(site, path, setup)
    except (GitError, OSError) as error:
        await wipe(site, mark)
        if isinstance(error, OSError):
            raise GitError(("worktree", "add", str(path)), -1, str(error)) from error
        raise
    site.write_mark(replace(mark, stage="ready", own=own))
    return start


async def whole(site: Site, mark: Mark, branch: str, base: str, *, built: bool = False) -> bool:
    """Whether this very worktree was finished and nothing has happened to it since; `built` on branches that
    may have gone on, it need only hold `base`."""
    path = Path(mark.path)
    if (mark.stage, mark.branch) != ("ready", branch) or not path.is_dir():
        return False
    tip = await site.git.tip(branch_ref(branch))
    if mark.base != base and not (built and tip == mark.base and await is_ancestor(site.git, base, tip)):
        return False
    admin = admin_of(site.admins, path)
    if admin and (admin / "index").exists() and site.index(path).exists():
        at = head_of(admin).ref == branch_ref(branch)
        if at and tip == mark.base:
            return True
    await wipe(site, mark)  # no agent was started in it: make it anew
    return False


async def refuse_to_overwrite(site: Site, path: Path, branch: str) -> None:
    if os.path.lexists(path) and not (path.is_dir() and not path.is_symlink() and not any(path.iterdir())):
        raise GitError(("worktree", "add", str(path)), 128, f"{path} is there already")
    if branch and await site.git.info(branch_ref(branch)):
        raise GitError(("worktree", "add", str(path)), 128, f"the branch {branch} exists already")


async def add(site: Site, path: Path, branch: str, base: str) -> None:
    """The worktree itself: git's notes under the lock, the files after it and without the repository's
    config, the agent's index as a copy of the engine's."""
    if not is_sha(base):
        raise GitError(("worktree", "add", str(path)), 128, f"{base!r} is not a commit")
    how = ("--no-track", "-b", branch) if branch else ("--detach",)
    env = BARE_HANDS | {"GIT_DIR": str(site.git.common)}
    async with site.mutex:
        await site.git.run("worktree", "add", "--no-checkout", *how, "--", str(path), base, env=env)
    await reuse(site, path)
    await check_out(site, path, base)


async def check_out(site: Site, path: Path, commit: str) -> None:
    """Bring all tracked files and both indexes to `commit`, whatever was done to them."""
    index = site.free_index(path)
    await site.git.run("read-tree", "--reset", "-u", commit, index=index, worktree=path)
    note_at(index, commit)
    share_index(site, path)


def share_index(site: Site, path: Path) -> None:
    """Give the worktree's own git the engine's index, so that its files look clean to everybody."""
    if admin := admin_of(site.admins, path):
        drop_locks([admin / "index.lock"])
        copy_index(site.index(path), admin / "index")


async def furnish(site: Site, path: Path, setup: Setup) -> tuple[str, ...]:
    """Place the set-up files; those that git would see as new files, which must never be committed."""
    if not setup.copy and not setup.link:
        return ()
    await asyncio.to_thread(git_setup.place, site.checkout, path, setup)
    listed = await site.git.run(
        "ls-files",
        "-z",
        "--others",
        "--exclude-standard",
        "--",
        *setup.copy,
        *setup.link,
        index=site.index(path),
        worktree=path,
    )
    return tuple(shown(name) for name in listed.split(b"\0") if name)


async def undo_worktree(site: Site, path: Path, branch: str, base: str) -> None:
    """Take back a worktree in which no agent was started; what is not the engine's stays untouched."""
    mark = site.mark(real(path))
    if mark and (mark.branch, mark.base) == (branch, base):
        await wipe(site, mark)


async def gate_tree(site: Site, path: Path, sha: str, setup: Setup) -> bool:
    """The detached gate worktree at commit `sha`: tracked files as committed, untracked ones gone. True when
    it was at that commit already and keeps its ignored files, which an earlier gate of it may have made;
    else they are gone too: by their times, files built from another commit pass for built from this one.
    Made when it is not there, or beyond repair."""
    path = real(path)
    try:
        mark = site.mark(path)
        if mark and mark.stage == "ready" and admin_of(site.admins, path) and made_by_git(site, path):
            kept = await turn(site, path, sha)
            await furnish(site, path, setup)
            return kept
    except (GitError, OSError):
        pass
    if mark := site.mark(path):
        await wipe(site, mark)
    await make_worktree(site, path, "", sha, setup)
    return False


async def drop_gate_trees(site: Site) -> None:
    """Remove the gate worktrees, which are those without a branch; nothing in them is anybody's work."""
    for mark in site.marks():
        if not mark.branch:
            await wipe(site, mark)


async def turn(site: Site, path: Path, sha: str) -> bool:
    """Switch a detached worktree to `sha` whatever was done to its files; True when it was there already."""
    admin = admin_of(site.admins, path)
    assert admin
    same = (text(admin / "HEAD") or "").strip() == sha
    drop_locks(admin.glob("*.lock"))
    await check_out(site, path, sha)
    await site.git.run("clean", "-ffdq" if same else "-ffdxq", index=site.index(path), worktree=path)
    write(admin / "HEAD", f"{sha}\n")
    return same
