"""What differs in a worktree from a commit, seen through the engine's private index; locks nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.errors import GitError
from engine.edge.git import is_sha, shown
from engine.edge.git_admin import admin_of, head_of
from engine.edge.git_site import Site, copy_index, key
from engine.edge.view import git_dir

LARGEST = 100 * 2**20


class Changes(Struct, frozen=True):
    """Paths as git has them, in bytes. `gone` are deleted, `edited` differ, `new` are untracked and not
    ignored; a nested repository is one `new` path with a slash at its end."""

    gone: tuple[bytes, ...] = ()
    edited: tuple[bytes, ...] = ()
    new: tuple[bytes, ...] = ()

    def all(self) -> tuple[bytes, ...]:
        return tuple(sorted({*self.gone, *self.edited, *self.new}))


async def look(site: Site, path: Path, index: Path) -> Changes:
    """The changes of the files at `path` against `index`."""
    out = await site.git.run(
        "ls-files", "-t", "-z", "-m", "-d", "-o", "--exclude-standard", index=index, worktree=path
    )
    tagged = [(line[:1], line[2:]) for line in out.split(b"\0") if line]
    gone = {name for tag, name in tagged if tag == b"R"}
    edited = {name for tag, name in tagged if tag == b"C"} - gone
    new = {name for tag, name in tagged if tag == b"?"}
    return Changes(tuple(sorted(gone)), tuple(sorted(edited)), tuple(sorted(new)))


async def set_index(site: Site, path: Path, index: Path, commit: str) -> None:
    """Bring a private index to `commit` without touching a file; what it knows of the files is kept, and a
    broken one is made anew. Nothing is done when it is known to be there."""
    if is_at(index, commit):
        return
    try:
        await site.git.run("read-tree", "--reset", commit, index=index, worktree=path)
    except GitError:
        index.unlink(missing_ok=True)
        await site.git.run("read-tree", commit, index=index, worktree=path)
        await site.git.run("update-index", "-q", "--refresh", ok=(0, 1), index=index, worktree=path)
    note_at(index, commit)


def is_at(index: Path, commit: str) -> bool:
    """Whether `index` was last brought to `commit` and has not been written since."""
    noted = index.with_name(f"{index.name}.at")
    return index.exists() and noted.exists() and noted.read_text() == stamp(index, commit)


def note_at(index: Path, commit: str) -> None:
    index.with_name(f"{index.name}.at").write_text(stamp(index, commit))


def sorted_out(path: Path, changes: Changes, own: Sequence[str]) -> tuple[Changes, list[str]]:
    """What can be committed, and a remark on each thing that cannot."""
    kept_away = set(own)
    new = [name for name in changes.new if shown(name) not in kept_away]
    reasons = {name: reason for name in (*changes.edited, *new) if (reason := obstacle(path, name))}
    takeable = Changes(
        changes.gone,
        tuple(name for name in changes.edited if name not in reasons),
        tuple(name for name in new if name not in reasons),
    )
    return takeable, [f"{shown(name)}: {reason}" for name, reason in sorted(reasons.items())]


def obstacle(path: Path, name: bytes) -> str:
    """Why a path cannot become part of a commit; empty when it can."""
    if name.endswith(b"/"):
        return "a git repository inside the worktree, not committed"
    place = os.path.join(os.fsencode(path), name)  # noqa: PTH118  # a name need not be text
    try:
        state = os.lstat(place)
    except OSError as error:
        return f"not committed: {error.strerror}"
    if stat.S_ISLNK(state.st_mode) or stat.S_ISDIR(state.st_mode):
        return ""
    if not stat.S_ISREG(state.st_mode):
        return "not committed: not a regular file"
    if state.st_size > LARGEST:
        return f"not committed: {state.st_size // 2**20} MB is more than {LARGEST // 2**20} MB"
    return "" if os.access(place, os.R_OK) else "not committed: it may not be read"


async def take(site: Site, path: Path, index: Path, changes: Changes) -> list[str]:
    """Put the changes into `index`; remarks on those that git refused."""
    if changes.gone:
        removed = b"\0".join(changes.gone)
        await site.git.run(
            "update-index", "-z", "--force-remove", "--stdin", input=removed, index=index, worktree=path
        )
    names = (*changes.edited, *changes.new)
    if not names or (await stage(site, path, index, names)) == "":
        return []
    refused = [(name, await stage(site, path, index, (name,))) for name in names]
    return [f"{shown(name)}: not committed: {why}" for name, why in refused if why]


async def stage(site: Site, path: Path, index: Path, names: Sequence[bytes]) -> str:
    """Add files to `index`, all or none; git's words when it refused."""
    answer = await site.git.ask(
        "update-index",
        "-z",
        "--add",
        "--remove",
        "--replace",
        "--stdin",
        input=b"\0".join(names),
        index=index,
        worktree=path,
    )
    return (answer.err.strip().splitlines() or ["git refused"])[0] if answer.code else ""


async def changed(site: Site, path: Path) -> tuple[str, ...]:
    """The paths of a checkout or worktree that differ from the commit its HEAD is at, deleted and new
    ones included, ignored ones not. Raises GitError when there is no checkout at `path`."""
    gitdir = admin_of(site.admins, path) or git_dir(path)
    name = head_of(gitdir).name
    commit = name if is_sha(name) else await site.git.tip(name)
    if commit is None:
        raise GitError(("status", str(path)), 128, f"{path} has no commit yet")
    async with site.looking:
        index = await seeded(site, path, gitdir / "index", commit)
        return tuple(shown(name) for name in (await look(site, path, index)).all())


async def seeded(site: Site, path: Path, seed: Path, commit: str) -> Path:
    """A private index at `commit` that knows the files as well as the checkout's own index `seed` does."""
    index = site.free_index(path, "watch")
    noted, seen = index.with_name(f"{index.name}.seen"), stamp(seed, commit)
    if not index.exists() or not noted.exists() or noted.read_text() != seen:
        if seed.exists():
            copy_index(seed, index)
        await set_index(site, path, index, commit)
        noted.write_text(seen)
    return index


def stamp(index: Path, commit: str) -> str:
    """What an index file looks like from outside, and the commit it goes with."""
    if not index.exists():
        return f"no index, {commit}"
    state = index.stat()
    return f"{key(index)} {state.st_ino} {state.st_mtime_ns} {state.st_size} {commit}"
