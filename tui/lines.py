"""Lines made of styled bits: what every pure drawing function returns and every widget paints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, overload

from rich.cells import cell_len, set_cell_size


class Bit(NamedTuple):
    """A piece of one line: `style` names an entry of the palette, `click` what a click on it does
    (`select:TASK` or `do:ACTION`)."""

    text: str
    style: str = ""
    click: str = ""


Line = tuple[Bit, ...]
BLANK: Line = ()


class LazyLines(Sequence[Line]):
    """So many lines, each made by `make` when it is looked at."""

    MOST_KEPT = 2_000

    def __init__(self, count: int, make: Callable[[int], Line]) -> None:
        self._count, self._make = count, make
        self._made: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(self._count))]
        place = at + self._count if at < 0 else at
        if not 0 <= place < self._count:
            raise IndexError(at)
        if place not in self._made:
            if len(self._made) > self.MOST_KEPT:
                self._made.clear()
            self._made[place] = self._make(place)
        return self._made[place]


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells; what was cut off is marked by an ellipsis."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, padded at the end or, with `right`, at the front."""
    text = cut(text, width)
    room = " " * max(0, width - cell_len(text))
    return room + text if right else text + room


def width_of(line: Iterable[Bit]) -> int:
    """How many cells the line takes."""
    return sum(cell_len(bit.text) for bit in line)


def spread(left: Sequence[Bit], right: Sequence[Bit], width: int) -> Line:
    """`left` at the left and `right` at the right edge of `width` cells; the left gives way."""
    room = width - width_of(right)
    left = clip(left, max(0, room - 1))
    return (*left, Bit(" " * max(0, room - width_of(left))), *right)


def clip(line: Sequence[Bit], width: int) -> Line:
    """The line in at most `width` cells."""
    kept: list[Bit] = []
    room = width
    for bit in line:
        size = cell_len(bit.text)
        if size > room:
            if room > 0:
                kept.append(bit._replace(text=cut(bit.text, room)))
            break
        kept.append(bit)
        room -= size
    return tuple(kept)


def flowing(lead: Bit, groups: Iterable[Sequence[Bit]], width: int) -> list[Line]:
    """`lead`, then the groups, in lines of at most `width` cells, without blanks at their ends; no group is
    broken, and what does not fit goes on beneath where the lead begins."""
    indent = Bit(" " * (len(lead.text) - len(lead.text.lstrip())))
    lines: list[list[Bit]] = [[lead]]
    for group in groups:
        if len(lines[-1]) > 1 and width_of(_stripped((*lines[-1], *group))) > width:
            lines.append([indent])
        lines[-1] += group
    return [clip(_stripped(line), width) for line in lines]


def _stripped(line: Sequence[Bit]) -> Line:
    return (*line[:-1], line[-1]._replace(text=line[-1].text.rstrip()))


def wrap(text: str, width: int) -> list[str]:
    """`text` broken at blanks into pieces of at most `width` cells; a long word is broken anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        while cell_len(word) > width > 0:
            head = set_cell_size(word, width - cell_len(line) - bool(line)).rstrip()
            if line or not head:
                lines.append(line)
                line = ""
                continue
            lines.append(head)
            word = word[len(head) :]
        candidate = f"{line} {word}" if line else word
        if cell_len(candidate) > width and line:
            lines.append(line)
            candidate = word
        line = candidate
    return [*lines, line] if line else lines


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, without trailing blanks."""
    return "\n".join("".join(bit.text for bit in line).rstrip() for line in lines)
