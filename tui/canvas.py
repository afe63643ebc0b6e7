"""Cells on which lines cross, join and end: the characters between a graph's nodes.

Lines are noted once; the characters of a row are worked out when that row is looked at, as of a large graph
a screen shows only a few rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from tui.boxes import BOX
from tui.lines import Bit

Strength = tuple[int, str]
"""Weight (1 light, 2 heavy) and style of a line."""
LIGHT: Strength = (1, "line")
RANK = {"line": 0, "text": 1, "accent": 2}
BLOCK = 16
"""So many rows share a list of the verticals that pass them."""


class Stroke(NamedTuple):
    """A line in the row or column `at`, its ends half taken; how strong it is stands under `name`."""

    at: int
    begin: int
    end: int
    name: Hashable


class Canvas:
    """What passes vertically, what horizontally, and where the two are joined."""

    def __init__(self) -> None:
        self._across: dict[int, list[Stroke]] = {}
        self._down: dict[int, list[Stroke]] = {}
        self._joined: set[tuple[int, int]] = set()
        self._heads: dict[int, dict[int, str]] = {}

    def across(self, row: int, begin: int, end: int, name: Hashable) -> None:
        """A horizontal from cell `begin` to `end`."""
        self._across.setdefault(row, []).append(Stroke(row, begin, end, name))

    def down(self, x: int, begin: int, end: int, name: Hashable) -> None:
        """A vertical from row `begin` to `end`."""
        for block in range(begin // BLOCK, end // BLOCK + 1):
            self._down.setdefault(block, []).append(Stroke(x, begin, end, name))

    def join(self, x: int, row: int) -> None:
        """Horizontal and vertical meet in this cell; elsewhere the one passes the other."""
        self._joined.add((x, row))

    def head(self, x: int, row: int, character: str) -> None:
        """A line ends here in this character."""
        self._heads.setdefault(row, {})[x] = character

    def passage(self, left: int, row: int, width: int, name: Hashable) -> None:
        """A long edge crosses a column: in on the first line, out on the second."""
        self.across(row, left - 1, left, name)
        self.down(left, row, row + 1, name)
        self.across(row + 1, left, left + width, name)
        self.join(left, row)
        self.join(left, row + 1)

    def row(self, row: int, strengths: Mapping[Hashable, Strength]) -> tuple[tuple[int, Bit], ...]:
        """What stands in a row, in runs of one style with their first cells."""
        upright: dict[int, list[int]] = {}
        level: dict[int, list[int]] = {}
        styles: dict[int, str] = {}
        for x, begin, end, name in self._down.get(row // BLOCK, ()):
            if begin <= row <= end:
                weight, style = strengths[name]
                _reach(upright.setdefault(x, [0, 0]), row, begin, end, weight)
                _colour(styles, x, style)
        for _, begin, end, name in self._across.get(row, ()):
            weight, style = strengths[name]
            for x in range(begin, end + 1):
                _reach(level.setdefault(x, [0, 0]), x, begin, end, weight)
                _colour(styles, x, style)
        heads = self._heads.get(row, {})
        found: list[tuple[int, str, str]] = []
        for x in sorted(styles):
            up, down = upright.get(x, (0, 0))
            left, right = level.get(x, (0, 0))
            if (up or down) and (left or right) and (x, row) not in self._joined:
                left = right = 0
            letter = heads.get(x) or BOX.get((up, down, left, right), "┼")
            if found and found[-1][2] == styles[x] and found[-1][0] + len(found[-1][1]) == x:
                found[-1] = (found[-1][0], found[-1][1] + letter, styles[x])
            else:
                found.append((x, letter, styles[x]))
        return tuple((x, Bit(text, style)) for x, text, style in found)


def _reach(arms: list[int], at: int, begin: int, end: int, weight: int) -> None:
    """The two arms of a cell of a line grow to its weight, but none beyond the line's ends."""
    if at > begin and weight > arms[0]:
        arms[0] = weight
    if at < end and weight > arms[1]:
        arms[1] = weight


def _colour(styles: dict[int, str], x: int, style: str) -> None:
    if RANK[style] >= RANK[styles.get(x, "line")]:
        styles[x] = style
