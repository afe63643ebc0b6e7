"""Past runs: the list, one run's chart over time, its report, two compared; pure lines (M217)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine import Chronicle, Doing, PastRun, RunReport, RunRow, clean, report_text, show_duration
from tui.glyphs import mark
from tui.lines import BLANK, Bit, Line, clip, cut, fit

LOOKS = {
    Doing.WORKTREE: ("╌", "dim"),
    Doing.SETUP: ("╌", "dim"),
    Doing.ACTIVE: ("━", "ok"),
    Doing.PAUSED: ("┄", "warn"),
    Doing.PERSON: ("┄", "warn"),
    Doing.WAITING: ("·", "dim"),
    Doing.GATE: ("═", "accent"),
    Doing.MERGE: ("═", "accent"),
    Doing.CLEANUP: ("╌", "dim"),
}
"""How each thing an attempt is at is drawn, and in which style."""
KEY = (Doing.ACTIVE, Doing.PAUSED, Doing.WAITING, Doing.GATE)
NAME = 20


def run_lines(runs: Sequence[PastRun], selected: str, chosen: str, width: int) -> tuple[Line, ...]:
    """One line for each run, the newest first; the one marked for a comparison has a star."""
    if not runs:
        return ((Bit(" no run yet", "dim"),),)
    return tuple(_run_line(run, run.run == selected, run.run == chosen, width) for run in runs)


def _run_line(run: PastRun, here: bool, chosen: bool, width: int) -> Line:
    look = mark({"done": "merged", "active": "running"}.get(run.state, run.state))
    day = time.strftime("%d %b %H:%M", time.localtime(run.started)) if run.started else ""
    head = f"{'▸' if here else ' '}{'*' if chosen else ' '}"
    counts = f"{run.merged}/{run.tasks}" + (f" {run.failed} failed" if run.failed else "")
    click = f"run:{run.run}"
    bits = (
        Bit(head, "accent", click),
        Bit(f"{look.glyph} ", look.style, click),
        Bit(fit(run.run, 5), "strong" if here else "text", click),
        Bit(f"{day}  ", "dim", click),
        Bit(f"{fit(counts, 14)} ", "bad" if run.failed else "text", click),
        Bit(cut(clean(run.plan, 80), max(0, width - 40)), "dim", click),
    )
    return clip(bits, width)


def report_lines(report: RunReport, width: int, until: float | None = None) -> tuple[Line, ...]:
    """The chart of a run, then its report as it is printed. `until` is a share of the run: the chart as it
    was then, and nothing else."""
    lines = [*gantt_lines(report.told, width, until)]
    if until is None:
        for text in report_text(report).splitlines():
            lines.append((Bit(f" {cut(text, width - 2)}", _style(text)),))
    return tuple(lines)


def _style(text: str) -> str:
    if text.lstrip().startswith(("✗", "❌")) or " fail" in text or " critical" in text:
        return "bad"
    if text.lstrip().startswith(("✓", "✅")) or " pass " in text or " ok " in text:
        return "ok"
    return "strong" if text and not text.startswith(" ") and len(text) < 40 else "text"


def gantt_lines(told: Chronicle, width: int, until: float | None = None) -> tuple[Line, ...]:
    """The attempts as bars over time; each cell shows what the attempt was at for most of it."""
    attempts = [one for one in told.attempts if one.spans]
    if not attempts:
        return ((Bit(" no attempt was begun", "dim"),), BLANK)
    start, end = told.begun, max(told.done, told.begun + 0.001)
    cells = max(10, width - NAME - 3)
    shown = end if until is None else start + (end - start) * until
    head = f" {show_duration(shown - start)} of {show_duration(end - start)}" if until is not None else ""
    key: list[Bit] = [Bit(f" {show_duration(end - start)} " if until is None else head + " ", "strong")]
    for doing in KEY:
        glyph, style = LOOKS[doing]
        key += [Bit(f"  {glyph}{glyph} ", style), Bit(doing.value, "dim")]
    lines: list[Line] = [clip(key, width)]
    for one in attempts:
        name = clean(one.task, 60) + (f" #{one.number}" if one.number > 1 else "")
        bits = [Bit(f" {fit(name, NAME)} ", "text")]
        bits += _bar(one.spans, start, (end - start) / cells, cells, shown)
        lines.append(clip(bits, width))
    return (*lines, BLANK)


def _bar(
    spans: Sequence[tuple[Doing, float, float]], start: float, step: float, cells: int, until: float
) -> list[Bit]:
    bits: list[Bit] = []
    for cell in range(cells):
        left = start + cell * step
        right = min(left + step, until)
        best, most = None, 0.0
        for doing, since, end in spans:
            share = min(right, end) - max(left, since)
            if share > most:
                best, most = doing, share
        glyph, style = LOOKS[best] if best is not None else (" ", "dim")
        if bits and bits[-1].style == style:
            bits[-1] = bits[-1]._replace(text=bits[-1].text + glyph)
        else:
            bits.append(Bit(glyph, style))
    return bits


def compare_lines(first: str, second: str, rows: Sequence[RunRow], width: int) -> tuple[Line, ...]:
    """Two runs beside each other."""
    lines: list[Line] = [(Bit(f" {'':<30}{first:>12}{second:>12}", "strong"),)]
    for row in rows:
        texts = [_number(value, row.unit) for value in (row.first, row.second)]
        line = (Bit(f" {row.name:<30}", "text"), *(Bit(f"{text:>12}", "text") for text in texts))
        lines.append(clip(line, width))
    return tuple(lines)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "n/a"
    return show_duration(value) if unit == "s" else f"{value:.1f} %" if unit else f"{value:g}"
