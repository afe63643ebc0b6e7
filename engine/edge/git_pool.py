"""Keeps the files of finished worktrees for the next ones: most of what making one costs is its files.

What is kept is only a folder of clean tracked files and the engine's index of it, nothing that git knows
of. It may be lost or thrown away at any time.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from engine.core.errors import GitError
from engine.edge.git_site import Site, key, remove_tree

MOST = 8


async def retire(site: Site, path: Path) -> bool:
    """Take a clean, finished worktree's folder out of use; False, with `path` as it was or emptier, when
    it cannot be kept. Ignored and set-up files in it are deleted."""
    if len(records(site)) >= MOST or not site.index(path).exists():
        return False
    record = site.pool() / key(path)
    place = path.with_name(f".{path.name}.{key(path)[:8]}.wavetree-spare")
    try:
        await site.git.run("clean", "-ffdxq", index=site.free_index(path), worktree=path)
        await asyncio.to_thread(remove_tree, place)
        record.write_bytes(os.fsencode(place))
        path.rename(place)
        await asyncio.to_thread(remove_tree, place / ".git")
        site.index(path).replace(record.with_name(f"{record.name}.index"))
        record.rename(record.with_name(f"{record.name}.spare"))
    except (GitError, OSError):
        return False
    return True


async def reuse(site: Site, path: Path) -> bool:
    """Give the new, still empty worktree `path` the files of a spare one; False when there is none.

    What a crash leaves half-way is a half-made worktree, wiped like any other. Raises OSError."""
    for record in sorted(site.pool().glob("*.spare")):
        taken = record.with_suffix("")
        place = Path(os.fsdecode(record.read_bytes()))
        index = record.with_suffix(".index")
        if place.parent != path.parent or not place.is_dir() or not index.exists():
            continue
        record.rename(taken)
        (path / ".git").rename(place / ".git")
        path.rmdir()
        place.rename(path)
        index.replace(site.free_index(path))
        taken.unlink()
        return True
    return False


async def drain(site: Site) -> None:
    """Throw all spare folders away, whole ones and what a crash left of them."""
    for record in records(site):
        place = Path(os.fsdecode(record.read_bytes()))
        if place.name.endswith(".wavetree-spare"):
            await asyncio.to_thread(remove_tree, place)
        record.with_suffix(".index").unlink(missing_ok=True)
        record.unlink()


def records(site: Site) -> list[Path]:
    return [file for file in sorted(site.pool().iterdir()) if file.suffix != ".index"]
