"""What has been open for too long, or concerns too many, and whom it goes to (M130, D13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from engine.core.conflicts import ConflictRecord
from engine.core.durations import parse
from engine.core.errors import PlanError
from engine.core.outcomes import Escalated
from engine.core.plan import Plan, once
from engine.core.state import Phase, State, WavePhase
from engine.core.strategy import texts

FIRST, NEXT = "orchestrator", "architect"
HOUR = 3600.0


class Thresholds(Struct, frozen=True):
    """After how many seconds an open conflict goes to the first and to the next role, and a blocked task."""

    conflict: float = 2 * HOUR
    technical: float = 4 * HOUR
    blocking: float = 4 * HOUR
    next_role: str = NEXT


@once
def thresholds(plan: Plan) -> Thresholds:
    """The plan's own times and roles where its sections state them."""
    said = dict(said_in(plan.sections))
    ranks = texts(said.get("decision_hierarchy"))
    following = ranks[ranks.index(FIRST) - 1] if FIRST in ranks and ranks.index(FIRST) else NEXT
    usual = Thresholds()
    return Thresholds(
        _seconds(said.get("conflict_timeout"), usual.conflict),
        _seconds(said.get("technical_conflicts"), usual.technical),
        _seconds(said.get("dependency_blocking"), usual.blocking),
        following,
    )


def said_in(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key), value
            yield from said_in(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from said_in(value)


def _seconds(text: Any, usual: float) -> float:
    """`2 hours`, or `unresolved_after_4_hours`."""
    if not isinstance(text, str):
        return usual
    words = re.sub(r"^unresolved_after_", "", text).replace("_", " ")
    try:
        return parse(words).most
    except PlanError:
        return usual


def escalations(state: State, open_for: Mapping[str, float]) -> list[Escalated]:
    """What is due now and was not told of. `open_for` says for how many seconds each conflict (by its id) and
    each blocked task (as `task:ID`) has been so."""
    limits = thresholds(state.plan)
    found = [
        *(one for record in state.conflicts.values() for one in _conflict(state, record, open_for, limits)),
        *_blocked(state, open_for, limits),
        *_gates(state),
    ]
    return [one for one in found if (one.subject, one.level) not in state.escalated]


def subjects(state: State) -> list[str]:
    """What time is kept of."""
    conflicts = [record.id for record in state.conflicts.values() if record.open and record.grave]
    return [*conflicts, *(f"task:{task.id}" for task in state.tasks.values() if task.phase is Phase.BLOCKED)]


def _conflict(
    state: State, record: ConflictRecord, open_for: Mapping[str, float], limits: Thresholds
) -> Iterator[Escalated]:
    if not (record.open and record.grave):
        return
    teams = {state.spec(name).team for name in record.tasks} - {""}
    past = open_for.get(record.id, 0.0)
    if len(teams) > 1:
        yield Escalated(record.id, 1, FIRST, f"it concerns several teams: {', '.join(sorted(teams))}")
    elif past >= limits.conflict:
        yield Escalated(record.id, 1, FIRST, f"open for {limits.conflict / HOUR:g} hours")
    if past >= limits.technical:
        yield Escalated(record.id, 2, limits.next_role, f"open for {limits.technical / HOUR:g} hours")


def _blocked(state: State, open_for: Mapping[str, float], limits: Thresholds) -> Iterator[Escalated]:
    for task in state.tasks.values():
        subject = f"task:{task.id}"
        if task.phase is Phase.BLOCKED and open_for.get(subject, 0.0) >= limits.blocking:
            reason = f"{task.id} is blocked by {task.blocked_by} for {limits.blocking / HOUR:g} hours"
            yield Escalated(subject, 1, FIRST, reason)


def _gates(state: State) -> Iterator[Escalated]:
    """A red gate goes up at once."""
    for wave in state.waves:
        if wave.phase is WavePhase.FAILED:
            yield Escalated(f"wave:{wave.number}", 1, NEXT, f"a gate of wave {wave.number} is red")
    for task in state.tasks.values():
        if task.phase is Phase.FAILED and task.error and task.error.gate:
            yield Escalated(f"gate:{task.id}:{task.attempt}", 1, NEXT, task.error.message)
