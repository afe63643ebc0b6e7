"""A layered drawing of a graph: columns of nodes, edges on rails between them.

An edge leaves a node on its second line and enters the next on its first, so the horizontal parts of
different edges never share a row. Each node with edges into the next column has one vertical rail in the
gap between; where a rail only passes a horizontal, the rail is drawn and the horizontal is broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from tui.canvas import LIGHT, Canvas, Strength
from tui.layout import Edge, Key, Layout, lay_out
from tui.lines import Bit, Line, fit, width_of


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
    cell of each column."""

    lines: tuple[Line, ...]
    width: int
    where: Mapping[str, tuple[int, int]]
    columns: tuple[int, ...]


class _Drawn(NamedTuple):
    """Everything but the nodes' text: `rows` are cells and bits of each line."""

    rows: tuple[tuple[tuple[int, Bit], ...], ...]
    width: int
    where: Mapping[str, tuple[int, int]]
    columns: tuple[int, ...]


def draw(
    columns: tuple[tuple[str, ...], ...],
    edges: tuple[Edge, ...],
    nodes: Mapping[str, Node],
    *,
    widths: tuple[int, ...],
    stride: int = 2,
    heavy: frozenset[Edge] = frozenset(),
    lit: frozenset[Edge] = frozenset(),
) -> Picture:
    """Draw `edges` between the `nodes` that stand in `columns`; `heavy` edges are thick, `lit` ones bright.

    `widths` are the cells of each column's nodes, `stride` the lines from node to node (at least 2)."""
    drawn = _edges(columns, edges, widths, stride, heavy, lit)
    width_of_node = {task: widths[index] - 2 for index, column in enumerate(columns) for task in column}
    rows = [list(row) for row in drawn.rows]
    for task, (x, y) in drawn.where.items():
        node = nodes[task]
        tail = "+chosen" if node.chosen else ""
        click = f"select:{task}"
        bold = "strong" if node.strong or node.chosen else "text"
        rows[y].append((x, Bit(f"{node.glyph} ", node.style + tail, click)))
        rows[y].append((x + 2, Bit(fit(node.name, width_of_node[task]), bold + tail, click)))
        rows[y + 1].append((x, Bit(f"  {fit(node.detail, width_of_node[task])}", "dim" + tail, click)))
    return Picture(tuple(_joined(row) for row in rows), drawn.width, drawn.where, drawn.columns)


def natural_width(
    columns: tuple[tuple[str, ...], ...], edges: tuple[Edge, ...], widths: tuple[int, ...]
) -> int:
    """How many cells the drawing takes with nodes of those widths."""
    return _lefts(lay_out(columns, edges), widths)[1]


@lru_cache(maxsize=8)
def _edges(
    columns: tuple[tuple[str, ...], ...],
    edges: tuple[Edge, ...],
    widths: tuple[int, ...],
    stride: int,
    heavy: frozenset[Edge],
    lit: frozenset[Edge],
) -> _Drawn:
    layout = lay_out(columns, edges)
    lefts, total = _lefts(layout, widths)
    canvas = Canvas()
    for gap in range(len(layout.rails)):
        begin, end = lefts[gap] + widths[gap], lefts[gap + 1] - 2
        for source, rail in layout.rails[gap].items():
            _rail(canvas, layout, gap, source, (begin, begin + 1 + rail, end), stride, heavy, lit)
    for key, place in layout.slots.items():
        if key[1] >= 0:
            power = _strongest(layout, key, heavy, lit)
            canvas.passage(lefts[place.column], place.slot * stride, widths[place.column], power)
    height = (1 + max((place.slot for place in layout.slots.values()), default=-1)) * stride
    rows: list[list[tuple[int, Bit]]] = [[] for _ in range(height)]
    for x, y in canvas.cells():
        rows[y].append((x, Bit(canvas.character((x, y)), canvas.style.get((x, y), "line"))))
    where = {
        key[0]: (lefts[place.column], place.slot * stride)
        for key, place in layout.slots.items()
        if key[1] < 0
    }
    return _Drawn(tuple(map(_runs, rows)), total, where, tuple(lefts))


def _runs(row: list[tuple[int, Bit]]) -> tuple[tuple[int, Bit], ...]:
    """Cells of one style that stand beside each other as one bit: this is kept, and drawn again often."""
    found: list[tuple[int, Bit]] = []
    for x, bit in sorted(row, key=lambda item: item[0]):
        if found and found[-1][1].style == bit.style and found[-1][0] + len(found[-1][1].text) == x:
            found[-1] = (found[-1][0], Bit(found[-1][1].text + bit.text, bit.style))
        else:
            found.append((x, bit))
    return tuple(found)


def _rail(
    canvas: Canvas,
    layout: Layout,
    gap: int,
    source: Key,
    cells: tuple[int, int, int],
    stride: int,
    heavy: frozenset[Edge],
    lit: frozenset[Edge],
) -> None:
    """One source's way to all its targets in the next column; `cells` are the gap's begin, rail and end."""
    begin, x, end = cells
    out = layout.slots[source].slot * stride + 1
    canvas.across(out, begin, x, _strongest(layout, source, heavy, lit))
    canvas.joined.add((x, out))
    for target in layout.links.after[gap][source]:
        power = _strength(layout.links.edges[(source, target)], heavy, lit)
        row = layout.slots[target].slot * stride
        canvas.down(x, min(out, row), max(out, row), power)
        canvas.across(row, x, end + (target[1] >= 0), power)
        canvas.joined.add((x, row))
        if target[1] < 0:
            canvas.heads[(end, row)] = "▶"


def _strength(edges: list[Edge], heavy: frozenset[Edge], lit: frozenset[Edge]) -> Strength:
    thick = any(edge in heavy for edge in edges)
    bright = any(edge in lit for edge in edges)
    return (2 if thick else 1, "accent" if bright else "text" if thick else "line")


def _strongest(layout: Layout, source: Key, heavy: frozenset[Edge], lit: frozenset[Edge]) -> Strength:
    found = LIGHT
    for (start, _), edges in layout.links.edges.items():
        if start == source:
            power = _strength(edges, heavy, lit)
            found = (max(found[0], power[0]), max(found[1], power[1], key=("line", "text", "accent").index))
    return found


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
