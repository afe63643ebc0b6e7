"""Where two live branches changed the same file, and whether git can merge that: what live detection sees."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

MOST_FILES = 20
"""Files that are remembered of one pair, those that conflict first."""
MOST_TEXT = 4_000
"""Characters that are remembered of one side's text."""

Lines = tuple[tuple[int, int], ...]
"""Ranges of lines, first and last, counted from 1; an empty range stands before its first line."""

Pair = tuple[str, str]
"""Two tasks in the plan's order; the second is empty where a task meets what is merged already."""


class Overlap(Struct, frozen=True):
    """`first` and `second` both changed `file`; `conflict`: git cannot merge that. `second` is empty for the
    tip of the integration branch. Lines and texts are those of each side's changes that touch the other's.
    `later` is the one whose change came later, where that is known."""

    first: str
    second: str
    file: str
    conflict: bool
    lines_first: Lines = ()
    lines_second: Lines = ()
    text_first: str = ""
    text_second: str = ""
    later: str = ""

    @property
    def pair(self) -> Pair:
        return self.first, self.second


def by_pair(overlaps: Iterable[Overlap]) -> dict[Pair, tuple[Overlap, ...]]:
    """The overlaps of each pair: those that conflict first, then by file; not more than are worth keeping."""
    found: dict[Pair, list[Overlap]] = {}
    for overlap in overlaps:
        found.setdefault(overlap.pair, []).append(overlap)
    return {
        pair: tuple(bounded(one) for one in sorted(group, key=_gravest_first)[:MOST_FILES])
        for pair, group in found.items()
    }


def bounded(overlap: Overlap) -> Overlap:
    """The same, with texts that are short enough to be written down."""
    if len(overlap.text_first) <= MOST_TEXT and len(overlap.text_second) <= MOST_TEXT:
        return overlap
    return replace(
        overlap, text_first=overlap.text_first[:MOST_TEXT], text_second=overlap.text_second[:MOST_TEXT]
    )


def _gravest_first(overlap: Overlap) -> tuple[bool, str]:
    return not overlap.conflict, overlap.file


def show_lines(lines: Lines) -> str:
    """`12-14, 20`; empty when there are none."""
    return ", ".join(str(low) if low >= high else f"{low}-{high}" for low, high in lines)
