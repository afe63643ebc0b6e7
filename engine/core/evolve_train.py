"""What happens to the train: the merges in progress, each made on top of the one ahead of it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.core.changes import change_task, change_wave
from engine.core.failures import clash_error, gate_error
from engine.core.gauged import GateLevel, GateVerdict, TaskError
from engine.core.intents import GateRequested
from engine.core.outcomes import Clashed, GateEnded
from engine.core.state import Merge, MergeStage, Phase, State, WavePhase


def joined(state: State, task: str, tip: str) -> State:
    """The task's merge is the last of the train, to be made on top of `tip`."""
    merge = Merge(task, MergeStage.CANDIDATE, tip)
    return change_task(replace(state, train=(*state.train, merge)), task, phase=Phase.MERGING)


def changed(state: State, task: str, **changes: Any) -> State:
    """The state with these fields of the task's merge changed, if it is in the train."""
    train = tuple(replace(one, **changes) if one.task == task else one for one in state.train)
    return replace(state, train=train)


def gate_requested(state: State, event: GateRequested) -> State:
    """A gate takes its slot. Merges that are tested at the same time are in company."""
    others = {gate.subject for gate in state.testing.values()}
    state = replace(state, testing={**state.testing, event.key: event})
    if event.level is GateLevel.CRITERION:
        return state
    if event.level is not GateLevel.TASK:
        return change_wave(state, int(event.subject), phase=WavePhase.GATING, candidate=event.sha)
    state = changed(state, event.subject, slot=event.slot)
    for task in event.along:
        state = changed(state, task, rides=event.subject)
    for task in {*others, event.subject} if others else ():
        state = changed(state, task, shared=True)
    return state


def gate_ended(state: State, event: GateEnded, *, green: bool) -> State:
    """A gate of a candidate is over, which may have been given up meanwhile. What is not green counts against
    a task that was alone with the branch; another steps aside. Nobody is blamed for the first time-out."""
    task = event.subject
    merge = next((one for one in state.train if one.task == task), None)
    if merge is None:
        return state
    if green:
        return changed(state, task, gate=merge.gate + 1)
    late = event.verdict is GateVerdict.TIMEOUT and not state.tasks[task].accused
    batch = [one.task for one in state.train if one.rides == task]
    if batch or late or _in_company(state, merge):
        state = taken_back(state, task)
        for accused in (*batch, task):
            state = change_task(state, accused, accused=True)
        return state
    return put_out(state, task, gate_error(event))


def clashed(state: State, event: Clashed) -> State:
    """It clashes with the branch, or with what was to land before it and may never do so."""
    merge = next((one for one in state.train if one.task == event.task), None)
    if merge is not None and _in_company(state, merge):
        return change_task(taken_back(state, event.task), event.task, accused=True)
    return put_out(state, event.task, clash_error(state, event.task, event.files, event.detail))


def _in_company(state: State, merge: Merge) -> bool:
    """Whether something else than the task itself may be why its merge went wrong."""
    return merge.shared or merge.tip != state.tip


def taken_back(state: State, task: str) -> State:
    """The task's merge, those in its batch and those made on top of it are given up; their tasks are in the
    queue again."""
    there = (place for place, one in enumerate(state.train) if task in (one.task, one.rides))
    place = next(there, len(state.train))
    given_up = state.train[place:]
    state = replace(state, train=state.train[:place])
    for merge in given_up:
        state = change_task(state, merge.task, phase=Phase.COMPLETE)
    return state


def put_out(state: State, task: str, error: TaskError) -> State:
    """The task has failed to merge; those whose candidates were made on top of it are in the queue again.
    Nothing happens to one that is not in the train any more."""
    if all(merge.task != task for merge in state.train):
        return state
    return change_task(taken_back(state, task), task, phase=Phase.MERGING, error=error)
