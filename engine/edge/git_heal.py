"""Puts right what killed gits leave behind: stale locks and half-made notes, the engine's own ones only."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from engine.edge.git import branch_ref, is_sha
from engine.edge.git_admin import admin_of, folders, half_made, text
from engine.edge.git_pool import drain
from engine.edge.git_removal import sweep
from engine.edge.git_site import Mark, Site, drop_locks, key, real, remove_tree

PATIENCE = 3.0


async def heal(site: Site, at_rest: Collection[Path], branches: Sequence[str]) -> list[str]:
    """Call once, holding the engine's lock, before anything else is done. `at_rest` are worktrees in which
    no agent is alive, `branches` those that only the engine moves. Sentences on what was put right."""
    marks = site.marks()
    said = [f"removed git's half-made notes on {path}" for path in clear_notes(site, marks)]
    for folder in site.trash().iterdir():
        remove_tree(folder)
    await drain(site)
    for mark in marks:
        await sweep(Path(mark.path))
    stale = drop_locks(own_locks(site, marks, at_rest, branches))
    said += [f"removed the stale lock {lock}" for lock in stale]
    if await outlived(site.git.common / "packed-refs.lock"):
        said.append("removed the stale lock packed-refs.lock")
    for lock in (site.git.common / "wavetree" / "index").glob("*.lock"):
        lock.unlink(missing_ok=True)
    return said


def clear_notes(site: Site, marks: Sequence[Mark]) -> list[str]:
    """Move away notes that a `worktree add` of the engine's left half-made: one of them can stop every
    other worktree command of the repository."""
    cleared = []
    for mark in marks:
        for folder in folders(site.admins):
            if half_made(folder, Path(mark.path)) or broken(folder, mark):
                gone = site.trash() / f"{folder.name}.{key(folder)}"
                remove_tree(gone)
                folder.rename(gone)
                cleared.append(mark.path)
    return cleared


def broken(folder: Path, mark: Mark) -> bool:
    """Whether notes of a worktree in the making name its path, but the rest of them is not there."""
    noted = (text(folder / "gitdir") or "").strip()
    whole = text(folder / "commondir") and text(folder / "HEAD")
    return mark.stage == "making" and noted == f"{mark.path}{os.sep}.git" and not whole


def own_locks(
    site: Site, marks: Sequence[Mark], at_rest: Collection[Path], branches: Sequence[str]
) -> list[Path]:
    """Lock files that only the engine, or an agent that is dead, can have left."""
    common, found = site.git.common, []
    for place in {real(path) for path in at_rest}:
        if admin := admin_of(site.admins, place):
            found += list(admin.glob("*.lock"))
    resting = {str(real(path)) for path in at_rest}
    names = [mark.branch for mark in marks if mark.branch and mark.path in resting]
    found += [common / f"{branch_ref(name)}.lock" for name in (*names, *branches)]
    found += list((common / "refs" / "wavetree").rglob("*.lock"))
    noted = (text(site.state / "landing") or "").split()
    if len(noted) == 3 and is_sha(noted[1]):
        found.append(common / f"{noted[0]}.lock")
    return found


async def outlived(lock: Path) -> bool:
    """Remove a lock that everybody takes, after nobody has touched it for longer than its work can take."""
    until = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < until:
        try:
            age = time.time() - lock.stat().st_mtime
        except FileNotFoundError:
            return False
        if age > PATIENCE:
            lock.unlink(missing_ok=True)
            return True
        await asyncio.sleep(0.1)
    return False
