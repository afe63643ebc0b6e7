"""One past run on the screen: how it ended, its chart, its metrics, what its report says in words (M217)."""

from __future__ import annotations

from collections.abc import Iterator

from engine import (
    Metric,
    Phase,
    RunPhase,
    RunReport,
    clean,
    metric_numbers,
    metric_value,
    report_sections,
    show_duration,
)
from tui.glyphs import mark
from tui.lines import BLANK, Bit, Line, clip, fit, width_of, wrap
from tui.measures import count
from tui.panes.chart import gantt_lines, slider_line

VERDICTS = {"pass": "ok", "ok": "ok", "fail": "bad", "critical": "bad", "n/a": "dim"}
"""The style of a verdict; all others are warnings."""
NAME, VALUE, VERDICT, TARGET = 30, 8, 13, 9
NUMBERS = 24
"""The least cells beside the target in which the numbers are told; else they are shown when asked for."""


def past_lines(
    report: RunReport, width: int, until: float | None = None, *, numbers: bool = False
) -> tuple[Line, ...]:
    """A run: head, chart, metrics, then its waves, conflicts, forecast, decisions and notes. `until` is a
    share of the run: a slider and the chart as it was then, and nothing else. With `numbers` the metrics say
    what they came from also where that takes a line more."""
    if until is not None:
        chart = gantt_lines(report.told, width, until, report.times)
        return (slider_line(report.told, width, until), BLANK, *chart)
    return (
        *_head(report, width),
        BLANK,
        *gantt_lines(report.told, width, times=report.times),
        *_metrics(report, width, numbers),
        *(line for part in report_sections(report) for line in _words(part, width)),
    )


def _head(report: RunReport, width: int) -> Iterator[Line]:
    state = report.state
    merged = sum(task.phase is Phase.MERGED for task in state.tasks.values())
    look = mark({"done": "merged"}.get(state.phase.value, state.phase.value))
    facts = f"{merged} of {count(len(state.tasks), 'task')} merged · took {show_duration(report.told.wall())}"
    if waited := report.told.waited():
        facts += f" · waited {show_duration(waited)} for a person"
    head = Bit(f" {look.glyph} {state.phase.value}  ", look.style)
    for place, line in enumerate(wrap(facts, width - width_of((head,)))):
        yield (head if not place else Bit(" " * width_of((head,))), Bit(line, "text"))
    if state.phase is not RunPhase.DONE:
        yield from ((Bit(f" {line}", "bad"),) for line in wrap(clean(state.reason, 400), width - 2))


def _metrics(report: RunReport, width: int, numbers: bool) -> Iterator[Line]:
    """Every metric with value, verdict and target."""
    if not report.metrics:
        return
    title = f" {'Metrics':<{NAME}}{'value':>{VALUE}}  {'verdict':<{VERDICT}}{'target':<{TARGET}}"
    yield clip((Bit(title[:8], "strong"), Bit(title[8:], "dim")), width)
    for metric in report.metrics:
        yield from _metric(metric, width, numbers)
    yield BLANK


def _metric(metric: Metric, width: int, more: bool) -> Iterator[Line]:
    style = VERDICTS.get(metric.verdict, "warn")
    bits = [
        Bit(f" {fit(metric.name.replace('_', ' '), NAME)}", "text" if metric.value is not None else "dim"),
        Bit(f"{metric_value(metric):>{VALUE}}  ", "strong" if metric.value is not None else "dim"),
        Bit(fit(metric.verdict, VERDICT), style),
        Bit(fit(metric.target, TARGET), "dim"),
    ]
    numbers = ", ".join(f"{name.replace('_', ' ')} {number:g}" for name, number in metric_numbers(metric))
    beside = width - NAME - VALUE - VERDICT - TARGET - 4
    if beside >= NUMBERS and len(numbers) <= beside:
        yield clip((*bits, Bit(numbers, "dim")), width)
        return
    yield clip(bits, width)
    yield from ((Bit(f"   {line}", "dim"),) for line in wrap(numbers, width - 4) if more)


def _words(part: str, width: int) -> Iterator[Line]:
    """A section of the report: its heading, then its lines, wrapped beneath where they begin."""
    for number, text in enumerate(part.splitlines()):
        indent = len(text) - len(text.lstrip()) + 1
        style = "strong" if number == 0 else _style(text.strip())
        for place, line in enumerate(wrap(text, width - indent - 3)):
            yield (Bit(" " * (indent + 2 * bool(place)) + line, style),)
    yield BLANK


def _style(text: str) -> str:
    """The style of a line by the mark or the word that it begins with."""
    begins = {"✗": "bad", "✓": "ok", "hint:": "accent", "Next": "accent", "files:": "dim"}
    return begins.get(text.partition(" ")[0], "text")
