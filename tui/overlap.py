"""Which tasks say that they will change the same files: the risk shown before a wave starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

WILD = "*?["


def overlaps(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The declared paths and patterns of `first` that may name a file that `second` also names."""
    return tuple(dict.fromkeys(a for a in first if any(_may_meet(a, b) for b in second)))


def meetings(files: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Every pair of tasks whose declared files may meet, with those files."""
    names = list(files)
    found = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            shared = overlaps(files[first], files[second])
            if shared:
                found.append((first, second, shared))
    return tuple(found)


def risk(task: str, declared: Sequence[str], pairs: Sequence[tuple[str, str, tuple[str, ...]]]) -> str:
    """`low`, `medium` or `high` by how many files the task shares; `unknown` when it declares none."""
    shared = [files for first, second, files in pairs if task in (first, second)]
    if not declared:
        return "unknown"
    if not shared:
        return "low"
    return "high" if len(shared) > 1 or any(len(files) > 1 for files in shared) else "medium"


def _may_meet(first: str, second: str) -> bool:
    if fnmatchcase(first, second) or fnmatchcase(second, first):
        return True
    wild_first, wild_second = _stem(first), _stem(second)
    if wild_first is None or wild_second is None:
        return False
    suffixes = first[len(wild_first) :], second[len(wild_second) :]
    alike = wild_first.startswith(wild_second) or wild_second.startswith(wild_first)
    return alike and _ends_alike(*suffixes)


def _stem(pattern: str) -> str | None:
    """The part of a pattern before its first wildcard; None for a plain path."""
    place = min((pattern.find(mark) for mark in WILD if mark in pattern), default=-1)
    return None if place < 0 else pattern[:place]


def _ends_alike(first: str, second: str) -> bool:
    """Whether the plain ends of two patterns fit each other, such as `.py` and `_test.py`."""
    tails = [text[max(text.rfind(mark) for mark in "*?]") + 1 :] for text in (first, second)]
    return tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])
