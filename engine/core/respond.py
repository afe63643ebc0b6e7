"""What a command amounts to: verdicts, or a refusal with its reason and what to do instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from engine.core.authority import decided
from engine.core.commands import (
    Approve,
    ApproveMerge,
    ApprovePoint,
    ChooseProcedure,
    Command,
    Estimate,
    Fixed,
    FreezeResource,
    InRole,
    Isolate,
    Move,
    Override,
    Pause,
    Reject,
    Release,
    Resolve,
    Resume,
    Retry,
    RetryGate,
    Review,
    Say,
    Serialize,
    SerializeWave,
    SetSlots,
    Stop,
    StopTask,
    Tick,
    UndoDecision,
    UnfreezeResource,
    Unpause,
)
from engine.core.conflict_words import pair_of
from engine.core.decisions import (
    isolated,
    released,
    restarted,
    serialized,
    undone,
    wave_serialized,
)
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.failing_tests import fixed
from engine.core.known import known
from engine.core.moving import estimate, move
from engine.core.posting import say
from engine.core.recovery import retry_gate
from engine.core.resolving import blocked_behind, resolve
from engine.core.reviewing import review
from engine.core.signing import ENDING, override, sign, tick, unsigned, waits_for_people
from engine.core.standing import critical_of, firsts
from engine.core.starting import digest
from engine.core.state import (
    BUSY,
    DEAD,
    SETTLED,
    Phase,
    RunPhase,
    State,
    WavePhase,
    WaveState,
)
from engine.core.syncing import approve_point, choose
from engine.core.verdicts import (
    ConflictReleased,
    MergeApproved,
    ResourceFrozen,
    ResourceUnfrozen,
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


def respond(state: State, command: Command) -> Iterable[Event]:
    """The verdicts a command amounts to. Raises Refused, with the reason and what to do instead, when it
    cannot be carried out, or is not this person's to decide (M150)."""
    role = state.plan.settings.role
    while isinstance(command, InRole):
        role, command = command.role, command.command
    if isinstance(command, Resume | Approve) and command.role:
        role = command.role
    if role:
        command = _in_role(state, command, role)
    return _respond(state, command)


def _in_role(state: State, command: Command, role: str) -> Command:
    """Who signs at a wave's end speaks for a role that is asked there; all else is asked of the hierarchy."""
    if isinstance(command, Approve) and _signed(state, command):
        return replace(command, role=command.role or role)
    return decided(state, command, role)


def _signed(state: State, command: Approve) -> WaveState | None:
    """The wave at whose end the command is a signature: the one that it names, else the present one, unless
    another waits to begin and no role is said, or none is asked."""
    number = command.wave
    wave = state.waves[number - 1] if 0 < number <= len(state.waves) else state.current_wave
    if wave is None or wave.phase not in ENDING or not waits_for_people(state, wave):
        return None
    begins = not number and any(other.phase is WavePhase.OFFERED for other in state.waves)
    return None if begins and not (command.role and unsigned(state, wave)) else wave


