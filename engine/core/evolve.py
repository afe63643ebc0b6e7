"""evolve(state, event) -> state: what an event means. It makes no choices, so any old journal replays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never, get_args

from msgspec.structs import replace

from engine.core import evolve_train
from engine.core.changes import change_task, change_wave
from engine.core.events import Event
from engine.core.evolve_outcomes import outcome_taken, report_taken
from engine.core.evolve_verdicts import verdict_taken
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CheckRequested,
    CleanupRequested,
    CollectRequested,
    DeliverRequested,
    FreezeRequested,
    GateRequested,
    IntegrationRequested,
    Intent,
    KillRequested,
    LandRequested,
    PlaceRequested,
    PullRequestRequested,
    RebaseRequested,
    RecordRequested,
    SetupRequested,
    SyncRequested,
    ThawRequested,
    UndoRequested,
    WorktreeRequested,
)
from engine.core.outcomes import AgentReported, Outcome
from engine.core.state import (
    MergeStage,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
)
from engine.core.verdicts import Verdict


def evolve(state: State, event: Event) -> State:
    """The state after `event`. Never raises for an event that `step` made; makes no decision."""
    return _BY_KIND[type(event)](state, event)


def _opened(state: State, event: Intent) -> State:
    return _intent(replace(state, open=(*state.open, event.key)), event)


def _intent(state: State, event: Intent) -> State:
    match event:
        case IntegrationRequested():
            return state
        case WorktreeRequested(task=task):
            old = state.tasks[task]
            new = TaskState(
                task,
                old.wave,
                Phase.MAKING,
                event.attempt,
                event.batch,
                event.branch,
                event.path,
                event.base,
                tree=Tree.PRESENT,
                held=old.held,
                isolated=old.isolated,
                inbox=old.inbox,
                built_on=event.on,
            )
            return replace(state, tasks={**state.tasks, task: new}, batch=event.batch)
        case UndoRequested(task=task):
            return change_task(state, task, phase=Phase.UNDOING)
        case SetupRequested(task=task):
            return change_task(state, task, phase=Phase.SETUP)
        case AgentRequested(task=task):
            return change_task(state, task, phase=Phase.RUNNING)
        case FreezeRequested(task=task) | ThawRequested(task=task):
            return change_task(state, task, freezing=True)
        case DeliverRequested(task=task):
            return change_task(state, task, inbox=())
        case RebaseRequested() | PlaceRequested():
            return state
        case KillRequested(task=task):
            return change_task(state, task, killing=True)
        case CollectRequested(task=task):
            return change_task(state, task, phase=Phase.COLLECTING)
        case PullRequestRequested():
            return state
        case CandidateRequested(task=task, tip=tip):
            return evolve_train.joined(state, task, tip)
        case SyncRequested() | RecordRequested():
            return state
        case GateRequested():
            return evolve_train.gate_requested(state, event)
        case AbortRequested(gate=gate):
            return replace(state, aborted=(*state.aborted, gate))
        case AdvanceRequested(subject=subject):
            if state.merge and state.merge.task == subject:
                return evolve_train.changed(state, subject, stage=MergeStage.ADVANCE)
            return change_wave(state, int(subject), phase=WavePhase.ADVANCING)
        case LandRequested(wave=wave):
            return change_wave(state, wave, phase=WavePhase.LANDING)
        case CleanupRequested(task=task):
            return change_task(state, task, tree=Tree.REMOVING)
        case CheckRequested():
            return replace(state, phase=RunPhase.CHECKING)
        case _:
            assert_never(event)


_BY_KIND: dict[type, Callable[[State, Any], State]] = {
    **dict.fromkeys(get_args(Verdict), verdict_taken),
    **dict.fromkeys(get_args(Intent), _opened),
    **dict.fromkeys(get_args(Outcome), outcome_taken),
    AgentReported: lambda state, event: report_taken(state, event.task, event.report),
}
"""Asked of the event's own class: a run's journal is mostly reports, and a union is searched one by one."""
