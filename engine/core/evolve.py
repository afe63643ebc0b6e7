"""evolve(state, event) -> state: what an event means. It makes no choices, so any old journal replays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never, get_args

from msgspec.structs import replace

from engine.core.events import (
    Aborted,
    AbortRequested,
    Advanced,
    AdvanceRefused,
    AdvanceRequested,
    AgentExited,
    AgentReported,
    AgentRequested,
    AgentStarted,
    CandidateMade,
    CandidateRequested,
    Checked,
    CheckRequested,
    Clashed,
    Cleaned,
    CleanupKept,
    CleanupRequested,
    Collected,
    CollectRequested,
    EffectFailed,
    Event,
    FreezeRequested,
    Frozen,
    GateEnded,
    GateLevel,
    GateRequested,
    GateVerdict,
    IntegrationMade,
    IntegrationRequested,
    Intent,
    Killed,
    KillRequested,
    Landed,
    LandRefused,
    LandRequested,
    LoadSeen,
    MergeApproved,
    Outcome,
    Recovered,
    Report,
    RunCreated,
    RunEnded,
    RunHalted,
    RunResumed,
    SetupEnded,
    SetupRequested,
    SlotsSet,
    StopAsked,
    SyncClashed,
    SyncMade,
    SyncRequested,
    TaskBlocked,
    TaskCompleted,
    TaskError,
    TaskFailed,
    TaskHeld,
    TaskReleased,
    TaskReset,
    TaskSkipped,
    TaskStopped,
    Thawed,
    ThawRequested,
    TrespassSeen,
    Undone,
    UndoRequested,
    Verdict,
    WaveApproved,
    WaveClosed,
    WaveEnded,
    WaveOffered,
    WaveRejected,
    WaveReopened,
    WorktreeFailed,
    WorktreeMade,
    WorktreeRequested,
    answered,
)
from engine.core.graph import tails
from engine.core.plan import Plan, StartPolicy, Task
from engine.core.state import (
    Alert,
    AlertKind,
    GateResult,
    Merge,
    MergeStage,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
    WaveState,
)


def evolve(state: State, event: Event) -> State:
    """The state after `event`. Never raises for an event that `step` made; makes no decision."""
    return _BY_KIND[type(event)](state, event)


# ── small steps that many events share ──────────────────────────────────────────────────────────────


def _task(state: State, task: str, **changes: Any) -> State:
    return replace(state, tasks={**state.tasks, task: replace(state.tasks[task], **changes)})


def _wave(state: State, number: int, **changes: Any) -> State:
    waves = list(state.waves)
    waves[number - 1] = replace(waves[number - 1], **changes)
    return replace(state, waves=tuple(waves))


def _alert(
    state: State,
    kind: AlertKind,
    text: str,
    *,
    tasks: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    remedy: str = "",
    open: bool = True,
) -> State:
    alert = Alert(len(state.alerts) + 1, kind, text, tasks, files, remedy, open)
    return replace(state, alerts=(*state.alerts, alert))


def _settle_alerts(state: State, *kinds: AlertKind, task: str = "") -> State:
    """Mark the open alerts of these kinds (of `task`, when given) as settled."""
    alerts = tuple(
        replace(alert, open=False)
        if alert.open and alert.kind in kinds and (not task or task in alert.tasks)
        else alert
        for alert in state.alerts
    )
    return replace(state, alerts=alerts)


def _without(queue: tuple[str, ...], task: str) -> tuple[str, ...]:
    return tuple(queued for queued in queue if queued != task)


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────


def _verdict(state: State, event: Verdict) -> State:
    match event:
        case RunCreated():
            return _created(event)
        case WaveOffered(wave=wave, digest=digest):
            return _wave(state, wave, phase=WavePhase.OFFERED, digest=digest)
        case WaveApproved(wave=wave, by=by):
            return _wave(state, wave, phase=WavePhase.OPEN, approved_by=by)
        case WaveRejected(wave=wave, by=by, reason=reason):
            state = _wave(state, wave, phase=WavePhase.PENDING)
            said = f"wave {wave} rejected by {by}" + (f": {reason}" if reason else "")
            return replace(state, reason=said, phase=RunPhase.STOPPING)
        case WaveEnded(wave=wave):
            state = replace(state, land_refused="")
            return _wave(state, wave, phase=WavePhase.SYNCING, gate=0, candidate="")
        case WaveClosed(wave=wave):
            return _wave(state, wave, phase=WavePhase.CLOSED)
        case WaveReopened(wave=wave):
            return _wave(state, wave, phase=WavePhase.OPEN)
        case TaskSkipped(task=task):
            return _task(state, task, phase=Phase.SKIPPED)
        case TaskFailed(task=task, error=error):
            return _failed(state, task, error)
        case TaskCompleted(task=task, notes=notes):
            return _completed(state, task, notes)
        case TaskBlocked(task=task, by=by):
            return _task(state, task, phase=Phase.BLOCKED, blocked_by=by)
        case TaskStopped(task=task):
            return _stopped(state, task)
        case TaskReset(task=task):
            return _reset(state, task)
        case TaskHeld(task=task):
            return _task(state, task, held=True)
        case TaskReleased(task=task):
            return _task(state, task, held=False)
        case StopAsked(task="", by=by):
            return replace(state, phase=RunPhase.STOPPING, reason=f"stopped by {by or 'a person'}")
        case StopAsked(task=task):
            return _task(state, task, stopping=True)
        case MergeApproved(task=task):
            return _task(state, task, merge_approved=True)
        case SlotsSet(slots=slots):
            return replace(state, slots=slots)
        case RunHalted(error=error):
            state = _alert(state, AlertKind.HALT, error.message, remedy=" · ".join(error.hints))
            return replace(state, halted=error)
        case RunEnded(state=ended, reason=reason):
            return replace(state, phase=RunPhase(ended), reason=reason)
        case RunResumed(auto_approve=auto_approve):
            return _resumed(state, auto_approve)
        case _:
            assert_never(event)


def _ranks(plan: Plan) -> dict[str, float]:
    """What starts first: the longest path behind a task. Under wave barriers only what lies in its own wave
    makes the wave longer, so nothing beyond it counts."""
    if plan.start_policy is StartPolicy.DEPENDENCY:
        return tails(plan.tasks)
    wave_of = {name: wave.number for wave in plan.waves for name in wave.tasks}
    inside: dict[int, list[Task]] = {wave.number: [] for wave in plan.waves}
    for task in plan.tasks:
        here = wave_of[task.id]
        near = tuple(need for need in task.needs if wave_of[need.task] == here)
        inside[here].append(replace(task, needs=near))
    return {name: rank for tasks in inside.values() for name, rank in tails(tasks).items()}


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
        rank=_ranks(event.plan),
        waves=tuple(WaveState(w.number, w.name, w.tasks, w.mode) for w in event.plan.waves),
    )


def _stopped(state: State, task: str) -> State:
    there = state.tasks[task].tree is Tree.PRESENT
    return _task(
        state,
        task,
        phase=Phase.STOPPED,
        stopping=False,
        frozen=False,
        tree=Tree.KEPT if there else state.tasks[task].tree,
        kept="stopped" if there else "",
    )


def _failed(state: State, task: str, error: TaskError) -> State:
    old = state.tasks[task]
    state = _task(
        state,
        task,
        phase=Phase.FAILED,
        error=error,
        frozen=False,
        stopping=False,
        tree=Tree.KEPT if old.tree is Tree.PRESENT else old.tree,
        kept=f"failed: {error.type}" if old.tree is Tree.PRESENT else "",
    )
    state = replace(state, queue=_without(state.queue, task))
    kind = AlertKind.CONFLICT if error.type == "MergeConflict" else AlertKind.FAILURE
    kind = AlertKind.GATE if error.type == "GateFailed" else kind
    hints = " · ".join(error.hints)
    return _alert(state, kind, error.message, tasks=(task,), files=error.files, remedy=hints)


def _completed(state: State, task: str, notes: tuple[str, ...]) -> State:
    state = _task(state, task, phase=Phase.COMPLETE, notes=notes)
    state = replace(state, queue=(*state.queue, task))
    for note in notes:
        if note == "no changes":
            text = f"{task}: the agent ended well but changed nothing"
            state = _alert(state, AlertKind.NO_CHANGES, text, tasks=(task,), remedy=f"wavetree logs {task}")
    return state


def _reset(state: State, task: str) -> State:
    old = state.tasks[task]
    never = old.tree is Tree.NONE and old.attempt > 0
    fresh = TaskState(task, old.wave, attempt=old.attempt - never, batch=old.batch, held=old.held)
    if state.waves[old.wave - 1].phase in (WavePhase.CLOSED, WavePhase.FAILED):
        state = _wave(state, old.wave, phase=WavePhase.OPEN)
    state = _settle_alerts(
        state, AlertKind.CONFLICT, AlertKind.GATE, AlertKind.FAILURE, AlertKind.QUESTION, task=task
    )
    return replace(state, tasks={**state.tasks, task: fresh}, queue=_without(state.queue, task))


def _resumed(state: State, auto_approve: bool) -> State:
    waves = tuple(
        replace(wave, phase=WavePhase.OPEN)
        if wave.phase is WavePhase.FAILED
        else replace(wave, phase=WavePhase.PENDING)
        if wave.phase is WavePhase.OFFERED
        else wave
        for wave in state.waves
    )
    if waves and waves[-1].phase is WavePhase.CLOSED and state.tip != state.landed:
        waves = (*waves[:-1], replace(waves[-1], phase=WavePhase.SYNCING))
    state = _settle_alerts(state, AlertKind.HALT, AlertKind.LANDING, AlertKind.GATE)
    return replace(
        state,
        phase=RunPhase.ACTIVE,
        waves=waves,
        halted=None,
        reason="",
        integrated=False,
        checked=None,
        land_refused="",
        aborted=(),
        turn=state.turn + 1,
        auto_approve=state.auto_approve or auto_approve,
    )


# ── intents ─────────────────────────────────────────────────────────────────────────────────────────


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
            )
            return replace(state, tasks={**state.tasks, task: new}, batch=event.batch)
        case UndoRequested(task=task):
            return _task(state, task, phase=Phase.UNDOING)
        case SetupRequested(task=task):
            return _task(state, task, phase=Phase.SETUP)
        case AgentRequested(task=task):
            return _task(state, task, phase=Phase.RUNNING)
        case FreezeRequested(task=task) | ThawRequested(task=task):
            return _task(state, task, freezing=True)
        case KillRequested(task=task):
            return _task(state, task, killing=True)
        case CollectRequested(task=task):
            return _task(state, task, phase=Phase.COLLECTING)
        case CandidateRequested(task=task, tip=tip):
            merge = Merge(task, MergeStage.CANDIDATE, tip)
            return _task(replace(state, merge=merge), task, phase=Phase.MERGING)
        case SyncRequested():
            return state
        case GateRequested(level=GateLevel.TASK):
            return state
        case GateRequested(subject=subject, sha=sha):
            return _wave(state, int(subject), phase=WavePhase.GATING, candidate=sha)
        case AbortRequested(gate=gate):
            return replace(state, aborted=(*state.aborted, gate))
        case AdvanceRequested(subject=subject):
            if state.merge and state.merge.task == subject:
                return replace(state, merge=replace(state.merge, stage=MergeStage.ADVANCE))
            return _wave(state, int(subject), phase=WavePhase.ADVANCING)
        case LandRequested(wave=wave):
            return _wave(state, wave, phase=WavePhase.LANDING)
        case CleanupRequested(task=task):
            return _task(state, task, tree=Tree.REMOVING)
        case CheckRequested():
            return replace(state, phase=RunPhase.CHECKING)
        case _:
            assert_never(event)


# ── outcomes ────────────────────────────────────────────────────────────────────────────────────────


def _closed(state: State, event: Outcome) -> State:
    if key := answered(event):
        state = replace(state, open=tuple(open_ for open_ in state.open if open_ != key))
    return _outcome(state, event)


def _outcome(state: State, event: Outcome) -> State:
    match event:
        case IntegrationMade(error=error, tip=tip):
            return replace(state, integrated=not error, reason=error, tip=tip or state.tip)
        case WorktreeMade(task=task):
            return _task(state, task, phase=Phase.MADE)
        case WorktreeFailed(task=task, error=error):
            return _task(state, task, phase=Phase.UNDOING, tree=Tree.NONE, error=_worktree_error(task, error))
        case Undone(task=task):
            return _task(state, task, tree=Tree.NONE)
        case SetupEnded(task=task, ok=ok, error=error, log=log):
            if ok:
                return _task(state, task, phase=Phase.READY)
            return _task(state, task, error=_setup_error(task, error, log), log=log)
        case AgentStarted(task=task, pid=pid, log=log):
            return _task(state, task, pid=pid, log=log)
        case AgentReported(task=task, report=report):
            return _reported(state, task, report)
        case AgentExited(task=task):
            return _task(
                state,
                task,
                pid=0,
                frozen=False,
                exit_code=event.code,
                how=event.reason,
                interrupted=event.interrupted,
                error=event.error,
                log=event.log or state.tasks[task].log,
            )
        case Frozen(task=task) | Thawed(task=task) if state.tasks[task].phase is not Phase.RUNNING:
            return state  # it ended meanwhile
        case Frozen(task=task, processes=processes):
            return _task(state, task, frozen=processes >= 0, freezing=processes < 0)
        case Thawed(task=task):
            return _task(state, task, frozen=False, freezing=False)
        case Killed():
            return state
        case Collected(task=task):
            return _task(
                state,
                task,
                head=event.head,
                commits=event.commits,
                files=event.files,
                notes=event.issues,
                error=state.tasks[task].error or event.problem,
            )
        case CandidateMade(sha=sha):
            return replace(state, merge=_merge(state, sha=sha, stage=MergeStage.GATE))
        case Clashed(task=task, files=files, detail=detail):
            return replace(_task(state, task, error=_clash_error(state, task, files, detail)), merge=None)
        case SyncMade(wave=wave, sha=sha):
            return _wave(state, wave, phase=WavePhase.GATING, candidate=sha, gate=0)
        case SyncClashed(wave=wave, files=files):
            return _sync_clashed(state, wave, files)
        case GateEnded():
            return _gate_ended(state, event)
        case Aborted():
            return state
        case Advanced(subject=subject, new=new):
            return _advanced(state, subject, new)
        case AdvanceRefused(subject=subject, actual=actual):
            return _advance_refused(state, subject, actual)
        case Landed(sha=sha):
            return replace(_settle_alerts(state, AlertKind.LANDING), landed=sha, land_refused="")
        case LandRefused(reason=reason, remedy=remedy):
            state = _settle_alerts(state, AlertKind.LANDING)
            state = _alert(state, AlertKind.LANDING, f"{state.base} not updated: {reason}", remedy=remedy)
            return replace(state, land_refused=reason)
        case Cleaned(task=task):
            return _task(state, task, tree=Tree.REMOVED)
        case CleanupKept(task=task, reason=reason):
            return _task(state, task, tree=Tree.KEPT, kept=reason)
        case Checked(ok=ok, detail=detail):
            return replace(state, checked=ok, check_detail=detail)
        case TrespassSeen(place=place, files=files, suspects=suspects):
            text = f"files changed in {place} while {', '.join(suspects) or 'no agent'} worked"
            return _alert(state, AlertKind.TRESPASS, text, tasks=suspects, files=files)
        case LoadSeen(level=level):
            return replace(state, load=level)
        case EffectFailed():
            return _effect_failed(state, event)
        case Recovered():
            return _recovered(state, event)
        case _:
            assert_never(event)


def _merge(state: State, **changes: Any) -> Merge | None:
    return replace(state.merge, **changes) if state.merge else None


def _reported(state: State, task: str, report: Report) -> State:
    old = state.tasks[task]
    reached = old.milestones
    if report.milestones:
        reached += tuple(name for name in report.milestones if name not in old.milestones)
    state = _task(
        state,
        task,
        progress=old.progress if report.progress is None else report.progress,
        says=old.says if report.says is None else report.says,
        tests=old.tests if report.tests is None else report.tests,
        step=old.step if report.step is None else report.step,
        cost_usd=old.cost_usd if report.cost_usd is None else report.cost_usd,
        question=old.question if report.question is None else report.question,
        milestones=reached,
    )
    if report.question and report.question != old.question:
        text = f"{task} asks: {report.question}"
        state = _alert(state, AlertKind.QUESTION, text, tasks=(task,), remedy=f"wavetree logs {task}")
    return state


def _gate_ended(state: State, event: GateEnded) -> State:
    result = GateResult(
        event.level.value, event.subject, event.gate, event.verdict, event.detail, event.log, event.seconds
    )
    before = replace(state, turn=state.turn + 1)
    state = replace(before, results=(*state.results, result))
    green = event.verdict is GateVerdict.GREEN
    if event.answers in before.aborted and not green:
        return _gate_aborted(before, event)
    if event.level is GateLevel.TASK:
        if state.merge is None:
            return state
        if green:
            return replace(state, merge=_merge(state, gate=state.merge.gate + 1))
        return replace(_task(state, event.subject, error=_gate_error(event)), merge=None)
    number = int(event.subject)
    if green:
        return _wave(state, number, gate=state.waves[number - 1].gate + 1)
    state = _wave(state, number, phase=WavePhase.FAILED)
    error = _gate_error(event)
    return _alert(state, AlertKind.GATE, error.message, remedy=" · ".join(error.hints))


def _gate_aborted(state: State, event: GateEnded) -> State:
    """As if the gate had not been started; it runs again after a resume."""
    if event.level is GateLevel.TASK:
        return _task(replace(state, merge=None), event.subject, phase=Phase.COMPLETE)
    return _wave(state, int(event.subject), phase=WavePhase.SYNCING)


def _advanced(state: State, subject: str, new: str) -> State:
    state = replace(state, tip=new)
    if state.merge and state.merge.task == subject:
        state = _task(state, subject, phase=Phase.MERGED, merge=new, merge_approved=False)
        return replace(state, merge=None, queue=_without(state.queue, subject))
    return _wave(state, int(subject), phase=WavePhase.LANDING)


def _advance_refused(state: State, subject: str, actual: str) -> State:
    text = f"{state.integration} was moved by somebody else to {actual[:12]}; merging onto that"
    state = _alert(replace(state, tip=actual), AlertKind.NOTICE, text, open=False)
    if state.merge and state.merge.task == subject:
        return _task(replace(state, merge=None), subject, phase=Phase.COMPLETE)
    return _wave(state, int(subject), phase=WavePhase.SYNCING)


def _sync_clashed(state: State, wave: int, files: tuple[str, ...]) -> State:
    remedy = f"git switch {state.integration} && git merge {state.base}, commit, then: wavetree resume"
    text = f"{state.base} has moved and clashes with the run's work in {', '.join(files)}"
    state = _alert(state, AlertKind.CONFLICT, text, files=files, remedy=remedy)
    return _wave(replace(state, land_refused=text), wave, phase=WavePhase.FAILED)


def _effect_failed(state: State, event: EffectFailed) -> State:
    """git failed in the merge queue: the task fails, or the wave, and nothing has moved."""
    if state.merge is not None and event.answers.startswith(("candidate:", "advance:")):
        error = TaskError(
            "EnvironmentError",
            f"{state.merge.task}: the merge could not be tried: {event.error}",
            "nothing was moved; the branch is kept",
            ("mend what git complains of", f"then: wavetree retry {state.merge.task}"),
        )
        return replace(_task(state, state.merge.task, error=error), merge=None)
    state = _alert(state, AlertKind.HALT, f"git failed: {event.error}", remedy="wavetree resume")
    wave = state.current_wave
    return _wave(state, wave.number, phase=WavePhase.FAILED) if wave else state


def _recovered(state: State, event: Recovered) -> State:
    """Effects in flight are redone by their intents; what a pause had stopped is stopped again."""
    tasks = {
        name: replace(task, frozen=False, freezing=False) if task.frozen or task.freezing else task
        for name, task in state.tasks.items()
    }
    kept = tuple(key for key in state.open if not key.startswith(("freeze:", "thaw:")))
    state = replace(state, tasks=tasks, open=kept, engines=state.engines + 1)
    for note in event.notes:
        state = _alert(state, AlertKind.NOTICE, note, open=False)
    return state


_BY_KIND: dict[type, Callable[[State, Any], State]] = {
    **dict.fromkeys(get_args(Verdict), _verdict),
    **dict.fromkeys(get_args(Intent), _opened),
    **dict.fromkeys(get_args(Outcome), _closed),
    AgentReported: lambda state, event: _reported(state, event.task, event.report),
}
"""Asked of the event's own class: a run's journal is mostly reports, and a union is searched one by one."""


# ── what went wrong, in words ───────────────────────────────────────────────────────────────────────


def _worktree_error(task: str, text: str) -> TaskError:
    return TaskError(
        "EnvironmentError",
        f"{task}: the worktree could not be made: {text}",
        "creating the worktree, before any agent of this batch was started",
        ("remove or rename what stands in the way, then: wavetree resume", "wavetree worktrees"),
    )


def _setup_error(task: str, text: str, log: str) -> TaskError:
    return TaskError(
        "EnvironmentError",
        f"{task}: the set-up failed: {text}",
        "the plan's `setup`, before the agent was started",
        (f"read the log: {log}", f"mend `setup` or what it needs, then: wavetree retry {task}"),
    )


def _clash_error(state: State, task: str, files: tuple[str, ...], detail: str) -> TaskError:
    branch = state.tasks[task].branch
    return TaskError(
        "MergeConflict",
        f"merge conflict: {', '.join(files)}",
        f"{branch} onto {state.integration}. {detail}".strip(),
        (
            f"do it again on top of what is merged: wavetree retry {task}",
            f"look at both sides: git diff {state.integration}...{branch}",
        ),
        files,
    )


def _gate_error(event: GateEnded) -> TaskError:
    who = event.subject if event.level is GateLevel.TASK else f"{event.level.value} {event.subject}"
    again = f"wavetree retry {event.subject}" if event.level is GateLevel.TASK else "wavetree resume"
    return TaskError(
        "GateFailed",
        f"{who}: gate {event.gate} {event.verdict.value}" + (f": {event.detail}" if event.detail else ""),
        "run on the merge candidate, before anything moved",
        (f"read its output: {event.log}" if event.log else "see what the message says", f"then: {again}"),
    )
