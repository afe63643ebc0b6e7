"""What a command amounts to: verdicts, or a refusal with its reason and what to do instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from engine.core.commands import (
    Approve,
    ApproveMerge,
    Command,
    Pause,
    Reject,
    Resume,
    Retry,
    SetSlots,
    Stop,
    StopTask,
    Unpause,
)
from engine.core.errors import Refused
from engine.core.events import (
    ConflictReleased,
    Event,
    MergeApproved,
    RunResumed,
    SlotsSet,
    StopAsked,
    TaskHeld,
    TaskReleased,
    TaskReset,
    TaskStopped,
    WaveApproved,
    WaveRejected,
)
from engine.core.starting import digest
from engine.core.state import (
    BUSY,
    DEAD,
    SETTLED,
    Phase,
    RunPhase,
    State,
    TaskState,
    WavePhase,
)


def respond(state: State, command: Command) -> Iterable[Event]:
    """The verdicts a command amounts to. Raises Refused, with the reason and what to do instead."""
    if isinstance(command, Resume):
        return _resume(state, command)
    if state.ended:
        raise Refused(f"the run has ended ({state.phase.value})", "wavetree resume")
    match command:
        case Approve():
            return [_approve(state, command)]
        case Reject():
            return _reject(state, command)
        case ApproveMerge(task=task, by=by):
            if _known(state, task).phase is not Phase.COMPLETE:
                raise Refused(f"{task} is {state.tasks[task].phase.value}; there is no merge to approve")
            return [MergeApproved(task, by)]
        case Pause(tasks=tasks):
            return _pause(state, tasks)
        case Unpause(tasks=tasks):
            return _unpause(state, tasks)
        case Retry(task=task):
            return _retry(state, task)
        case StopTask(task=task):
            return _stop_task(state, task)
        case Stop(by=by):
            return [] if state.phase is RunPhase.STOPPING else [StopAsked("", by)]
        case SetSlots(slots=slots):
            if slots < 1:
                raise Refused(f"slots must be at least 1, not {slots}")
            return [SlotsSet(slots)]
        case _:
            assert_never(command)


def _known(state: State, task: str) -> TaskState:
    if task not in state.tasks:
        raise Refused(f"the run has no task {task!r}", f"tasks: {', '.join(state.tasks)}")
    return state.tasks[task]


def _waiting_wave(state: State, number: int) -> int:
    offered = [wave.number for wave in state.waves if wave.phase is WavePhase.OFFERED]
    if not number:
        if not offered:
            raise Refused("no wave waits for an approval", "wavetree status")
        return offered[0]
    if number not in offered:
        known = (
            f"wave {number} is {state.waves[number - 1].phase.value}"
            if 0 < number <= len(state.waves)
            else ""
        )
        raise Refused(known or f"the run has no wave {number}", "wavetree status")
    return number


def _approve(state: State, command: Approve) -> WaveApproved:
    number = _waiting_wave(state, command.wave)
    wave = state.waves[number - 1]
    if command.digest and command.digest != wave.digest:
        raise Refused(f"wave {number} has changed since it was shown", "look at it again, then approve")
    return WaveApproved(number, command.by, command.role, digest(state, wave))


def _reject(state: State, command: Reject) -> list[Event]:
    number = _waiting_wave(state, command.wave)
    return [WaveRejected(number, command.by, command.reason)]


def _pause(state: State, tasks: tuple[str, ...]) -> list[Event]:
    for name in tasks:
        if (task := _known(state, name)).phase in SETTLED or task.phase is Phase.COMPLETE:
            raise Refused(f"{name} is {task.phase.value}; there is nothing to pause")
    chosen = tasks or tuple(t.id for t in state.tasks.values() if t.phase not in SETTLED)
    return [TaskHeld(name) for name in chosen if not state.tasks[name].held]


def _unpause(state: State, tasks: tuple[str, ...]) -> list[Event]:
    for name in tasks:
        if not (_known(state, name).held or state.tasks[name].held_by):
            raise Refused(f"{name} is not paused")
    chosen = [state.tasks[name] for name in tasks or state.tasks]
    return [
        *(TaskReleased(task.id) for task in chosen if task.held),
        *(ConflictReleased(id, task.id, "a person") for task in chosen for id in task.held_by),
    ]


def _retry(state: State, task: str) -> list[Event]:
    old = _known(state, task)
    if old.phase not in DEAD:
        raise Refused(f"{task} is {old.phase.value}; only failed, stopped or blocked tasks are retried")
    return [TaskReset(name) for name in (task, *_blocked_behind(state, task))]


def _blocked_behind(state: State, task: str) -> list[str]:
    """Tasks that are blocked by `task`, directly or through others."""
    roots = {task}
    while True:
        more = {
            other.id
            for other in state.tasks.values()
            if other.phase is Phase.BLOCKED and other.id not in roots and other.blocked_by in roots
        }
        if not more:
            return [name for name in state.tasks if name in roots and name != task]
        roots |= more


def _stop_task(state: State, task: str) -> list[Event]:
    old = _known(state, task)
    if old.phase is Phase.PENDING:
        return [TaskStopped(task, old.attempt)]
    if old.phase not in BUSY or old.phase in (Phase.COLLECTING, Phase.MERGING):
        raise Refused(f"{task} is {old.phase.value}; no agent of it is running")
    return [StopAsked(task)]


def _resume(state: State, command: Resume) -> list[Event]:
    if not state.ended:
        if command.auto_approve and not state.auto_approve:
            return [RunResumed(command.by, True)]
        raise Refused("the run is going on", "wavetree attach")
    if state.phase is RunPhase.DONE:
        raise Refused("the run is done; nothing is left to resume", "wavetree run PLAN")
    again = [TaskReset(task.id) for task in state.tasks.values() if task.phase in DEAD]
    return [RunResumed(command.by, command.auto_approve), *again]
