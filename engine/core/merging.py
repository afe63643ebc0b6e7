"""The merge queue at work: candidates, gates on each candidate, compare-and-swap.

Merges in progress form a train: each candidate is made on top of the one ahead of it and tested while that is
still tested (M134). Only the head goes onto the branch, and only on the very tip it was tested on. What goes
wrong in company is not blamed: the task waits until it is the only one, and is tried once more.
"""

from __future__ import annotations

import itertools

from engine.core.actions import gates_of, judge
from engine.core.events import Event
from engine.core.gauged import GateLevel
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    CandidateRequested,
    CleanupRequested,
    GateRequested,
)
from engine.core.plan import Gate
from engine.core.queueing import next_to_merge
from engine.core.state import Merge, MergeStage, Phase, RunPhase, State, TaskState, Tree, WavePhase
from engine.core.strategy import BUILD
from engine.core.verdicts import GateJudged


def merges(state: State) -> list[Event]:
    """The next step of a merge in progress, or the start of one more."""
    task = _joins(state)
    for merge in state.train:
        if events := _go_on(state, merge, more=task is not None):
            return events
    if task is None:
        return []
    tip = state.train[-1].sha if state.train else state.tip
    return [CandidateRequested(task.id, task.attempt, task.branch, task.base, task.head, tip, state.settled)]


def _joins(state: State) -> TaskState | None:
    """The task whose candidate is made next, on top of the train."""
    if state.phase is not RunPhase.ACTIVE or not state.queue or _wave_is_ending(state):
        return None
    task = next_to_merge(state) if _has_room(state) else None
    if task is None or (task.accused and state.train) or in_test(state, task.id):
        return None
    return task


def _go_on(state: State, merge: Merge, *, more: bool) -> list[Event]:
    """The next step of one merge; `more`: another is about to join the train."""
    if merge.stage is not MergeStage.GATE or in_test(state, merge.task):
        return []
    if _untested(state, merge):
        slot = merge.slot or _free_slot(state, merge)
        if merge.rides or not slot or state.phase is RunPhase.STOPPING:
            return []
        batch = (merge,) if merge.slot else _batch(state, merge, more=more)
        if not batch:
            return []
        last, along = batch[-1], tuple(one.task for one in batch[:-1])
        tasks, gate = (state.tasks[last.task],), gates_of(state.plan).task[last.gate]
        return [gate_request(state, GateLevel.TASK, last.task, gate, last.sha, tasks, slot, along)]
    return [AdvanceRequested(merge.task, merge.tip, merge.sha)] if merge is state.merge else []


def _batch(state: State, merge: Merge, *, more: bool) -> tuple[Merge, ...]:
    """The merges that are tested together, from this one on; none as long as there will be more of them.
    What a gate without a command judges is one task's, so each is judged."""
    size = _batch_size(state)
    found = state.train[state.train.index(merge) :][:size]
    if found[-1].stage is MergeStage.CANDIDATE or (more and len(found) < size):
        return ()
    while found[-1].sha == found[-1].tip:
        found = found[:-1]
    return found


def _batch_size(state: State) -> int:
    by_command = all(gate.run for gate in gates_of(state.plan).task)
    return state.plan.settings.gate_batch if by_command else 1


def _untested(state: State, merge: Merge) -> bool:
    if merge.rides:
        return any(one.task == merge.rides and _untested(state, one) for one in state.train)
    return merge.gate < len(gates_of(state.plan).task) and merge.sha != merge.tip


def _free_slot(state: State, merge: Merge) -> int:
    """The slot for the gates of a candidate, all in one worktree; 0 when none is free."""
    taken = {one.slot for one in state.train if one.slot and _untested(state, one)}
    taken.update(gate.slot for gate in state.testing.values())
    if len(taken) >= (1 if state.tasks[merge.task].accused else _gate_slots(state)):
        return 0
    return next(number for number in itertools.count(1) if number not in taken)


def _gate_slots(state: State) -> int:
    """How many gates may run at once: one where none takes time, and when the machine is busy."""
    takes_time = any(gate.run for gate in gates_of(state.plan).task)
    return state.plan.settings.gate_slots if takes_time and state.load == "free" else 1


def _has_room(state: State) -> bool:
    """Whether one more candidate may be made on top of the train; tested ones may wait for what is ahead."""
    if not state.train:
        return True
    last, slots = state.train[-1], _gate_slots(state)
    return (
        len(state.train) < _batch_size(state) * (2 * slots if slots > 1 else 1)
        and last.stage is not MergeStage.CANDIDATE
        and not state.tasks[last.task].accused
    )


def in_test(state: State, task: str) -> bool:
    """Whether a candidate of the task is being made or a gate runs on one, be it one that is given up."""
    prefixes = (f"gate:task:{task}:", f"candidate:{task}:")
    return any(key.startswith(prefixes) for key in state.open)


def given_up(state: State) -> list[AbortRequested]:
    """The gates of candidates that will never land: what was ahead of them has gone wrong."""
    going = {merge.task for merge in state.train}
    return [
        AbortRequested(key)
        for key, gate in state.testing.items()
        if gate.level is GateLevel.TASK and key not in state.aborted and gate.subject not in going
    ]


def _wave_is_ending(state: State) -> bool:
    wave = state.current_wave
    return wave is not None and wave.phase in (
        WavePhase.SYNCING,
        WavePhase.GATING,
        WavePhase.ADVANCING,
        WavePhase.LANDING,
    )


def gate_request(
    state: State,
    level: GateLevel,
    subject: str,
    gate: Gate,
    sha: str,
    tasks: tuple[TaskState, ...],
    slot: int = 1,
    along: tuple[str, ...] = (),
) -> Event:
    """The gate's command is run, or the engine judges it at once."""
    if gate.action and not gate.run:
        return GateJudged(level, subject, gate.name, *judge(state, gate, tasks))
    return GateRequested(level, subject, gate, sha, state.turn, slot, along, _builds(state, gate))


def _builds(state: State, gate: Gate) -> int:
    """How many of the gate's commands run at once: the builds that neither tasks nor other gates take, one at
    least (M196)."""
    free = int(state.room.left(BUILD)) - sum(gate.builds for gate in state.testing.values())
    return max(1, min(free, len(gate.cells)))


def cleanups(state: State) -> list[CleanupRequested]:
    """Merged worktrees to remove, once no merge is waiting for the queue. The branches that a worktree in the
    making is to start from are still needed."""
    if state.train or (state.queue and next_to_merge(state) is not None):
        return []
    making = [task for task in state.moving if task.phase is Phase.MAKING]
    needed = {ground.task for task in making for ground in task.built_on}
    return [
        CleanupRequested(task.id, task.attempt, task.branch, task.path, task.head, task.proposed)
        for task in state.tasks.values()
        if task.phase is Phase.MERGED and task.tree is Tree.PRESENT and task.id not in needed
    ]
