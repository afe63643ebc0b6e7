"""What to answer when an effect raised: each intent's own bad ending, so that nothing waits for ever."""

from __future__ import annotations

from typing import assert_never

from engine.core.gauged import ErrorType, GateVerdict, TaskError
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
from engine.core.outcomes import (
    Aborted,
    AgentExited,
    Checked,
    CleanupKept,
    Collected,
    Delivered,
    EffectFailed,
    Frozen,
    GateEnded,
    IntegrationMade,
    Killed,
    LandRefused,
    Outcome,
    Placed,
    PullRequestEnded,
    RebaseClashed,
    Recorded,
    SetupEnded,
    Thawed,
    Undone,
    WorktreeFailed,
)


def failed(intent: Intent, text: str) -> Outcome:
    """The outcome that says `intent` could not be carried out because of `text`."""
    key = intent.key
    text = " ".join(text.split())
    match intent:
        case IntegrationRequested():
            return IntegrationMade(key, error=text)
        case WorktreeRequested(task=task, attempt=attempt):
            return WorktreeFailed(key, task, attempt, text)
        case UndoRequested(task=task, attempt=attempt):
            return Undone(key, task, attempt)
        case SetupRequested(task=task, attempt=attempt):
            return SetupEnded(key, task, attempt, False, text)
        case AgentRequested(task=task, attempt=attempt):
            return AgentExited(key, task, attempt, None, error=not_started(task, text), never_ran=True)
        case FreezeRequested(task=task, attempt=attempt):
            return Frozen(key, task, attempt, -1)
        case ThawRequested(task=task, attempt=attempt):
            return Thawed(key, task, attempt)
        case RebaseRequested(task=task, attempt=attempt, tip=tip):
            return RebaseClashed(key, task, attempt, tip, detail=text)
        case PlaceRequested(task=task, attempt=attempt, settled=settled):
            return Placed(key, task, attempt, passed=tuple(one.file for one in settled))
        case DeliverRequested(task=task, attempt=attempt):
            return Delivered(key, task, attempt)
        case KillRequested(task=task, attempt=attempt):
            return Killed(key, task, attempt)
        case CollectRequested(task=task, attempt=attempt, base=base):
            return Collected(key, task, attempt, base, 0, problem=_not_collected(task, intent.path, text))
        case PullRequestRequested(task=task, attempt=attempt):
            return PullRequestEnded(key, task, attempt, False, text)
        case GateRequested(level=level, subject=subject, gate=gate):
            return GateEnded(key, level, subject, gate.name, GateVerdict.BROKEN, text)
        case AbortRequested():
            return Aborted(key)
        case CandidateRequested() | SyncRequested() | AdvanceRequested():
            return EffectFailed(key, text)
        case LandRequested(wave=wave):
            return LandRefused(key, wave, text, "wavetree resume")
        case CleanupRequested(task=task, attempt=attempt):
            return CleanupKept(key, task, attempt, text)
        case RecordRequested(wave=wave):
            return Recorded(key, wave, error=text)
        case CheckRequested():
            return Checked(key, False, text)
        case _:
            assert_never(intent)


def not_started(task: str, text: str) -> TaskError:
    """The error of an agent that could not be started at all (M087)."""
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: the agent could not be started: {text}",
        "no process of it ran",
        ("install the command or mend `agents` in the plan", f"then: wavetree retry {task}"),
    )


def _not_collected(task: str, path: str, text: str) -> TaskError:
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: its work could not be collected: {text}",
        f"everything is still in {path}",
        (f"look at it: git -C {path} status", f"then: wavetree retry {task}"),
    )
