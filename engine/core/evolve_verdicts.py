"""What a verdict means for the state."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from engine.core import (
    evolve_conflicts,
    evolve_messages,
    evolve_plan,
    evolve_points,
    evolve_recovery,
    evolve_reviews,
    evolve_settling,
)
from engine.core.changes import alert, change_task, change_wave, reopened, settle_alerts, without
from engine.core.conflict_records import PERSON
from engine.core.evolve_decisions import decided, overridden
from engine.core.evolve_outcomes import gate_ended
from engine.core.gauged import ErrorType, TaskError
from engine.core.graph import ranks
from engine.core.holdings import holdings
from engine.core.outcomes import GateEnded
from engine.core.participants import points
from engine.core.recovery import INTEGRATION
from engine.core.state import (
    AlertKind,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
    WaveState,
)
from engine.core.throttling import unread
from engine.core.verdicts import (
    BranchReviewed,
    ConflictHeld,
    ConflictReleased,
    ConflictResolved,
    CriteriaAgain,
    CriteriaTicked,
    DecisionUndone,
    EstimateSet,
    FallbackApplied,
    FixReported,
    GateJudged,
    GateOverridden,
    GateRetried,
    MergeApproved,
    MessageRejected,
    MessageSent,
    PointApproved,
    PointPassed,
    PointReached,
    ProcedureChosen,
    ProcedureStarted,
    PullRequestSkipped,
    ResolutionLifted,
    ResourceFrozen,
    ResourceUnfrozen,
    RestartAsked,
    RetryQueued,
    ReviewAsked,
    RunCreated,
    RunEnded,
    RunHalted,
    RunResumed,
    SchemaClashSeen,
    SerializeLifted,
    SlotsSet,
    StopAsked,
    TaskBlocked,
    TaskCompleted,
    TaskFailed,
    TaskHeld,
    TaskIsolated,
    TaskMoved,
    TaskRejoined,
    TaskReleased,
    TaskReset,
    TaskSkipped,
    TasksSerialized,
    TaskStopped,
    TaskThrottled,
    TaskUnthrottled,
    Verdict,
    WaveApproved,
    WaveClosed,
    WaveEnded,
    WaveOffered,
    WaveRejected,
    WaveReopened,
    WaveSigned,
)


def verdict_taken(state: State, event: Verdict) -> State:
    """The state after a decision that changes only the state."""
    match event:
        case RunCreated():
            return unread(_created(event))
        case WaveOffered(wave=wave, digest=digest):
            return change_wave(state, wave, phase=WavePhase.OFFERED, digest=digest)
        case WaveApproved(wave=wave, by=by):
            return change_wave(state, wave, phase=WavePhase.OPEN, approved_by=by)
        case WaveRejected(wave=wave, by=by, reason=reason):
            state = change_wave(state, wave, phase=WavePhase.PENDING)
            said = f"wave {wave} rejected by {by}" + (f": {reason}" if reason else "")
            return replace(state, reason=said, phase=RunPhase.STOPPING)
        case WaveEnded(wave=wave):
            state = replace(state, land_refused="")
            fresh = {"met": (), "unmet": (), "recorded": False}
            return change_wave(state, wave, phase=WavePhase.SYNCING, gate=0, candidate="", **fresh)
        case WaveClosed(wave=wave):
            state = settle_alerts(state, AlertKind.LATE)
            return change_wave(state, wave, phase=WavePhase.CLOSED)
        case WaveReopened(wave=wave):
            return change_wave(state, wave, phase=WavePhase.OPEN)
        case TaskSkipped(task=task):
            return change_task(state, task, phase=Phase.SKIPPED)
        case TaskFailed(task=task, error=error):
            return _failed(state, task, error)
        case RetryQueued(task=task):
            return change_task(state, task, retry_queued=True)
        case FixReported():
            return state
        case TaskCompleted(task=task, notes=notes):
            return _completed(state, task, notes)
        case TaskBlocked(task=task, by=by):
            return change_task(state, task, phase=Phase.BLOCKED, blocked_by=by)
        case TaskStopped(task=task):
            return _stopped(state, task)
        case TaskReset(task=task):
            return _reset(state, task)
        case TaskHeld(task=task):
            return change_task(state, task, held=True)
        case TaskReleased(task=task):
            return change_task(state, task, held=False)
        case ConflictHeld():
            return evolve_conflicts.held(state, event)
        case ConflictReleased():
            return evolve_conflicts.released(state, event)
        case (
            TaskIsolated()
            | TaskRejoined()
            | TasksSerialized()
            | SerializeLifted()
            | RestartAsked()
            | FallbackApplied()
            | DecisionUndone()
        ):
            return decided(state, event)
        case ConflictResolved():
            return evolve_settling.settled_by_hand(state, event)
        case ResolutionLifted(conflict=conflict):
            return evolve_settling.lifted(state, conflict)
        case MessageSent():
            return evolve_messages.sent(state, event)
        case MessageRejected():
            return evolve_messages.rejected(state, event)
        case ResourceFrozen(name=name):
            return replace(state, frozen_resources=(*state.frozen_resources, name))
        case ResourceUnfrozen(name=name):
            return evolve_recovery.unfrozen(state, name)
        case TaskThrottled(task=task):
            return change_task(state, task, throttled=True)
        case TaskUnthrottled(task=task):
            return change_task(state, task, throttled=False)
        case WaveSigned(wave=wave, role=role):
            return change_wave(state, wave, signed=(*state.waves[wave - 1].signed, role))
        case CriteriaTicked(wave=wave, numbers=numbers):
            ticked = tuple(sorted({*state.waves[wave - 1].ticked, *numbers}))
            return change_wave(state, wave, ticked=ticked)
        case CriteriaAgain(wave=wave, numbers=numbers):
            left = tuple(number for number in state.waves[wave - 1].unmet if number not in numbers)
            return change_wave(state, wave, unmet=left)
        case GateOverridden():
            return overridden(state, event)
        case GateJudged(level=level, subject=subject, gate=gate, verdict=verdict, detail=detail):
            return gate_ended(state, GateEnded("", level, subject, gate, verdict, detail))
        case PullRequestSkipped(task=task, why=why):
            return change_task(state, task, pull_request=f"skipped: {why}")
        case ReviewAsked():
            return evolve_reviews.asked(state, event)
        case BranchReviewed():
            return evolve_reviews.reviewed(state, event)
        case GateRetried(wave=wave):
            return evolve_recovery.gate_retried(state, wave)
        case ProcedureStarted():
            return evolve_recovery.started(state, event)
        case TaskMoved():
            return evolve_plan.moved(state, event)
        case EstimateSet():
            return evolve_plan.estimated(state, event)
        case SchemaClashSeen():
            return evolve_settling.schema_clashed(state, event)
        case StopAsked(task="", by=by):
            return replace(state, phase=RunPhase.STOPPING, reason=f"stopped by {by or 'a person'}")
        case StopAsked(task=task):
            return change_task(state, task, stopping=True)
        case MergeApproved(task=task):
            return change_task(state, task, merge_approved=True)
        case PointReached() | PointApproved() | PointPassed() | ProcedureChosen():
            return evolve_points.verdict(state, event)
        case SlotsSet(slots=slots):
            return replace(state, slots=slots)
        case RunHalted(error=error):
            state = alert(state, AlertKind.HALT, error.message, remedy=" · ".join(error.hints))
            return replace(state, halted=error)
        case RunEnded(state=ended, reason=reason, cause=cause):
            return replace(state, phase=RunPhase(ended), reason=reason, cause=cause)
        case RunResumed(auto_approve=auto_approve):
            return _resumed(state, auto_approve)
        case _:
            assert_never(event)


def _created(event: RunCreated) -> State:
    wave_of = {task: wave.number for wave in event.plan.waves for task in wave.tasks}
    return State(
        run=event.run,
        number=event.number,
        plan=event.plan,
        repo=event.repo,
        base=event.base,
        base_sha=event.base_sha,
        integration=event.integration,
        tip=event.base_sha,
        landed=event.base_sha,
        slots=event.slots,
        auto_approve=event.auto_approve,
        phase=RunPhase.ACTIVE,
        tasks={task.id: TaskState(task.id, wave_of[task.id]) for task in event.plan.tasks},
        specs={task.id: task for task in event.plan.tasks},
        rank={task: -float(place) for place, task in enumerate(event.order)} or ranks(event.plan),
        holdings=holdings(event.plan),
        points=points(event.plan)[0],
        waves=tuple(WaveState(w.number, w.name, w.tasks, w.mode, w.slots) for w in event.plan.waves),
    )


def _stopped(state: State, task: str) -> State:
    there = state.tasks[task].tree is Tree.PRESENT
    return change_task(
        evolve_conflicts.ended(state, task),
        task,
        phase=Phase.STOPPED,
        stopping=False,
        frozen=False,
        unsure=False,
        tree=Tree.KEPT if there else state.tasks[task].tree,
        kept="stopped" if there else "",
    )


def _failed(state: State, task: str, error: TaskError) -> State:
    old = state.tasks[task]
    state = change_task(
        state,
        task,
        phase=Phase.FAILED,
        error=error,
        frozen=False,
        unsure=False,
        stopping=False,
        tree=Tree.KEPT if old.tree is Tree.PRESENT else old.tree,
        kept=f"failed: {error.type}" if old.tree is Tree.PRESENT else "",
    )
    state = replace(state, queue=without(state.queue, task))
    if old.failing:
        state = settle_alerts(state, AlertKind.FAILURE, task=task)
    hints = " · ".join(error.hints)
    if error.type is ErrorType.CONFLICT:
        return evolve_conflicts.refused(state, task, error.message, error.files, hints)
    state = evolve_conflicts.ended(state, task)
    kind = AlertKind.GATE if error.gate else AlertKind.FAILURE
    return alert(state, kind, error.message, tasks=(task,), files=error.files, remedy=hints)


def _completed(state: State, task: str, notes: tuple[str, ...]) -> State:
    state = change_task(state, task, phase=Phase.COMPLETE, notes=notes)
    state = replace(state, queue=(*state.queue, task))
    for note in notes:
        if note == "no changes":
            text = f"{task}: the agent ended well but changed nothing"
            state = alert(state, AlertKind.NO_CHANGES, text, tasks=(task,), remedy=f"wavetree logs {task}")
    return state


def _reset(state: State, task: str) -> State:
    state = evolve_conflicts.ended(state, task, "is tried anew", PERSON)
    old = state.tasks[task]
    never = old.tree is Tree.NONE and old.attempt > 0
    fresh = TaskState(
        task, old.wave, attempt=old.attempt - never, batch=old.batch, held=old.held, isolated=old.isolated
    )
    state = settle_alerts(
        reopened(state, old.wave),
        AlertKind.CONFLICT,
        AlertKind.GATE,
        AlertKind.FAILURE,
        AlertKind.QUESTION,
        AlertKind.STUCK,
        task=task,
    )
    state = replace(state, tasks={**state.tasks, task: fresh}, queue=without(state.queue, task))
    return evolve_reviews.tried_anew(state, task, old.review)


def _resumed(state: State, auto_approve: bool) -> State:
    """A run that has ended goes on; of one that is going on only the waves to come are approved."""
    if not state.ended:
        offered = [wave.number for wave in state.waves if wave.phase is WavePhase.OFFERED]
        for number in offered:
            state = change_wave(state, number, phase=WavePhase.PENDING)
        return replace(state, auto_approve=auto_approve)
    waves = tuple(
        replace(wave, phase=WavePhase.OPEN, unmet=(), red="", responded=False)
        if wave.phase is WavePhase.FAILED
        else replace(wave, phase=WavePhase.PENDING)
        if wave.phase is WavePhase.OFFERED
        else replace(wave, unmet=())
        for wave in state.waves
    )
    if waves and waves[-1].phase is WavePhase.CLOSED and state.tip != state.landed:
        waves = (*waves[:-1], replace(waves[-1], phase=WavePhase.SYNCING))
    state = settle_alerts(state, AlertKind.HALT, AlertKind.LANDING, AlertKind.GATE)
    for wave in state.waves:
        state = (
            evolve_recovery.procedure_over(state, INTEGRATION, f"wave {wave.number}") if wave.red else state
        )
    return replace(
        unread(state),
        phase=RunPhase.ACTIVE,
        waves=waves,
        halted=None,
        starved="",
        cause=None,
        reason="",
        integrated=False,
        checked=None,
        land_refused="",
        aborted=(),
        turn=state.turn + 1,
        auto_approve=state.auto_approve or auto_approve,
    )