def _respond(state: State, command: Command) -> Iterable[Event]:
    if isinstance(command, Resume):
        return _resume(state, command)
    if state.ended:
        raise Refused(f"the run has ended ({state.phase.value})", "wavetree resume")
    match command:
        case Approve():
            return [_approve(state, command)]
        case Tick():
            return tick(state, command)
        case Override():
            return override(state, command)
        case Review():
            return review(state, command)
        case RetryGate():
            return retry_gate(state, command)
        case Reject():
            return _reject(state, command)
        case ApproveMerge(task=task, by=by):
            if known(state, task).phase is not Phase.COMPLETE:
                raise Refused(f"{task} is {state.tasks[task].phase.value}; there is no merge to approve")
            return [MergeApproved(task, by)]
        case Pause(tasks=tasks):
            return _pause(state, tasks)
        case Unpause(tasks=tasks):
            return _unpause(state, tasks)
        case Isolate():
            return isolated(state, command)
        case Serialize():
            return serialized(state, command)
        case SerializeWave():
            return wave_serialized(state, command)
        case Move():
            return move(state, command)
        case Estimate():
            return estimate(state, command)
        case Resolve():
            return resolve(state, command)
        case Say():
            return say(state, command)
        case FreezeResource():
            return _freeze(state, command)
        case UnfreezeResource(name=name, by=by):
            if name not in state.frozen_resources:
                raise Refused(f"{name} is not frozen", "wavetree resource")
            return [ResourceUnfrozen(name, by)]
        case Release():
            return released(state, command)
        case UndoDecision():
            return undone(state, command)
        case Fixed():
            return fixed(state, command)
        case Retry():
            return _retry(state, command)
        case StopTask(task=task):
            return _stop_task(state, task)
        case Stop(by=by):
            return [] if state.phase is RunPhase.STOPPING else [StopAsked("", by)]
        case ApprovePoint():
            return approve_point(state, command)
        case ChooseProcedure():
            return choose(state, command)
        case SetSlots(slots=slots):
            if slots < 1:
                raise Refused(f"slots must be at least 1, not {slots}")
            return [SlotsSet(slots)]
        case InRole():
            raise AssertionError("its command has been taken out")
        case _:
            assert_never(command)


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


def _approve(state: State, command: Approve) -> Event:
    if wave := _signed(state, command):
        return sign(state, wave, command)
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
        if (task := known(state, name)).phase in SETTLED or task.phase is Phase.COMPLETE:
            raise Refused(f"{name} is {task.phase.value}; there is nothing to pause")
    chosen = tasks or tuple(t.id for t in state.tasks.values() if t.phase not in SETTLED)
    return [TaskHeld(name) for name in chosen if not state.tasks[name].held]


def _unpause(state: State, tasks: tuple[str, ...]) -> list[Event]:
    for name in tasks:
        if not (known(state, name).held or state.tasks[name].held_by or critical_of(state, name)):
            waits = firsts(state, name)
            remedy = f"wavetree release {name}" if waits else _unpaused_by(state, name)
            raise Refused(f"{name} waits for {waits[0]}" if waits else f"{name} is not paused", remedy)
    chosen = [state.tasks[name] for name in tasks or state.tasks]
    return [
        *(TaskReleased(task.id) for task in chosen if task.held),
        *(
            ConflictReleased(id, task.id, "a person")
            for task in chosen
            for id in dict.fromkeys((*task.held_by, *critical_of(state, task.id)))
        ),
    ]


def _unpaused_by(state: State, name: str) -> str:
    """What to type for a task that stands still for a reason that is not a person's pause."""
    if state.tasks[name].failing:
        return f"wavetree fixed {name}"
    return "wavetree gate retry" if name in state.behind_red else ""


def _freeze(state: State, command: FreezeResource) -> list[Event]:
    known = {*state.holdings.counts, *(name for spec in state.plan.tasks for name in spec.resources)}
    if command.name not in known:
        raise Refused(
            f"no task of the run uses {command.name!r}", f"resources: {', '.join(sorted(known)) or 'none'}"
        )
    if command.name in state.frozen_resources:
        raise Refused(f"{command.name} is frozen already", f"wavetree resource unfreeze {command.name}")
    return [ResourceFrozen(command.name, command.by, command.note)]


def _retry(state: State, command: Retry) -> list[Event]:
    task = known(state, command.task)
    if task.phase not in DEAD:
        return restarted(state, task, command)
    return [TaskReset(name) for name in (task.id, *blocked_behind(state, task.id))]


def _stop_task(state: State, task: str) -> list[Event]:
    old = known(state, task)
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
    events: list[Event] = [RunResumed(command.by, command.auto_approve)]
    if command.override:
        events += override(state, command.override)
    if command.resolved:
        events += resolve(state, command.resolved)
    spared = {event.task for event in events if isinstance(event, TaskReset)}
    if command.resolved:
        spared |= {pair_of(state, state.conflicts[command.resolved.conflict])[0]}
    dead = [task.id for task in state.tasks.values() if task.phase in DEAD and task.id not in spared]
    return [*events, *map(TaskReset, dead)]
