"""Past runs: the list, what is left of it by a filter, two compared; pure lines (M217)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine import PastRun, RunRow, clean, show_duration
from tui.glyphs import mark
from tui.lines import Bit, Line, clip, cut, fit


def run_lines(runs: Sequence[PastRun], selected: str, chosen: str, width: int) -> tuple[Line, ...]:
    """One line for each run, the newest first; the one marked for a comparison has a star."""
    return tuple(_run_line(run, run.run == selected, run.run == chosen, width) for run in runs)


def _run_line(run: PastRun, here: bool, chosen: bool, width: int) -> Line:
    look = mark({"done": "merged", "active": "running"}.get(run.state, run.state))
    head = f"{'▸' if here else ' '}{'*' if chosen else ' '}"
    counts = f"{run.merged}/{run.tasks}" + (f" {run.failed} failed" if run.failed else "")
    click = f"run:{run.run}"
    bits = (
        Bit(head, "accent", click),
        Bit(f"{look.glyph} ", look.style, click),
        Bit(fit(run.run, 5), "strong" if here else "text", click),
        Bit(f"{_day(run):<12}  ", "dim", click),
        Bit(f"{fit(counts, 14)} ", "bad" if run.failed else "text", click),
        Bit(cut(clean(run.plan, 80), max(0, width - 40)), "dim", click),
    )
    return clip(bits, width)


def matching(runs: Sequence[PastRun], words: str) -> list[PastRun]:
    """The runs that have every word of the filter in their name, state, plan or day, in any case."""
    wanted = words.casefold().split()
    return [run for run in runs if all(word in _told(run).casefold() for word in wanted)]


def _told(run: PastRun) -> str:
    return f"{run.run} {run.state} {_day(run)} {run.plan}"


def _day(run: PastRun) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(run.started)) if run.started else ""


def compare_lines(first: str, second: str, rows: Sequence[RunRow], width: int) -> tuple[Line, ...]:
    """Two runs beside each other, and what changed from the first to the second."""
    name = max(20, min(30, width - 3 * 11 - 1))
    lines: list[Line] = [(Bit(f" {'':<{name}}{first:>11}{second:>11}{'change':>11}", "strong"),)]
    for row in rows:
        *values, change = row_texts(row)
        bits = (
            Bit(f" {fit(row.name.replace('_', ' '), name)}", "text"),
            *(Bit(f"{text:>11}", "text") for text in values),
        )
        lines.append(clip((*bits, Bit(f"{change:>11}", "dim")), width))
    return tuple(lines)


def row_texts(row: RunRow) -> tuple[str, str, str]:
    """A number of both runs in words, and the change; no change where one cannot be told."""
    change = ""
    if row.first is not None and row.second is not None:
        change = _number(row.second - row.first, row.unit, signed=True)
    return _number(row.first, row.unit), _number(row.second, row.unit), change


def _number(value: float | None, unit: str, *, signed: bool = False) -> str:
    if value is None:
        return "n/a"
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    number = abs(value)
    if unit == "s":
        return f"{sign}{show_duration(number)}"
    return f"{sign}{number:.1f} %" if unit else f"{sign}{number:g}"
