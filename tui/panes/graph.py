"""The graph of the plan: wave columns, edges, the critical path; a list for each wave when narrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tui.draw import Node, draw, natural_width
from tui.frame import Frame, Row, WaveHead
from tui.glyphs import mark
from tui.layout import Edge
from tui.lines import Bit, LazyLines, Line, clip, fit, spread
from tui.measures import duration, percent

LEAST_NODE, USUAL_NODE, MOST_NODE, MOST_SHARE = 14, 18, 32, 28
LEAST_WIDTH = 56


class Graph(NamedTuple):
    """The lines, how wide they are, and where the selected task stands (column and row)."""

    lines: Sequence[Line]
    width: int
    at: tuple[int, int]


def graph_of(frame: Frame, selected: str, width: int, height: int) -> Graph:
    """The drawing for a pane of `width` by `height` cells; it may be larger than the pane and scrolls."""
    if not frame.rows:
        return Graph(
            ((Bit(" no plan yet; its tasks and their dependencies are drawn here", "dim"),),), width, (0, 0)
        )
    if width < LEAST_WIDTH:
        return _list(frame, selected, width)
    widths = _widths(frame, width)
    rows = {row.id: row for row in frame.rows}
    tallest = max((len(column) for column in frame.columns), default=1)
    picture = draw(
        frame.columns,
        frame.edges,
        lambda task: _node(frame, rows[task], task == selected),
        widths=widths,
        stride=3 if tallest * 3 <= height - 1 else 2,
        heavy=_critical(frame),
        lit=_lineage(frame.edges, selected),
    )
    left = 1

    def make(y: int) -> Line:
        if y == 0:
            return _heading(frame, picture.columns, widths, left)
        return (Bit(" " * left), *picture.lines[y - 1])

    x, y = picture.where.get(selected, (0, 0))
    return Graph(LazyLines(len(picture.lines) + 1, make), picture.width + left + 1, (x + left, y + 1))


def critical_caption(frame: Frame) -> str:
    """What the heavy line means and how long the critical path is."""
    seconds = f" {duration(frame.critical_seconds)}" if frame.critical_seconds else ""
    return f"━ critical path{seconds}" if len(frame.critical) > 1 else ""


def _widths(frame: Frame, width: int) -> tuple[int, ...]:
    """The cells of each column's nodes: its longest name if the drawing then fits, else less; what is to
    spare is shared out. When nothing fits, the usual width, and the drawing scrolls."""
    names = {row.id: len(row.name) + 2 for row in frame.rows}
    longest = [max((names[task] for task in column), default=0) for column in frame.columns]
    between = natural_width(frame.columns, frame.edges, (0,) * len(longest))
    for most in range(MOST_NODE, LEAST_NODE - 1, -1):
        widths = tuple(max(LEAST_NODE, min(most, wanted)) for wanted in longest)
        spare = width - 2 - between - sum(widths)
        if spare >= 0:
            share = min(MOST_SHARE, spare // len(widths))
            return tuple(cells + share for cells in widths)
    return (USUAL_NODE,) * len(longest)


def _node(frame: Frame, row: Row, chosen: bool) -> Node:
    look = mark(row.word)
    return Node(
        glyph=look.glyph,
        name=row.name,
        detail=_detail(row),
        style=look.style,
        strong=row.id in frame.critical or row.live,
        chosen=chosen,
    )


def _detail(row: Row) -> str:
    if row.live:
        word = "isolated " if row.isolated else "" if row.word == "running" else f"{row.word} "
        number = "" if row.percent is None else f"{percent(row.percent, row.source)} "
        return f"{word}{number}{row.says or row.step.removeprefix('isolated · ')}"
    return row.step if row.word == "waiting" else row.word


def _critical(frame: Frame) -> frozenset[Edge]:
    return frozenset(edge for edge in frame.edges if edge[0] in frame.critical and edge[1] in frame.critical)


@lru_cache(maxsize=8)
def _lineage(edges: tuple[Edge, ...], task: str) -> frozenset[Edge]:
    """The edges of everything the task needs and everything that needs it, through others too."""
    found: set[Edge] = set()
    for near in (0, 1):
        beside: dict[str, list[Edge]] = {}
        for edge in edges:
            beside.setdefault(edge[near], []).append(edge)
        reached, grows = {task}, [task]
        while grows:
            more = beside.get(grows.pop(), [])
            found.update(more)
            grows += {edge[1 - near] for edge in more} - reached
            reached.update(edge[1 - near] for edge in more)
    return frozenset(found)


def _heading(frame: Frame, columns: tuple[int, ...], widths: tuple[int, ...], left: int) -> Line:
    bits: list[Bit] = [Bit(" " * left)]
    at = 0
    seen: set[int] = set()
    waves = {task: row.wave for row in frame.rows for task in (row.id,)}
    for x, cells, column in zip(columns, widths, frame.columns, strict=True):
        number = waves.get(column[0], 0) if column else 0
        if number in seen or not 0 < number <= len(frame.waves):
            continue
        seen.add(number)
        head = frame.waves[number - 1]
        bits += [Bit(" " * (x - at)), Bit(fit(_wave_title(head), cells), _wave_style(frame, head))]
        at = x + cells
    return tuple(bits)


def _wave_title(head: WaveHead) -> str:
    return f"{'✓ ' if head.closed else ''}{head.number} {head.name}"


def _wave_style(frame: Frame, head: WaveHead) -> str:
    if head.closed:
        return "ok"
    return "strong" if frame.wave and frame.wave.number == head.number else "dim"


def _list(frame: Frame, selected: str, width: int) -> Graph:
    """One block for each wave: its heading, then its tasks with what they wait for."""
    lines: list[Line] = []
    at = 0
    needs: dict[str, list[str]] = {}
    names = {row.id: row.name for row in frame.rows}
    for source, target in frame.edges:
        needs.setdefault(target, []).append(names[source])
    for head in frame.waves:
        count = Bit(f"{head.done}/{head.total} {head.word} ", "dim")
        lines.append(spread((Bit(f" {_wave_title(head)}", _wave_style(frame, head)),), (count,), width))
        for row in (row for row in frame.rows if row.wave == head.number):
            if row.id == selected:
                at = len(lines)
            lines.append(_list_line(frame, row, needs.get(row.id, []), row.id == selected, width))
    return Graph(tuple(lines), width, (0, at))


def _list_line(frame: Frame, row: Row, needs: list[str], chosen: bool, width: int) -> Line:
    look = mark(row.word)
    path = "━" if row.id in frame.critical and len(frame.critical) > 1 else " "
    after = f"  ← {', '.join(needs)}" if needs else ""
    bits = (
        Bit(f" {'▸' if chosen else path}", "accent" if chosen else "text"),
        Bit(f"{look.glyph} ", look.style),
        Bit(fit(row.name, min(24, max(8, width // 3))), "strong" if row.live else "text"),
        Bit(f" {look.word:<8}", look.style),
        Bit(after, "dim"),
    )
    line = clip([bit._replace(click=f"select:{row.id}") for bit in bits], width)
    return tuple(bit._replace(style=f"{bit.style}+chosen") for bit in line) if chosen else line
