"""A run's attempts as bars over time: waves, conflicts as marks on the bars, a time axis (M217)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine import Attempt, Chronicle, Doing, Timeline, clean, show_duration, ticks
from tui.lines import BLANK, Bit, Line, clip, fit, width_of

LOOKS = {
    Doing.WORKTREE: ("╌", "dim"),
    Doing.SETUP: ("╌", "dim"),
    Doing.ACTIVE: ("━", "ok"),
    Doing.PAUSED: ("┄", "warn"),
    Doing.PERSON: ("┄", "warn"),
    Doing.WAITING: ("·", "dim"),
    Doing.GATE: ("═", "accent"),
    Doing.MERGE: ("═", "strong"),
    Doing.CLEANUP: ("╌", "dim"),
}
"""How each thing an attempt is at is drawn, and in which style."""
CONFLICT = Bit("✖", "bad")
SHORTEST, LONGEST = 8, 28
"""Cells that the names may take."""
APART = 12
"""The least cells between two marks of the axis."""


def gantt_lines(
    told: Chronicle, width: int, until: float | None = None, times: Timeline | None = None
) -> tuple[Line, ...]:
    """The attempts of each wave as bars; each cell shows what the attempt was at for most of it. `until` is a
    share of the run: the chart as it was then. `times` has the moments at which conflicts were found."""
    attempts = [one for one in told.attempts if one.spans]
    if not attempts:
        return ((Bit(" no attempt was begun", "dim"),), BLANK)
    start, end = told.begun, max(told.done, told.begun + 0.001)
    shown = end if until is None else start + (end - start) * until
    names = {id(one): _name(one) for one in attempts}
    room = min(LONGEST, max(SHORTEST, *map(len, names.values())), max(SHORTEST, width // 3))
    cells = max(10, width - room - 3)
    step = (end - start) / cells
    found = _found(told, times)
    lines: list[Line] = []
    wave = 0
    waves = {told.state.tasks[one.task].wave for one in attempts if one.task in told.state.tasks}
    for one in sorted(attempts, key=lambda one: _wave_of(told, one)):
        if len(waves) > 1 and wave != _wave_of(told, one):
            wave = _wave_of(told, one)
            lines.append(clip((Bit(f" {_title(told, wave)}", "dim"),), width))
        bar = _bar(one, start, step, cells, shown, found.get(one.task, ()))
        lines.append((Bit(f" {fit(names[id(one)], room)} ", "text"), *bar))
    axis = _axis(end - start, cells)
    key = _key(attempts, any(found.values()), width)
    return (*lines, (Bit(" " * (room + 2)), Bit(axis, "dim")), *key, BLANK)


def slider_line(told: Chronicle, width: int, until: float) -> Line:
    """Where in the run's time a replay stands: `40 s of 2 min ━━━━●────`."""
    whole = max(told.done, told.begun + 0.001) - told.begun
    words = f" {show_duration(whole * until)} of {show_duration(whole)} "
    cells = max(4, width - len(words) - 1)
    at = min(cells - 1, round(until * (cells - 1)))
    return (
        Bit(words, "strong"),
        Bit("━" * at, "accent"),
        Bit("●", "accent"),
        Bit("─" * (cells - at - 1), "line"),
    )


def _name(one: Attempt) -> str:
    return clean(one.task, 60) + (f" #{one.number}" if one.number > 1 else "")


def _wave_of(told: Chronicle, one: Attempt) -> int:
    task = told.state.tasks.get(one.task)
    return task.wave if task else 0


def _title(told: Chronicle, number: int) -> str:
    names = [wave.name for wave in told.state.waves if wave.number == number]
    name = clean(names[0], 60) if names else ""
    return f"wave {number}" if name in ("", f"Wave {number}") else f"wave {number} {name}"


def _found(told: Chronicle, times: Timeline | None) -> Mapping[str, list[float]]:
    """When a grave conflict of each task was found."""
    found: dict[str, list[float]] = {}
    for record in told.state.conflicts.values() if times else ():
        seen = times.conflicts.get(record.id) if times else None
        for task in record.tasks if seen and record.grave else ():
            found.setdefault(task, []).append(seen.found if seen else 0.0)
    return found


def _bar(
    one: Attempt, start: float, step: float, cells: int, until: float, found: Sequence[float]
) -> Iterator[Bit]:
    first, last = one.spans[0][1], one.spans[-1][2]
    marks = {min(cells - 1, int((at - start) / step)) for at in found if first <= at <= min(last, until)}
    run, style = "", ""
    for cell in range(cells):
        glyph, look = CONFLICT[:2] if cell in marks else _cell(one, start + cell * step, step, until)
        if look != style and run:
            yield Bit(run, style)
            run = ""
        run, style = run + glyph, look
    yield Bit(run, style)


def _cell(one: Attempt, left: float, step: float, until: float) -> tuple[str, str]:
    right = min(left + step, until)
    best, most = None, 0.0
    for doing, since, end in one.spans:
        share = min(right, end) - max(left, since)
        if share > most:
            best, most = doing, share
    return LOOKS[best] if best is not None else (" ", "dim")


def _axis(seconds: float, cells: int) -> str:
    """Moments since the begin, `APART` cells from each other at least."""
    line = ""
    for moment in ticks(seconds, cells // APART):
        at = round(moment / seconds * cells)
        label = f"╵{show_duration(moment)}"
        if at + len(label) <= cells:
            line = line.ljust(at) + label
    return line


def _key(attempts: Sequence[Attempt], clashed: bool, width: int) -> Iterator[Line]:
    """What the glyphs of the chart mean, in as many lines as that takes."""
    seen = {doing for one in attempts for doing, _, _ in one.spans}
    words: dict[Bit, list[str]] = {}
    for doing in Doing:
        if doing in seen:
            glyph, style = LOOKS[doing]
            words.setdefault(Bit(glyph * 2, style), []).append(doing.value)
    if clashed:
        words[CONFLICT] = ["conflict"]
    line: list[Bit] = []
    for look, meant in words.items():
        bits = [Bit(" "), look, Bit(f" {', '.join(meant)} ", "dim")]
        if line and width_of((*line, *bits)) > width:
            yield tuple(line)
            line = []
        line += bits
    yield clip(line, width)
