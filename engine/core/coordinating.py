"""Who stands still because of a conflict, so that the other goes on alone: asked anew at every step.

A task that stands still must never be waited for by the one it stands still for, or by everybody.
"""

from __future__ import annotations

from engine.core.conflicts import ConflictRecord, pauses_second
from engine.core.events import ConflictHeld, ConflictReleased
from engine.core.state import DONE, WORKING, Phase, State


def coordinate(state: State) -> list[ConflictHeld | ConflictReleased]:
    """The next task to be held, or to be let go on, because of a conflict (M121)."""
    for record in state.conflicts.values():
        later = state.tasks.get(record.later)
        if later is None:
            continue
        holds = record.id in later.held_by
        wanted = _holds(state, record)
        if wanted and not holds and not _stands_still_for(state, _other(record), record.later):
            return [ConflictHeld(record.id, record.later)]
        if holds and not wanted:
            return [ConflictReleased(record.id, record.later)]
    return []


def _holds(state: State, record: ConflictRecord) -> bool:
    """Whether the later of the two should stand still: both are at work, and the first can end without it."""
    if not (record.open and record.grave) or record.overruled or len(record.tasks) != 2:
        return False
    if not pauses_second(state.plan):
        return False
    first, later = state.tasks[_other(record)], state.tasks[record.later]
    if later.phase is not Phase.RUNNING or first.phase not in WORKING:
        return False
    return not _builds_on(state, first.id, later.id)


def _other(record: ConflictRecord) -> str:
    return next(task for task in record.tasks if task != record.later)


def _builds_on(state: State, task: str, other: str) -> bool:
    """Whether `task` cannot be merged before `other`, which it needs, or which one of its needs needs."""
    seen, left = set(), [task]
    while left:
        for need in state.spec(left.pop()).needs:
            if need.task == other:
                return True
            if need.task not in seen and state.tasks[need.task].phase not in DONE:
                seen.add(need.task)
                left.append(need.task)
    return False


def _stands_still_for(state: State, task: str, other: str) -> bool:
    """Whether `task` stands still for `other`, or for one that does: nobody in such a circle would go on."""
    seen, left = {task}, [task]
    while left:
        for conflict in state.tasks[left.pop()].held_by:
            waits_for = _other(state.conflicts[conflict])
            if waits_for == other:
                return True
            if waits_for not in seen:
                seen.add(waits_for)
                left.append(waits_for)
    return False


def stalled(state: State) -> list[ConflictReleased]:
    """When nothing but agents that stand still for others is left to wait for, the first of them goes on."""
    held = state.held_by_conflicts
    if not held or state.merge is not None:
        return []
    still = {f"agent:{task.id}:{task.attempt}" for task in held}
    if not set(state.open) <= still:
        return []
    return [ConflictReleased(id, held[0].id, "nothing else could go on") for id in held[0].held_by]
