"""Tells of two sides that meet which files both changed, whether and where they clash, who came later."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.core.overlaps import Overlap
from engine.core.settled import Settled, Stages, answer_to
from engine.edge.git import shown
from engine.edge.live_hunks import Blobs, Hunk, ranges, text, touching
from engine.edge.live_merges import Merge
from engine.edge.live_sides import Difference


class Side(Struct, frozen=True):
    """A commit, and how it differs from `base`; `stuck` are files that clash with `base` itself."""

    commit: str
    base: str
    diff: Difference
    stuck: frozenset[bytes] = frozenset()


class Meeting(Struct, frozen=True):
    """Two sides that may have to do with each other; `second` is empty for the integration branch. `both` are
    the files that both changed."""

    first: str
    second: str
    one: Side
    two: Side
    both: frozenset[bytes]

    @property
    def commits(self) -> tuple[str, str]:
        return self.one.commit, self.two.commit


class Touched(Struct, frozen=True):
    """A file of a meeting: in conflict or not, and what each side made of which old file."""

    conflict: bool
    blobs: tuple[Blobs, Blobs]


def touched(
    met: Meeting,
    merge: Merge,
    ignored: Callable[[bytes], bool],
    settled: Sequence[Settled] = (),
    combined: Callable[[bytes], bool] = lambda _: False,
) -> dict[bytes, Touched]:
    """The files to tell of: those in conflict, and those that both sides changed. What a person has `settled`
    is a conflict no longer, nor are files that are `combined` when they are merged. What clashes with the
    common base already is not told of the two sides."""
    stuck = met.one.stuck | met.two.stuck
    found = {
        path: Touched(
            not (combined(path) or answer_to(settled, shown(path), stages)), blobs(met, path, stages)
        )
        for path, stages in merge.files.items()
    }
    for path in met.both - found.keys():
        one, two = met.one.diff.files.get(path), met.two.diff.files.get(path)
        if one and two:
            found[path] = Touched(False, ((one.old, one.new), (two.old, two.new)))
    return {path: what for path, what in found.items() if path not in stuck and not ignored(path)}


def blobs(met: Meeting, path: bytes, stages: Stages) -> tuple[Blobs, Blobs]:
    """What a conflict is between; where git names no blobs, what each side made of the path."""
    if any(stages):
        base, first, second = stages
        return (base, first), (base, second)
    one, two = met.one.diff.files.get(path), met.two.diff.files.get(path)
    return (one.old, one.new) if one else ("", ""), (two.old, two.new) if two else ("", "")


def overlaps_of(
    met: Meeting, files: Mapping[bytes, Touched], hunks: Mapping[Blobs, Sequence[Hunk]]
) -> list[Overlap]:
    """The overlaps of a meeting. Of a conflict the lines and texts are those that touch, of files that merge
    cleanly all that were changed; lines are counted in each side's own file."""
    found = []
    for path, what in files.items():
        one, two = (tuple(hunks.get(pair, ())) for pair in what.blobs)
        if what.conflict and what.blobs[0][0] == what.blobs[1][0]:
            one, two = touching(one, two)
        lines, texts = (ranges(one), ranges(two)), (text(one), text(two))
        found.append(Overlap(met.first, met.second, shown(path), what.conflict, *lines, *texts))
    return found


class Recency:
    """Who came later: of two tasks the one whose last change of the file was newer when the overlap was first
    seen. It stays the later one until the overlap is gone, or turns from clean to conflict or back."""

    def __init__(self) -> None:
        self._round = 0
        self._when: dict[str, dict[str, tuple[int, int]]] = {}
        self._later: dict[tuple[str, str, str, bool], str] = {}

    def next(self) -> None:
        """What is noted from now on is newer than what was noted before."""
        self._round += 1

    def note(self, name: str, place: Path, before: Difference, after: Difference) -> None:
        """A task's files have changed; of changes of one round the time of the file decides."""
        when = self._when.setdefault(name, {})
        for path in before.files.keys() | after.files.keys():
            if before.files.get(path) != after.files.get(path):
                when[shown(path)] = (self._round, modified(place, path))

    def forget(self, name: str) -> None:
        self._when.pop(name, None)

    def named(self, overlaps: Collection[Overlap]) -> list[Overlap]:
        """The overlaps with the later one's name, where it is known."""
        known, self._later = self._later, {}
        found = []
        for one in overlaps:
            key = (one.first, one.second, one.file, one.conflict)
            later = known[key] if key in known else self._newer(one)
            self._later[key] = later
            found.append(replace(one, later=later) if later else one)
        return found

    def _newer(self, overlap: Overlap) -> str:
        first = self._when.get(overlap.first, {}).get(overlap.file)
        second = self._when.get(overlap.second, {}).get(overlap.file)
        if first is None or second is None or first == second:
            return ""
        return overlap.first if first > second else overlap.second


def modified(place: Path, path: bytes) -> int:
    """When a file was last written, in nanoseconds; 0 when it is gone."""
    try:
        return os.lstat(os.path.join(os.fsencode(place), path)).st_mtime_ns  # noqa: PTH118
    except OSError:
        return 0
