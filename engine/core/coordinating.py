"""Who stands still because of a conflict, so that the other goes on alone: asked anew at every step.

A task that stands still must never be waited for by the one it stands still for, or by everybody.
"""

from __future__ import annotations

from engine.core.conflicts import ConflictKind, ConflictRecord, pauses_dependents, pauses_second
from engine.core.plan import Handling
from engine.core.standing import critical_of, other_of, waits_on
from engine.core.state import WORKING, Phase, State, TaskState
from engine.core.verdicts import ConflictHeld, ConflictReleased


def coordinate(state: State) -> list[ConflictHeld | ConflictReleased]:
    """The next task to be held, or to be let go on, because of a conflict (M121, M125)."""
    for record in state.conflicts.values():
        for name in record.tasks:
            task = state.tasks[name]
            holds = record.id in task.held_by
            if not (holds or record.open):
                continue
            wanted = _holds(state, record, task)
            if wanted and not holds:
                return [ConflictHeld(record.id, name)]
            if holds and not wanted:
                return [ConflictReleased(record.id, name)]
    return []


def _holds(state: State, record: ConflictRecord, task: TaskState) -> bool:
    """Whether this task of the conflict should stand still."""
    if not (record.open and record.grave) or record.overruled or task.isolated:
        return False
    if task.phase is not Phase.RUNNING:
        return False
    if record.asks:
        return True
    return task.id == record.later and _goes_second(state, record, task)


def _goes_second(state: State, record: ConflictRecord, later: TaskState) -> bool:
    """Whether both are at work, and the first can end without the later one; under manual handling also once
    the first is merged."""
    schema = record.kind is ConflictKind.SCHEMA
    pauses = pauses_dependents(state.plan) if schema else pauses_second(state.plan)
    if not other_of(record, later.id) or not pauses:
        return False
    first = state.tasks[other_of(record, later.id)]
    if first.phase is Phase.MERGED and not schema:  # what becomes of the later one a person says (M126)
        return state.plan.conflicts.handling is Handling.MANUAL
    if first.phase not in WORKING or first.isolated:
        return False
    return not waits_on(state, first.id, later.id)


def stalled(state: State) -> list[ConflictReleased]:
    """When nothing but agents that stand still for others is left to wait for, the first of them goes on. Who
    waits for a person's answer to a critical conflict does not (M125)."""
    held = [task for task in state.held_by_conflicts if not critical_of(state, task.id)]
    if not held or state.train:
        return []
    still = {f"agent:{task.id}:{task.attempt}" for task in state.held_by_conflicts}
    if not set(state.open) <= still:
        return []
    return [ConflictReleased(id, held[0].id, "nothing else could go on") for id in held[0].held_by]
