"""Puts what a person chose for files in conflict into the worktree of an agent that stands still (M129)."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from engine.core.settled import Settled
from engine.edge.git_site import Site


async def place(
    site: Site, path: Path, settled: Sequence[Settled], kept: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that are as they were chosen now, and those that had changed since and were left alone. What
    a file held is kept under the ref `kept`. May be done again; raises GitError when git fails."""
    done: list[str] = []
    passed: list[str] = []
    for number, one in enumerate(settled):
        place = path / one.file
        now = await _blob(site, path, one.file)
        if now != one.blob and now == one.theirs:
            if now:
                await site.git.run("update-ref", f"{kept}-{one.conflict}-{number}", now)
            await _put(site, place, one.blob)
            now = one.blob
        (done if now == one.blob else passed).append(one.file)
    return tuple(done), tuple(passed)


async def _blob(site: Site, path: Path, file: str) -> str:
    """The object of a file's content as git would commit it, written to the repository; empty for none."""
    place = path / file
    if place.is_symlink() or not place.is_file():
        return ""
    words = ("hash-object", "-w", f"--path={file}", "--stdin")
    content = place.read_bytes()
    return (await site.git.run(*words, input=content, worktree=path)).decode().strip()


async def _put(site: Site, place: Path, blob: str) -> None:
    """Replace a file as one act; its mode stays."""
    if not blob:
        place.unlink(missing_ok=True)
        return
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
    draft = place.with_name(f".{place.name}.wavetree")
    draft.write_bytes(await site.git.read(blob) or b"")
    os.chmod(draft, mode)  # noqa: PTH101
    draft.replace(place)
