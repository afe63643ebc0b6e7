"""A layered drawing of a graph: columns of nodes, edges on rails between them.

An edge leaves a node on its second line and enters the next on its first, so the horizontal parts of
different edges never share a row. Each node with edges into the next column has one vertical rail in the
gap between; where a rail only passes a horizontal, the rail is drawn and the horizontal is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tui.canvas import LIGHT, RANK, Canvas, Strength
from tui.layout import Edge, Key, Layout, lay_out
from tui.lines import Bit, LazyLines, Line, fit, width_of


class Node(NamedTuple):
    """What is written at a node: two lines of text with their styles."""

    glyph: str
    name: str
    detail: str
    style: str
    strong: bool = False
    chosen: bool = False


class Picture(NamedTuple):
    """The drawing: `where` gives the column and row of each node's first character, `columns` the first
    cell of each column. A line is made when it is looked at."""

    lines: Sequence[Line]
    width: int
    where: Mapping[str, tuple[int, int]]
    columns: tuple[int, ...]


class _Sketch(NamedTuple):
    """Everything but the nodes' text and how strong each line is. `tasks` are those whose first line is in a
    row."""

    canvas: Canvas
    height: int
    width: int
    where: Mapping[str, tuple[int, int]]
    columns: tuple[int, ...]
    tasks: Mapping[int, tuple[str, ...]]


def draw(
    columns: tuple[tuple[str, ...], ...],
    edges: tuple[Edge, ...],
    node_of: Callable[[str], Node],
    *,
    widths: tuple[int, ...],
    stride: int = 2,
    heavy: frozenset[Edge] = frozenset(),
    lit: frozenset[Edge] = frozenset(),
) -> Picture:
    """Draw `edges` between the nodes that stand in `columns`; `heavy` edges are thick, `lit` ones bright.

    `node_of` gives what is written at a task. `widths` are the cells of each column's nodes, `stride` the
    lines from node to node (at least 2)."""
    sketch = _sketch(columns, edges, widths, stride)
    between = _between(columns, edges, widths, stride, heavy, lit)
    width_of_node = {task: widths[index] - 2 for index, column in enumerate(columns) for task in column}

    def make(y: int) -> Line:
        row = list(between[y])
        for task in sketch.tasks.get(y, ()):
            node = node_of(task)
            tail, click, x = "+chosen" if node.chosen else "", f"select:{task}", sketch.where[task][0]
            bold = "strong" if node.strong or node.chosen else "text"
            row.append((x, Bit(f"{node.glyph} ", node.style + tail, click)))
            row.append((x + 2, Bit(fit(node.name, width_of_node[task]), bold + tail, click)))
        for task in sketch.tasks.get(y - 1, ()):
            node = node_of(task)
            tail, click, x = "+chosen" if node.chosen else "", f"select:{task}", sketch.where[task][0]
            row.append((x, Bit(f"  {fit(node.detail, width_of_node[task])}", "dim" + tail, click)))
        return _joined(row)

    return Picture(LazyLines(sketch.height, make), sketch.width, sketch.where, sketch.columns)


def natural_width(
    columns: tuple[tuple[str, ...], ...], edges: tuple[Edge, ...], widths: tuple[int, ...]
) -> int:
    """How many cells the drawing takes with nodes of those widths."""
    return _lefts(lay_out(columns, edges), widths)[1]


@lru_cache(maxsize=8)
def _sketch(
    columns: tuple[tuple[str, ...], ...], edges: tuple[Edge, ...], widths: tuple[int, ...], stride: int
) -> _Sketch:
    layout = lay_out(columns, edges)
    lefts, total = _lefts(layout, widths)
    canvas = Canvas()
    for gap in range(len(layout.rails)):
        begin, end = lefts[gap] + widths[gap], lefts[gap + 1] - 2
        for source, rail in layout.rails[gap].items():
            _rail(canvas, layout, gap, source, (begin, begin + 1 + rail, end), stride)
    for key, place in layout.slots.items():
        if key[1] >= 0:
            canvas.passage(lefts[place.column], place.slot * stride, widths[place.column], key)
    height = (1 + max((place.slot for place in layout.slots.values()), default=-1)) * stride
    where = {
        key[0]: (lefts[place.column], place.slot * stride)
        for key, place in layout.slots.items()
        if key[1] < 0
    }
    tasks: dict[int, tuple[str, ...]] = {}
    for task, (_, y) in where.items():
        tasks[y] = (*tasks.get(y, ()), task)
    return _Sketch(canvas, height, total, where, tuple(lefts), tasks)


class _Between:
    """What a row has between the nodes; kept, as it is drawn again often."""

    def __init__(self, canvas: Canvas, strengths: Mapping[Hashable, Strength]) -> None:
        self._canvas, self._strengths = canvas, strengths
        self._made: dict[int, tuple[tuple[int, Bit], ...]] = {}

    def __getitem__(self, y: int) -> tuple[tuple[int, Bit], ...]:
        row = self._made.get(y)
        if row is None:
            row = self._made[y] = self._canvas.row(y, self._strengths)
        return row


@lru_cache(maxsize=8)
def _between(
    columns: tuple[tuple[str, ...], ...],
    edges: tuple[Edge, ...],
    widths: tuple[int, ...],
    stride: int,
    heavy: frozenset[Edge],
    lit: frozenset[Edge],
) -> _Between:
    strengths = _strengths(lay_out(columns, edges), heavy, lit)
    return _Between(_sketch(columns, edges, widths, stride).canvas, strengths)


def _rail(
    canvas: Canvas, layout: Layout, gap: int, source: Key, cells: tuple[int, int, int], stride: int
) -> None:
    """One source's way to all its targets in the next column; `cells` are the gap's begin, rail and end."""
    begin, x, end = cells
    out = layout.slots[source].slot * stride + 1
    canvas.across(out, begin, x, source)
    canvas.join(x, out)
    for target in layout.links.after[gap][source]:
        row = layout.slots[target].slot * stride
        canvas.down(x, min(out, row), max(out, row), (source, target))
        canvas.across(row, x, end + (target[1] >= 0), (source, target))
        canvas.join(x, row)
        if target[1] < 0:
            canvas.head(end, row, "▶")


def _strengths(layout: Layout, heavy: frozenset[Edge], lit: frozenset[Edge]) -> dict[Hashable, Strength]:
    """How strong each link is, and what leaves a node or passage: as strong as the strongest of its links."""
    found: dict[Hashable, Strength] = {}
    for link, edges in layout.links.edges.items():
        power = found[link] = _strength(edges, heavy, lit)
        weight, style = found.get(link[0], LIGHT)
        found[link[0]] = (max(weight, power[0]), max(style, power[1], key=RANK.__getitem__))
    return found


def _strength(edges: list[Edge], heavy: frozenset[Edge], lit: frozenset[Edge]) -> Strength:
    thick = not heavy.isdisjoint(edges)
    bright = not lit.isdisjoint(edges)
    return (2 if thick else 1, "accent" if bright else "text" if thick else "line")


def _lefts(layout: Layout, widths: tuple[int, ...]) -> tuple[list[int], int]:
    """The first cell of each column, and the width of the whole."""
    lefts: list[int] = []
    left = 0
    for index in range(len(layout.order)):
        lefts.append(left)
        left += widths[index] + (len(layout.rails[index]) + 4 if index < len(layout.rails) else 0)
    return lefts, left


def _joined(row: list[tuple[int, Bit]]) -> Line:
    """Bits by their cell as one line; neighbouring bits of one style become one."""
    line: list[Bit] = []
    at = 0
    for x, bit in sorted(row, key=lambda item: item[0]):
        if x < at:
            continue
        if x > at:
            line.append(Bit(" " * (x - at)))
        if line and not bit.click and line[-1].style == bit.style and not line[-1].click:
            line[-1] = line[-1]._replace(text=line[-1].text + bit.text)
        else:
            line.append(bit)
        at = x + (len(bit.text) if not bit.click else width_of((bit,)))
    return tuple(line)
