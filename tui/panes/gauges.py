"""The machine: CPU, memory, disk, network, slots, with the limits at which starts stop and agents pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from tui.frame import Frame, Gauge
from tui.lines import Bit, Line, clip, fit
from tui.measures import duration
from tui.panes.header import meter

SPARKS = "▁▂▃▄▅▆▇█"
LOUD, FULL = 85.0, 95.0
SAMPLE_EVERY = 10.0
SAMPLES = 60
LEAST_STRIP = 30
"""Cells of a pane in which the last minutes are shown."""


class Moment(NamedTuple):
    """The machine at one moment, in percent: of the CPU, of the memory, of the slots."""

    cpu: float
    ram: float
    slots: float


class History:
    """The last ten minutes, one moment in ten seconds, oldest first."""

    def __init__(self) -> None:
        self.moments: deque[Moment] = deque(maxlen=SAMPLES)
        self._last = 0.0

    def take(self, frame: Frame) -> None:
        """Keep the frame's figures when the last ones are old enough."""
        if frame.measured - self._last >= SAMPLE_EVERY:
            self._last = frame.measured
            ram = next((gauge.percent for gauge in frame.gauges if gauge.name == "RAM"), None)
            self.moments.append(Moment(frame.cpu, ram or 0.0, 100 * frame.slots_used / max(1, frame.slots)))


def gauge_lines(frame: Frame, history: Sequence[Moment], width: int, height: int) -> tuple[Line, ...]:
    """One line for each resource, then the last minutes of `history`, oldest first: as many lines of them as
    fit into `height`, at least the CPU's."""
    if not frame.measured:
        words = "measuring …" if frame.alive and not frame.ended else "not measured: no engine is at work"
        return ((Bit(f" {words}", "dim"),), *_slots(frame, width))
    lines = [*(clip(_gauge(gauge, width), width) for gauge in frame.gauges), *_slots(frame, width)]
    return (*lines, *_strip(history, width, max(1, height - len(lines))))


def _strip(history: Sequence[Moment], width: int, rows: int) -> tuple[Line, ...]:
    """What the CPU, the memory and the slots were at, beneath each other on one scale of time."""
    if not history or width < LEAST_STRIP:
        return ()
    shown = list(history)[-(width - 19) :]
    past = duration(len(shown) * SAMPLE_EVERY)
    names = ("recent",) if rows < len(Moment._fields) else ("CPU", "RAM", "slots")
    lines: list[Line] = []
    for place, name in enumerate(names):
        values = [moment[place] for moment in shown]
        spark = "".join(SPARKS[min(7, int(max(0.0, value) / 12.5))] for value in values)
        style = "bad" if values[-1] >= FULL and place < 2 else "accent" if place < 2 else "ok"
        label = Bit(f" {name:<8}", "dim")
        lines.append((label, Bit(spark, style), Bit("" if place else f"  {past}", "dim")))
    return tuple(lines)


def _gauge(gauge: Gauge, width: int) -> tuple[Bit, ...]:
    name = Bit(f" {gauge.name:<8}", "dim")
    if gauge.percent is None:
        return (name, Bit(gauge.text, "text"))
    bar = max(8, min(20, width - 32))
    style = gauge.style or ("bad" if gauge.percent >= FULL else "warn" if gauge.percent >= LOUD else "accent")
    return (
        name,
        *meter(gauge.percent, bar, style, gauge.marks),
        Bit(f" {gauge.percent:3.0f} %", "strong"),
        Bit(f"  {gauge.text}", "dim"),
    )


def _slots(frame: Frame, width: int) -> tuple[Line, ...]:
    shown = min(frame.slots, max(4, width - 24))
    used = min(frame.slots_used, shown)
    squares = (
        " ".join("▮" * used + "▯" * (shown - used)) if shown <= 10 else "▮" * used + "▯" * (shown - used)
    )
    lines: list[Line] = [
        clip(
            (
                Bit(f" {'slots':<8}", "dim"),
                Bit(squares, "accent" if used else "dim"),
                Bit(fit(f"  {frame.slots_used} of {frame.slots}", 12), "text"),
            ),
            width,
        )
    ]
    if frame.load:
        style = "bad" if frame.load == "throttled" else "warn"
        lines.append((Bit(f" {'load':<8}", "dim"), Bit(frame.load, style)))
    return tuple(lines)
