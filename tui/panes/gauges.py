"""The machine: CPU, memory, disk, network, slots, with the limits at which starts stop and agents pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tui.frame import Frame, Gauge
from tui.lines import Bit, Line, clip, fit
from tui.panes.header import meter

SPARKS = "▁▂▃▄▅▆▇█"
LOUD, FULL = 85.0, 95.0
SAMPLE_EVERY = 10.0
SAMPLES = 60


class History:
    """The CPU's percent of the last ten minutes, one sample in ten seconds, oldest first."""

    def __init__(self) -> None:
        self.values: deque[float] = deque(maxlen=SAMPLES)
        self._last = 0.0

    def take(self, frame: Frame) -> None:
        """Keep the frame's value when the last sample is old enough."""
        if frame.measured - self._last >= SAMPLE_EVERY:
            self._last = frame.measured
            self.values.append(frame.cpu)


def gauge_lines(frame: Frame, history: Iterable[float], width: int) -> tuple[Line, ...]:
    """One line for each resource; `history` is the CPU's percent of the last minutes, oldest first."""
    if not frame.measured:
        words = "measuring …" if frame.alive and not frame.ended else "not measured: no engine is at work"
        return ((Bit(f" {words}", "dim"),), *_slots(frame, width))
    lines = [clip(_gauge(gauge, width), width) for gauge in frame.gauges]
    spark = "".join(
        SPARKS[min(7, int(max(0.0, value) / 12.5))] for value in list(history)[-max(1, width - 10) :]
    )
    recent = ((Bit(f" {'recent':<8}", "dim"), Bit(spark, "accent")),) if spark and width >= 30 else ()
    return (*lines, *_slots(frame, width), *recent)


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
