"""Looks at the clock for sync points: who is there by now, and which are missed (M153, M154)."""

from __future__ import annotations

from engine.core.graph import estimate
from engine.core.outcomes import CoordinationFailed, PointDue
from engine.core.state import Phase, PointState, State
from engine.core.syncing import arrived, points_of


class Clocks:
    """Remembers since when each point has been waited at, and each attempt at work; a new engine counts
    anew. A point is missed when its duration has passed since the first arrival."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._begun: dict[tuple[str, int], float] = {}

    def look(self, state: State, now: float) -> list[PointDue | CoordinationFailed]:
        """What has become due at `now`."""
        found: list[PointDue | CoordinationFailed] = []
        for point in points_of(state):
            if due := self._due(state, point, now):
                found.append(PointDue(point.name, due))
            if not arrived(state, point) or point.missed:
                self._since.pop(point.name, None)
                continue
            waited = now - self._since.setdefault(point.name, now)
            if point.lasts and waited >= point.lasts:
                found.append(CoordinationFailed(point.name, round(waited)))
        return found

    def _due(self, state: State, point: PointState, now: float) -> tuple[str, ...]:
        if not point.share:
            return ()
        found = []
        for name in point.tasks:
            task = state.tasks[name]
            if task.phase is not Phase.RUNNING or not task.pid or name in point.due:
                continue
            begun = self._begun.setdefault((name, task.attempt), now)
            if now - begun >= point.share * estimate(state.spec(name)):
                found.append(name)
        return tuple(found)
