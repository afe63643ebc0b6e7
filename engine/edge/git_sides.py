"""Both sides of a conflict as they are now, uncommitted work included, to choose between (M129)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.hunks import Part, parts_of
from engine.core.settled import Settled, Stages, answer_to
from engine.edge.git import Git
from engine.edge.git_site import Site, real
from engine.edge.live_snapshot import Camera, Scratch, scratch_site
from engine.edge.merging import Clash, merge_own

SIZE = 37
"""Signs of a mark that is only for this module."""


class Place(Struct, frozen=True):
    """Where a side's work is: in the worktree `path` of an agent begun at `base`, or in commit `head`."""

    name: str
    base: str
    head: str
    path: str = ""


class Sides(Struct, frozen=True):
    """A file in conflict: the three blobs and their contents (None: no file), and the `parts` of their merge;
    none where it is no text."""

    file: str
    ours_name: str
    theirs_name: str
    blobs: Stages
    base: bytes | None = None
    ours: bytes | None = None
    theirs: bytes | None = None
    parts: tuple[Part, ...] = ()


async def sides(
    site: Site, folder: Path, ours: Place, theirs: Place, settled: Sequence[Settled] = ()
) -> tuple[Sides, ...]:
    """Each file in which the two clash now and that is not `settled`. `folder` is for this look alone;
    nothing of the repository is touched. Raises GitError when a worktree is gone or git fails."""
    scratch = Scratch(site.git, folder)
    try:
        here = scratch_site(site, scratch)
        one, two = await _commit(here, ours), await _commit(here, theirs)
        merged = await merge_own(here, one, two, theirs.base)
        if not isinstance(merged, Clash):
            return ()
        open_ = {file: s for file, s in merged.stages.items() if not answer_to(settled, file, s)}
        return tuple([await _sides(scratch, folder, file, s, (ours, theirs)) for file, s in open_.items()])
    finally:
        await scratch.close()


async def _commit(site: Site, place: Place) -> str:
    if not place.path:
        return place.head
    shot = await Camera(site, real(Path(place.path)), place.base, "sides").take()
    return shot.commit


async def _sides(git: Git, folder: Path, file: str, blobs: Stages, names: tuple[Place, Place]) -> Sides:
    base, ours, theirs = [await git.read(blob) if blob else None for blob in blobs]
    parts: tuple[Part, ...] = ()
    if ours is not None and theirs is not None:
        parts = await _parts(git, folder, (ours, base or b"", theirs))
    return Sides(file, names[0].name, names[1].name, blobs, base, ours, theirs, parts)


async def _parts(git: Git, folder: Path, texts: tuple[bytes, bytes, bytes]) -> tuple[Part, ...]:
    """The merge of three texts, the base in the middle; nothing for what is no text."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="sides.") as place:
        files = [str(Path(place) / name) for name in ("ours", "base", "theirs")]
        for name, text in zip(files, texts, strict=True):
            Path(name).write_bytes(text)
        how = ("merge-file", "-p", "-q", "--diff3", f"--marker-size={SIZE}", *files)
        answer = await git.ask(*how)
    if not 0 <= answer.code < 128:
        return ()
    try:
        return parts_of(answer.out.decode(), SIZE)
    except UnicodeDecodeError:
        return ()
