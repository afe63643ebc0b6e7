"""How one commit differs from another, and which of many such differences can meet in a merge at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine.core.naming import Added
from engine.edge.git import Git, shown

FOLDER = "040000"
NESTED = "160000"
NOTHING = "0" * 6
MOST_ADDED = 4 * 2**20
"""Bytes of a diff in which added lines are looked for."""
MOST_PATHS = 1_000
LINE = 500

_HUNK = re.compile(rb"@@ -\S+ \+(\d{1,9})")


class Entry(Struct, frozen=True):
    """A file before and after: mode and object, both empty where there is none. A nested repository has a
    mode and no object, since its commit is not here."""

    old_mode: str
    old: str
    mode: str
    new: str


class Difference(Struct, frozen=True):
    """The `files` that differ, a rename being two of them; the folders that are `gone` as a whole; those
    that have something new below them (`grown`)."""

    files: dict[bytes, Entry] = {}
    gone: frozenset[bytes] = frozenset()
    grown: frozenset[bytes] = frozenset()


async def difference(git: Git, old: str, new: str) -> Difference:
    """How the commit or tree `new` differs from `old`."""
    if old == new:
        return Difference()
    args = ("diff-tree", "-r", "-t", "-z", "--raw", "--no-renames", "--no-ext-diff", old, new)
    fields = (await git.run(*args)).split(b"\0")
    files: dict[bytes, Entry] = {}
    gone: set[bytes] = set()
    grown: set[bytes] = set()
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, mode, before, after, _ = head.decode()[1:].split(" ")
        if old_mode != FOLDER and mode != FOLDER:
            was, now = side(old_mode, before), side(mode, after)
            files[path] = Entry(*was, *now)
            if not was[0]:
                grown.update(above(path))
        elif mode == NOTHING:
            gone.add(path)
    return Difference(files, frozenset(gone), frozenset(grown))


async def added_lines(git: Git, old: str, new: str, paths: Sequence[bytes]) -> list[Added]:
    """The lines that the commit `new` has in these files and `old` has not."""
    if old == new or not paths:
        return []
    args = ("diff-tree", "-r", "-p", "-U0", "--no-renames", "--no-ext-diff", "--no-textconv", old, new, "--")
    out = await git.run(*args, *map(os.fsdecode, paths[:MOST_PATHS]))
    found: list[Added] = []
    file, number = "", 0
    for line in out[:MOST_ADDED].split(b"\n"):
        if line.startswith(b"+++ b/"):
            file = shown(line[6:])
        elif match := _HUNK.match(line):
            number = int(match[1])
        elif line.startswith(b"+") and not line.startswith(b"+++ "):
            found.append(Added(file, number, line[1:].decode("utf-8", "replace")[:LINE]))
            number += 1
    return found


def side(mode: str, name: str) -> tuple[str, str]:
    """Mode and object as an `Entry` has them."""
    return ("", "") if mode == NOTHING else (mode, "" if mode == NESTED else name)


def above(path: bytes) -> Iterable[bytes]:
    """The folders that a path lies in."""
    while b"/" in path:
        path = path.rpartition(b"/")[0]
        yield path


def candidates(sides: Mapping[str, Difference]) -> set[tuple[str, str]]:
    """The pairs of names, the one that comes first in `sides` first, whose differences have to do with each
    other. The others merge cleanly whatever is in their files: git compares no two files of different names
    but where one side has moved or removed it, which makes it a file that differs.

    What meets: the same path; a file where the other has a new folder; something new in a folder that the
    other moved away as a whole (git then asks whether it should go along)."""
    place = {name: number for number, name in enumerate(sides)}
    files: dict[bytes, list[str]] = {}
    for name, what in sides.items():
        for path in what.files:
            files.setdefault(path, []).append(name)
    found: set[tuple[int, int]] = set()
    for names in files.values():
        if len(names) > 1:
            found.update(
                (place[one], place[two]) for number, one in enumerate(names) for two in names[number + 1 :]
            )
    gone: dict[bytes, list[str]] = {}
    for name, what in sides.items():
        for folder in what.gone:
            gone.setdefault(folder, []).append(name)
    for name, what in sides.items():
        for folder in what.grown:
            for other in (*files.get(folder, ()), *gone.get(folder, ())):
                if other != name:
                    found.add((min(place[name], place[other]), max(place[name], place[other])))
    listed = list(sides)
    return {(listed[one], listed[two]) for one, two in found}
