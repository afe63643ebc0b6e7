"""Where the git edge works: a repository, the run's state folder, and what it wrote there before acting."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.edge.git import Git


class Mark(Struct, frozen=True):
    """Written before a worktree is made and kept until it is gone: the proof that it is the engine's.

    `stage` is making, ready or removing. `own` are set-up files placed in it that git does not ignore;
    they are never committed. `holds` and `lacks` tell what `base` was made of, see `Start`."""

    path: str
    branch: str
    base: str
    stage: str
    own: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """`checkout` is the main working tree, `state` the folder of this run. What is known of worktrees is
    kept for all runs together, since their paths are. `mutex` guards what git cannot do twice at once:
    making and removing worktrees; `looking` the private indexes that `changed` uses."""

    git: Git
    checkout: Path
    state: Path
    mutex: asyncio.Lock = field(default_factory=asyncio.Lock)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def admins(self) -> Path:
        """The folder of git's own notes on linked worktrees."""
        return self.git.common / "worktrees"

    def index(self, path: Path, purpose: str = "work") -> Path:
        """The engine's private index for a worktree; no agent ever locks or reads it."""
        return self._folder("index") / f"{key(path)}.{purpose}"

    def free_index(self, path: Path, purpose: str = "work") -> Path:
        """The same, after taking away the lock that a killed git left on it."""
        index = self.index(path, purpose)
        index.with_name(f"{index.name}.lock").unlink(missing_ok=True)
        return index

    def mark(self, path: Path) -> Mark | None:
        """What was written down about the worktree at `path`."""
        return read_mark(self._mark_file(path))

    def marks(self) -> list[Mark]:
        """Every worktree of this run that was begun and is not yet gone."""
        found = (read_mark(file) for file in sorted(self._folder("worktrees").glob("*.json")))
        return [mark for mark in found if mark]

    def write_mark(self, mark: Mark) -> None:
        write_durably(self._mark_file(Path(mark.path)), msgspec.json.encode(mark))

    def forget(self, path: Path) -> None:
        """Drop the mark and the private indexes of a worktree that is gone."""
        for index in self._folder("index").glob(f"{key(path)}.*"):
            index.unlink(missing_ok=True)
        self._mark_file(path).unlink(missing_ok=True)

    def trash(self) -> Path:
        """Where things are renamed to before they are deleted piece by piece."""
        return self._folder("trash")

    def pool(self) -> Path:
        """Where it is written down which finished worktrees' files can be used again."""
        return self._folder("pool")

    def _mark_file(self, path: Path) -> Path:
        return self._folder("worktrees") / f"{key(path)}.json"

    def _folder(self, name: str) -> Path:
        folder = self.git.common / "wavetree" / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def real(path: Path) -> Path:
    """The path as git writes it: no symlink above its last part."""
    return Path(os.path.realpath(path.parent), path.name)


def read_mark(file: Path) -> Mark | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Mark)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_durably(file: Path, content: bytes) -> None:
    """Replace a file as one act that also survives a power cut."""
    draft = file.with_name(f"{file.name}.new")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def copy_index(source: Path, target: Path) -> None:
    """Give `target` the index `source` as one act. The time stamp comes along: git uses it to tell
    whether a file may have changed after it was last looked at."""
    draft = target.with_name(f"{target.name}.wavetree")
    shutil.copyfile(source, draft)
    state = source.stat()
    os.utime(draft, ns=(state.st_atime_ns, state.st_mtime_ns))
    draft.replace(target)


def remove_tree(place: Path) -> None:
    """Delete a folder or file whatever its modes; absence is fine."""
    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
        return
    shutil.rmtree(place, onerror=open_up)


def open_up(function: object, name: str, error: object) -> None:
    """A folder without permissions stops a deletion: give them and go on."""
    for place in (Path(name).parent, Path(name)):
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o700)
    if Path(name).is_dir() and not Path(name).is_symlink():
        shutil.rmtree(name)
    else:
        Path(name).unlink(missing_ok=True)


def drop_locks(files: Iterable[Path]) -> list[Path]:
    """Delete lock files that nobody alive can hold; those that were there."""
    there = [file for file in files if file.is_file()]
    for file in there:
        file.unlink(missing_ok=True)
    return there
