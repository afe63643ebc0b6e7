"""Takes worktrees apart; a kill at any moment leaves nothing that hurts: renamed first, then deleted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from engine.edge.git import Git, branch_ref
from engine.edge.git_admin import remains_of, text
from engine.edge.git_site import Mark, Site, drop_locks, key, remove_tree


async def wipe(site: Site, mark: Mark) -> None:
    """Take back a worktree in which no agent ever ran: notes, folder, and the branch if still at base."""
    path = Path(mark.path)
    async with site.mutex:
        discard_notes(site, path)
    if mark.stage == "ready" or made_by_git(site, path):
        await discard_folder(path)
    else:
        await sweep(path)
    if mark.branch:
        ref = branch_ref(mark.branch)
        drop_locks([site.git.common / f"{ref}.lock"])
        if await site.git.tip(ref) == mark.base:
            await delete_refs(site.git, [(ref, mark.base)])
    site.forget(path)


def made_by_git(site: Site, path: Path) -> bool:
    """Whether the folder is a worktree of this repository, or an empty one about to become it, also when
    git was killed while it wrote the `.git` file."""
    if path.is_symlink() or not path.is_dir():
        return False
    inside = [entry.name for entry in path.iterdir()]
    if not inside:
        return True
    dot = path / ".git"
    noted = (text(dot) or "") if dot.is_file() and not dot.is_symlink() else None
    if noted is None:
        return False
    if inside == [".git"] and f"gitdir: {site.admins}{os.sep}".startswith(noted):
        return True
    named = os.path.normpath(path / noted.removeprefix("gitdir:").strip())
    return noted.startswith("gitdir:") and named.startswith(f"{site.admins}{os.sep}")


def discard_notes(site: Site, path: Path) -> int:
    """Remove git's notes on the worktree, also half-made ones, as one act each; how many there were."""
    found = remains_of(site.admins, path)
    for folder in found:
        gone = site.trash() / f"{folder.name}.{key(folder)}"
        remove_tree(gone)
        folder.rename(gone)
        remove_tree(gone)
    return len(found)


def grave(path: Path) -> Path:
    """Where a worktree's folder is renamed to, on the same file system, before it is deleted."""
    return path.with_name(f".{path.name}.{key(path)[:8]}.wavetree-gone")


async def discard_folder(path: Path) -> None:
    """Remove a worktree's folder: away under its name at once, its content after that."""
    await sweep(path)
    if path.is_dir() and not path.is_symlink():
        path.rename(grave(path))
        await sweep(path)


async def sweep(path: Path) -> None:
    """Delete what an interrupted removal of `path` left."""
    if os.path.lexists(grave(path)):
        await asyncio.to_thread(remove_tree, grave(path))


async def delete_refs(git: Git, refs: Sequence[tuple[str, str]]) -> None:
    """Delete refs, each only if it is at the given commit; raises GitError when one is not."""
    if refs:
        lines = "".join(f"delete {ref} {sha}\n" for ref, sha in refs)
        await git.run("update-ref", "--stdin", input=lines.encode())
