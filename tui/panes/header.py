"""The header: project, run, base; the wave at work; the overall bar and the time that is left."""

from __future__ import annotations

from tui.frame import Frame
from tui.glyphs import mark
from tui.keys import key_of
from tui.lines import Bit, Line, spread
from tui.measures import duration

PHASE_STYLE = {"done": "ok", "failed": "bad", "stopped": "warn", "stopping": "warn"}


def meter(percent: float | None, width: int, style: str, marks: tuple[float, ...] = ()) -> tuple[Bit, ...]:
    """A thin bar of `width` cells with half-cell steps; `marks` are limits in percent."""
    halves = round(min(100.0, max(0.0, percent or 0.0)) / 100 * width * 2)
    cells = ["━"] * (halves // 2) + (["╸"] if halves % 2 else [])
    full = len(cells)
    cells += ["─"] * (width - full)
    for limit in marks:
        place = min(width - 1, int(limit / 100 * width))
        cells[place] = "┊" if place >= full else "┃"
    text = "".join(cells)
    return (Bit(text[:full], style), Bit(text[full:], "line"))


def header_line(frame: Frame, width: int) -> Line:
    """One line; what needs a person stands before the progress."""
    left = [Bit(" wavetree ", "brand"), Bit(" "), Bit(frame.project or "no plan", "strong")]
    if not frame.run and not frame.alive:
        return spread(left, (Bit("no run yet ", "dim"),), width)
    if width >= 60:
        where = f" · run {frame.number}" + (f" · {frame.base}" if frame.base and width >= 100 else "")
        left.append(Bit(where, "dim"))
    return spread(left, (*_state(frame, width), *_overall(frame, width)), width)


def _state(frame: Frame, width: int) -> tuple[Bit, ...]:
    if frame.ended:
        return (Bit(f"run {frame.phase}  ", PHASE_STYLE.get(frame.phase, "strong")),)
    if not frame.alive:
        return (Bit(f"engine not running · {key_of(frame, 'resume')} resumes  ", "alarm"),)
    if frame.offered and frame.wave:
        key = key_of(frame, "approve")
        text = f" wave {frame.offered} waits for you: {key} " if width >= 80 else f" approve: {key} "
        return (Bit(text, "alarm", "do:approve"), Bit("  "))
    if frame.phase == "stopping":
        return (Bit("stopping  ", "warn"),)
    if frame.wave is None:
        return (Bit(f"{frame.phase}  ", "dim"),)
    bits = [Bit(f"wave {frame.wave.number} of {len(frame.waves)}", "strong")]
    if width >= 100:
        bits.append(Bit(f" {frame.wave.name[:24]}", "text"))
    if frame.held:
        bits.append(Bit(f"  {mark('paused').glyph} all held", "warn"))
    elif frame.wave.word not in {"at work"} and width >= 100:
        bits.append(Bit(f" · {frame.wave.word}", "dim"))
    return (*bits, Bit("  "))


def _overall(frame: Frame, width: int) -> tuple[Bit, ...]:
    bar = 16 if width >= 100 else 8
    style = "bad" if frame.phase == "failed" else "ok" if frame.ended else "accent"
    bits = [*meter(frame.overall, bar, style), Bit(f" {frame.overall:3.0f}%", "strong")]
    if frame.ended:
        bits.append(Bit(f"  took {duration(frame.elapsed)}", "dim"))
    elif width >= 80:
        bits.append(Bit(f"  ETA {duration(frame.eta):>8}", "text" if frame.eta is not None else "dim"))
    return (*bits, Bit(" "))
