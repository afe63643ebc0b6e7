"""The sessions: one row for each task, the working ones first, as many columns as the width allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.frame import Frame, Row
from tui.glyphs import mark
from tui.lines import Bit, LazyLines, Line, clip, fit, width_of
from tui.measures import duration, size
from tui.panes.header import meter

ORDER = {"failed": 1, "stopped": 1, "pending": 2, "waiting": 2, "blocked": 3, "merged": 4, "skipped": 4}
NOT_BEGUN = {"pending", "waiting", "blocked"}
"""Of these there is no figure: what they wait for has the place of the figures."""
LEGEND = "progress from: r reported  s steps  e estimate"


def ordered(frame: Frame) -> tuple[Row, ...]:
    """Who works comes first, then who failed, who waits, what is over; the plan's order inside each."""
    return tuple(sorted(frame.rows, key=lambda row: (ORDER.get(row.word, 0), row.wave)))


class Column(NamedTuple):
    """`need` is the pane's width from which on the column is shown; `grow` its share of spare width."""

    title: str
    width: int
    need: int
    bits: Callable[[Row, int], tuple[Bit, ...]]
    right: bool = False
    grow: int = 0


def session_lines(frame: Frame, selected: str, width: int) -> Sequence[Line]:
    """A heading and one line for each row, made when it is looked at; a click on a line selects its task."""
    if not frame.rows:
        return ((Bit(" no tasks yet; they appear here when the plan is loaded", "dim"),),)
    longest = max(len(row.name) + (3 if row.attempt > 1 else 0) for row in frame.rows)
    word = max(COLUMNS[1].width, *(len(mark(row.word).word) for row in frame.rows))
    columns = _columns(width, longest, word)
    heading = [Bit("   ")]
    for column, cells in columns:
        heading += [Bit(fit(column.title, cells, right=column.right), "dim"), Bit(" ")]
    rows = ordered(frame)

    def make(at: int) -> Line:
        if at == 0:
            return clip(heading, width)
        row = rows[at - 1]
        return _line(row, columns, row.id == selected, width)

    return LazyLines(len(rows) + 1, make)


def _columns(width: int, longest: int, word: int) -> list[tuple[Column, int]]:
    """The columns that fit whole, with their widths; the first grows to the longest name, the second has room
    for the longest `word`."""
    name_column, state, *rest = COLUMNS
    every = (name_column, state._replace(width=word), *rest)
    shown = [column for column in every if width >= column.need]
    while sum(column.width + 1 for column in shown) + 3 > width and len(shown) > 3:
        shown.remove(max(shown, key=lambda column: column.need))
    spare = max(0, width - 3 - sum(column.width + 1 for column in shown))
    name = min(spare, max(0, longest - COLUMNS[0].width), 16)
    spare -= name
    shares = sum(column.grow for column in shown)
    return [
        (column, column.width + (name if column is COLUMNS[0] else 0) + spare * column.grow // max(1, shares))
        for column in shown
    ]


def _line(row: Row, columns: list[tuple[Column, int]], chosen: bool, width: int) -> Line:
    look = mark(row.word)
    bits = [Bit("▸" if chosen else " ", "accent"), Bit(look.glyph, look.style), Bit(" ")]
    for place, (column, cells) in enumerate(columns):
        if place == 2 and row.word in NOT_BEGUN and not row.commits:
            bits += _step(row, max(0, width - width_of(bits) - 1))
            break
        bits += [*column.bits(row, cells), Bit(" ")]
    click, tail = f"select:{row.id}", "+chosen" if chosen else ""
    return clip([Bit(text, style + tail, click) for text, style, _ in bits], width)


def _tone(row: Row) -> str:
    return "text" if row.live or row.word in {"complete", "failed"} else "dim"


def _name(row: Row, cells: int) -> tuple[Bit, ...]:
    attempt = f" #{row.attempt}" if row.attempt > 1 else ""
    style = "strong" if row.live or row.word == "failed" else _tone(row)
    return (Bit(fit(row.name, cells - len(attempt)), style), Bit(attempt, "dim"))


def _state(row: Row, cells: int) -> tuple[Bit, ...]:
    look = mark(row.word)
    return (Bit(fit(look.word, cells), look.style),)


def _progress(row: Row, cells: int) -> tuple[Bit, ...]:
    bar = cells - 7
    if row.percent is None:
        return (Bit("─" * bar, "line"), Bit(f" {'–':>4}  ", "dim"))
    style = mark(row.word).style if row.percent else "line"
    number = f"{'~' if row.source == 'e' else ''}{row.percent:.0f}%"
    return (
        *meter(row.percent, bar, style),
        Bit(f" {number:>4}", _tone(row)),
        Bit(f" {row.source or ' '}", "dim"),
    )


def _step(row: Row, cells: int) -> tuple[Bit, ...]:
    text = row.note if row.note.startswith("asks:") else row.step
    style = "bad" if row.word == "failed" else "warn" if row.note.startswith("asks:") else _tone(row)
    if row.health not in {"", "healthy"} and row.live:
        return (Bit(fit(f"{row.health} · {text}", cells), "warn"),)
    return (Bit(fit(text, cells), style),)


def _text(get: Callable[[Row], str], *, right: bool = False) -> Callable[[Row, int], tuple[Bit, ...]]:
    return lambda row, cells: (Bit(fit(get(row), cells, right=right), _tone(row)),)


def _percent_of_core(row: Row) -> str:
    return "–" if row.cpu is None else f"{row.cpu:.0f} %"


COLUMNS = (
    Column("task", 14, 0, _name),
    Column("state", 8, 0, _state),
    Column("progress", 17, 0, _progress, grow=1),
    Column("step", 18, 64, _step, grow=4),
    Column("branch", 18, 118, _text(lambda row: row.branch or "–"), grow=3),
    Column("commits", 7, 100, _text(lambda row: str(row.commits or "–"), right=True), right=True),
    Column("tests", 7, 92, _text(lambda row: row.tests or "–", right=True), right=True),
    Column("ETA", 7, 50, _text(lambda row: duration(row.eta), right=True), right=True),
    Column("CPU", 6, 84, _text(_percent_of_core, right=True), right=True),
    Column("memory", 7, 110, _text(lambda row: size(row.rss), right=True), right=True),
)
