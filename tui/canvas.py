"""Cells on which lines cross, join and end: the characters between a graph's nodes."""

from __future__ import annotations

from tui.boxes import BOX, Arms

Strength = tuple[int, str]
"""Weight (1 light, 2 heavy) and style of a line."""
LIGHT: Strength = (1, "line")


class Canvas:
    """Cells of lines: what passes vertically, what horizontally, and where the two are joined."""

    def __init__(self) -> None:
        self.vertical: dict[tuple[int, int], list[int]] = {}
        self.horizontal: dict[tuple[int, int], list[int]] = {}
        self.joined: set[tuple[int, int]] = set()
        self.style: dict[tuple[int, int], str] = {}
        self.heads: dict[tuple[int, int], str] = {}

    def across(self, row: int, begin: int, end: int, strength: Strength) -> None:
        """A horizontal from cell `begin` to `end`, both half taken."""
        for x in range(begin, end + 1):
            cell = self.horizontal.setdefault((x, row), [0, 0])
            if x > begin:
                cell[0] = max(cell[0], strength[0])
            if x < end:
                cell[1] = max(cell[1], strength[0])
            self._colour((x, row), strength)

    def down(self, x: int, begin: int, end: int, strength: Strength) -> None:
        """A vertical from row `begin` to `end`, both half taken."""
        for row in range(begin, end + 1):
            cell = self.vertical.setdefault((x, row), [0, 0])
            if row > begin:
                cell[0] = max(cell[0], strength[0])
            if row < end:
                cell[1] = max(cell[1], strength[0])
            self._colour((x, row), strength)

    def passage(self, left: int, row: int, width: int, strength: Strength) -> None:
        """A long edge crosses a column: in on the first line, out on the second."""
        self.across(row, left - 1, left, strength)
        self.down(left, row, row + 1, strength)
        self.across(row + 1, left, left + width, strength)
        self.joined |= {(left, row), (left, row + 1)}

    def _colour(self, cell: tuple[int, int], strength: Strength) -> None:
        rank = {"line": 0, "text": 1, "accent": 2}
        if rank[strength[1]] >= rank[self.style.get(cell, "line")]:
            self.style[cell] = strength[1]

    def character(self, cell: tuple[int, int]) -> str:
        """The character at the cell; a blank where nothing is."""
        if cell in self.heads:
            return self.heads[cell]
        up, down = self.vertical.get(cell, (0, 0))
        left, right = self.horizontal.get(cell, (0, 0))
        if (up or down) and (left or right) and cell not in self.joined:
            left = right = 0
        arms: Arms = (up, down, left, right)
        return BOX.get(arms, "┼")

    def cells(self) -> set[tuple[int, int]]:
        """Every cell that holds something."""
        return self.vertical.keys() | self.horizontal.keys() | self.heads.keys()
