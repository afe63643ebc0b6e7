"""Looks at the clock for waves that fall behind their schedule (M068)."""

from __future__ import annotations

from engine.core.forecast import forecast
from engine.core.lateness import lateness
from engine.core.outcomes import LateSeen
from engine.core.plan import Plan
from engine.core.state import AlertKind, Phase, State, WavePhase, WaveState


class Schedule:
    """Remembers since when each wave has been open and each attempt at work; a new engine counts anew."""

    def __init__(self) -> None:
        self._open: dict[int, float] = {}
        self._begun: dict[tuple[str, int], float] = {}
        self._known: tuple[Plan, int] | None = None
        self._planned: dict[int, float] = {}

    def look(self, state: State, now: float) -> list[LateSeen]:
        """The waves that have fallen behind and were not told of."""
        found = []
        for wave in state.waves:
            if wave.phase is not WavePhase.OPEN:
                self._open.pop(wave.number, None)
                continue
            elapsed = now - self._open.setdefault(wave.number, now)
            worked = {name: self._worked(state, name, now) for name in wave.tasks}
            planned = self._of(state, wave)
            if (
                planned
                and not _told(state, wave)
                and (late := lateness(state, wave, planned, elapsed, worked))
            ):
                found.append(LateSeen(wave.number, round(late.percent, 1), late.cause))
        return found

    def _worked(self, state: State, name: str, now: float) -> float:
        task = state.tasks[name]
        if task.phase is not Phase.RUNNING or not task.pid:
            return 0.0
        return now - self._begun.setdefault((name, task.attempt), now)

    def _of(self, state: State, wave: WaveState) -> float:
        """The seconds that a wave was to take; 0 when a task of it has no estimate."""
        if self._known is None or self._known[0] is not state.plan or self._known[1] != state.slots:
            self._known = (state.plan, state.slots)
            spans = forecast(state.plan, state.slots, effort=1).spans
            self._planned = {}
            for one in state.waves:
                mine = [spans[name] for name in one.tasks if name in spans]
                if mine and all(state.spec(name).estimate for name in one.tasks):
                    begin, end = min(span[0] for span in mine), max(span[1] for span in mine)
                    self._planned[one.number] = end - begin
        return self._planned.get(wave.number, 0.0)


def _told(state: State, wave: WaveState) -> bool:
    head = f"wave {wave.number} is "
    return any(one.kind is AlertKind.LATE and one.text.startswith(head) for one in state.alerts)
