"""What an outcome means for the state."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from engine.core import (
    criteria,
    evolve_conflicts,
    evolve_points,
    evolve_reviews,
    evolve_settling,
    evolve_train,
)
from engine.core.changes import alert, change_task, change_wave, settle_alerts, without
from engine.core.durations import show
from engine.core.events import answered
from engine.core.evolve_messages import said
from engine.core.failures import (
    concerning,
    gate_error,
    setup_error,
    worktree_error,
)
from engine.core.gauged import ErrorType, GateLevel, GateVerdict, TaskError
from engine.core.messages import Said
from engine.core.outcomes import (
    Aborted,
    Advanced,
    AdvanceRefused,
    AgentExited,
    AgentReported,
    AgentStarted,
    CandidateMade,
    Checked,
    Clashed,
    Cleaned,
    CleanupKept,
    Collected,
    CoordinationFailed,
    Delivered,
    EffectFailed,
    Escalated,
    Frozen,
    GateEnded,
    IntegrationMade,
    Killed,
    Landed,
    LandRefused,
    LateSeen,
    LoadSeen,
    MergedByHand,
    NamesSeen,
    Outcome,
    OverlapsSeen,
    PathsSeen,
    Placed,
    PointDue,
    PullRequestEnded,
    RebaseClashed,
    Rebased,
    Recorded,
    Recovered,
    Report,
    ReviewOverdue,
    SetupEnded,
    StartsWaited,
    StuckSeen,
    SyncClashed,
    SyncMade,
    TestFailed,
    Thawed,
    TrespassSeen,
    Undone,
    WorktreeFailed,
    WorktreeMade,
)
from engine.core.record.targets import headline
from engine.core.state import (
    AlertKind,
    GateResult,
    MergeStage,
    Phase,
    State,
    Tree,
    WavePhase,
)
from engine.core.throttling import READING, slots_now, unread


def outcome_taken(state: State, event: Outcome) -> State:
    """The state after `event`; the intent it answers is open no longer."""
    if key := answered(event):
        left = {gate: asked for gate, asked in state.testing.items() if gate != key}
        state = replace(state, open=tuple(open_ for open_ in state.open if open_ != key), testing=left)
    return _outcome(state, event)


def _outcome(state: State, event: Outcome) -> State:
    match event:
        case IntegrationMade(error=error, tip=tip):
            return replace(state, integrated=not error, reason=error, tip=tip or state.tip)
        case WorktreeMade():
            return _made(state, event)
        case WorktreeFailed(task=task, error=error):
            return change_task(
                state, task, phase=Phase.UNDOING, tree=Tree.NONE, error=worktree_error(task, error)
            )
        case Undone(task=task):
            return change_task(state, task, tree=Tree.NONE)
        case SetupEnded(task=task, ok=True):
            return change_task(state, task, phase=Phase.READY)
        case SetupEnded(task=task, error=error, log=log):
            return change_task(state, task, error=setup_error(task, error, log), log=log)
        case AgentStarted(task=task, pid=pid, log=log):
            return change_task(state, task, pid=pid, log=log)
        case AgentReported(task=task, report=report):
            return report_taken(state, task, report)
        case TestFailed():
            return _test_failed(state, event)
        case AgentExited():
            return _exited(state, event)
        case Frozen(task=task) | Thawed(task=task) if state.tasks[task].phase is not Phase.RUNNING:
            return state  # it ended meanwhile
        case Frozen(task=task, processes=processes):
            return change_task(state, task, frozen=processes >= 0, freezing=processes < 0, unsure=False)
        case Thawed(task=task):
            return change_task(state, task, frozen=False, freezing=False, unsure=False)
        case Rebased():
            return evolve_settling.rebased(state, event)
        case RebaseClashed():
            return evolve_settling.rebase_clashed(state, event)
        case Placed(task=task, passed=passed):
            if passed:
                text = f"{task}: {', '.join(passed)} had changed and was left as it is"
                state = alert(state, AlertKind.NOTICE, text, tasks=(task,), files=passed, open=False)
            return change_task(state, task, placing=())
        case Delivered():
            return state
        case Killed():
            return state
        case Collected():
            return _collected(state, event)
        case PullRequestEnded():
            return _proposed(state, event)
        case ReviewOverdue():
            return evolve_reviews.overdue(state, event)
        case CandidateMade(task=task, sha=sha):
            return evolve_train.changed(state, task, sha=sha, stage=MergeStage.GATE)
        case Clashed():
            return evolve_train.clashed(state, event)
        case SyncMade(wave=wave, sha=sha, unmarked=unmarked):
            state = _unmarked(evolve_conflicts.base_merged(state), unmarked)
            return change_wave(state, wave, phase=WavePhase.GATING, candidate=sha, gate=0)
        case SyncClashed(wave=wave, files=files):
            return _sync_clashed(state, wave, files)
        case GateEnded():
            return gate_ended(state, event)
        case Aborted():
            return state
        case Advanced(subject=subject, new=new):
            return _advanced(state, subject, new)
        case AdvanceRefused(subject=subject, actual=actual):
            return _advance_refused(state, subject, actual)
        case Landed(sha=sha):
            return replace(settle_alerts(state, AlertKind.LANDING), landed=sha, land_refused="")
        case LandRefused(reason=reason, remedy=remedy):
            return _land_refused(state, reason, remedy)
        case Cleaned(task=task):
            return change_task(state, task, tree=Tree.REMOVED)
        case CleanupKept(task=task, reason=reason):
            return change_task(state, task, tree=Tree.KEPT, kept=reason)
        case Checked(ok=ok, detail=detail):
            return replace(state, checked=ok, check_detail=detail)
        case Recorded():
            return _recorded(state, event)
        case TrespassSeen(place=place, files=files, suspects=suspects):
            text = f"files changed in {place} while {', '.join(suspects) or 'no agent'} worked"
            return alert(state, AlertKind.TRESPASS, text, tasks=suspects, files=files)
        case OverlapsSeen():
            return evolve_conflicts.overlaps_taken(state, event)
        case NamesSeen():
            return evolve_settling.names_taken(state, event)
        case MergedByHand():
            return evolve_settling.merged_by_hand(state, event)
        case PathsSeen():
            return evolve_settling.paths_taken(state, event)
        case Escalated():
            return evolve_settling.escalated(state, event)
        case PointDue() | CoordinationFailed():
            return evolve_points.outcome(state, event)
        case StuckSeen():
            return _stuck_seen(state, event)
        case LateSeen(wave=wave, percent=percent, cause=cause):
            text = f"wave {wave} is {percent:.0f} % behind schedule: {cause}"
            remedy = "give it slots: wavetree slots N · or say what it takes: wavetree estimate TASK TIME"
            return alert(state, AlertKind.LATE, text, tasks=state.waves[wave - 1].tasks, remedy=remedy)
        case LoadSeen():
            return _load_seen(state, event)
        case StartsWaited(seconds=seconds, why=why):
            return replace(state, starved=f"{why} for {show(seconds)}")
        case EffectFailed():
            return _effect_failed(state, event)
        case Recovered():
            return _recovered(state, event)
        case _:
            assert_never(event)


def _recorded(state: State, event: Recorded) -> State:
    """The wave goes on to its gates; when its results could not be written it has failed, and they are shown
    instead (M161)."""
    for problem in event.problems:
        state = alert(state, AlertKind.NOTICE, problem, remedy="wavetree state check")
    for warning in event.warnings:
        if not any(one.text.startswith(headline(warning)) for one in state.alerts):
            state = alert(state, AlertKind.METRIC, warning, remedy=f"wavetree report {state.run}")
    if not event.error:
        return change_wave(state, event.wave, recorded=True, unrecorded="")
    text = f"the results of wave {event.wave} could not be recorded: {event.error}"
    state = alert(state, AlertKind.HALT, text, remedy="mend that, then: wavetree resume")
    return change_wave(state, event.wave, phase=WavePhase.FAILED, unrecorded=event.error)


def _stuck_seen(state: State, event: StuckSeen) -> State:
    """An alert with what was looked at; settled when the agent is at work again."""
    task = state.tasks[event.task]
    if task.attempt != event.attempt or task.phase is not Phase.RUNNING:
        return state
    state = settle_alerts(state, AlertKind.STUCK, task=task.id)
    if not event.seconds:
        return state
    text = f"{task.id} has done nothing for {show(event.seconds)}; {'; '.join(event.checks)}"
    remedy = (
        f"restart: wavetree retry {task.id} · allocate more: wavetree slots or wavetree unpause · "
        f"resolve: wavetree logs {task.id}, wavetree say {task.id} TEXT · the others go on"
    )
    return alert(state, AlertKind.STUCK, text, tasks=(task.id,), remedy=remedy)


def _load_seen(state: State, event: LoadSeen) -> State:
    """What is new is told of; what lasts only counts (M071, M072)."""
    most = max(0, sum(task.phase is Phase.RUNNING for task in state.moving) - 1)
    step = {"throttled": 1, "free": -1}.get(event.level, 0)
    pressure = max(0, min(max(most, state.pressure), state.pressure + step))
    if event.why and (event.level != state.load or state.load_why == READING):
        remedy = "Reduce concurrent tasks; Queue some tasks; Increase system resources"
        text = event.why if event.level == "throttled" else f"no new starts: {event.why}"
        state = alert(state, AlertKind.NOTICE, text, remedy=remedy, open=False)
    starved = state.starved if event.level != "free" else ""
    before, state = slots_now(state), replace(state, pressure=pressure)
    if (now := slots_now(state)) != before:
        why = "the machine is under pressure" if now < before else "the machine has room again"
        state = alert(state, AlertKind.NOTICE, f"{now} of {state.slots} slots: {why}", open=False)
    return replace(state, load=event.level, load_why=event.why, starved=starved)


def _made(state: State, event: WorktreeMade) -> State:
    old = state.tasks[event.task]
    for note in event.notes:
        state = alert(state, AlertKind.NOTICE, f"{old.id} {note}", tasks=(old.id,), open=False)
    return change_task(
        state,
        old.id,
        phase=Phase.MADE,
        base=event.base or old.base,
        built_on=tuple(ground for ground in old.built_on if ground.task in event.built_on),
        notes=event.notes,
    )


def _test_failed(state: State, event: TestFailed) -> State:
    """Heard once of each attempt; what it says after its end is in its exit."""
    task = state.tasks[event.task]
    if task.attempt != event.attempt or task.phase is not Phase.RUNNING or task.failing:
        return state
    error = concerning(state, task, event.error)
    hints = " · ".join(error.hints)
    state = alert(state, AlertKind.FAILURE, error.message, tasks=(task.id,), remedy=hints)
    return change_task(state, task.id, failing=error)


def _exited(state: State, event: AgentExited) -> State:
    state = settle_alerts(state, AlertKind.STUCK, task=event.task)
    return change_task(
        state,
        event.task,
        pid=0,
        frozen=False,
        unsure=False,
        exit_code=event.code,
        how=event.reason,
        interrupted=event.interrupted,
        never_ran=event.never_ran,
        error=event.error or state.tasks[event.task].failing,
        log=event.log or state.tasks[event.task].log,
    )


def _collected(state: State, event: Collected) -> State:
    old = state.tasks[event.task]
    return change_task(
        state,
        old.id,
        head=event.head,
        commits=event.commits,
        files=event.files,
        notes=(*old.notes, *event.issues),
        error=old.error or event.problem,
    )


def report_taken(state: State, task: str, report: Report) -> State:
    """The state after an agent spoke of itself; what it left unsaid stays as it was."""
    old = state.tasks[task]
    reached = old.milestones
    if report.milestones:
        reached += tuple(name for name in report.milestones if name not in old.milestones)
    state = change_task(
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
    if report.messages:
        state = said(state, *(Said(task, one.type, one.to, one.body) for one in report.messages))
    if report.question and report.question != old.question:
        text = f"{task} asks: {report.question}"
        state = alert(state, AlertKind.QUESTION, text, tasks=(task,), remedy=f"wavetree logs {task}")
    return state


def gate_ended(state: State, event: GateEnded) -> State:
    """The state after a gate, whether it was run or judged."""
    result = GateResult(
        event.level.value, event.subject, event.gate, event.verdict, event.detail, event.log, event.seconds
    )
    before = replace(state, turn=state.turn + 1)
    state = replace(before, results=(*state.results, result))
    green = event.verdict in (GateVerdict.GREEN, GateVerdict.SKIPPED)
    if event.answers in before.aborted and not green:
        return _gate_aborted(before, event)
    if event.level is GateLevel.TASK:
        return evolve_train.gate_ended(state, event, green=green)
    if event.level is GateLevel.CRITERION:
        return criteria.checked(state, event, green=green)
    number = int(event.subject)
    if green:
        return change_wave(state, number, gate=state.waves[number - 1].gate + 1)
    state = change_wave(state, number, phase=WavePhase.FAILED, red=event.gate)
    error = gate_error(event)
    return alert(state, AlertKind.GATE, error.message, remedy=" · ".join(error.hints))


def _proposed(state: State, event: PullRequestEnded) -> State:
    """A pull request that failed holds nothing up: the branch is there, and a person can make it by hand."""
    if event.made:
        return change_task(state, event.task, pull_request=event.detail or "made", proposed=True)
    if event.missing:
        return change_task(state, event.task, pull_request=f"skipped: no command ({event.detail})")
    state = change_task(state, event.task, pull_request=f"failed: {event.detail}")
    text, remedy = f"{event.task}: the pull request failed: {event.detail}", f"read its output: {event.log}"
    return alert(state, AlertKind.NOTICE, text, tasks=(event.task,), remedy=remedy)


def _gate_aborted(state: State, event: GateEnded) -> State:
    """As if the gate had not been started; it runs again after a resume."""
    if event.level is GateLevel.TASK:
        return evolve_train.taken_back(state, event.subject)
    if event.level is GateLevel.CRITERION:
        return state
    return change_wave(state, int(event.subject), phase=WavePhase.SYNCING)


def _advanced(state: State, subject: str, new: str) -> State:
    state = replace(state, tip=new)
    if state.merge and state.merge.task == subject:
        state = change_task(
            state, subject, phase=Phase.MERGED, merge=new, merge_approved=False, accused=False
        )
        state = evolve_conflicts.merged(state, subject)
        return replace(state, train=state.train[1:], queue=without(state.queue, subject))
    return change_wave(state, int(subject), phase=WavePhase.LANDING)


def _advance_refused(state: State, subject: str, actual: str) -> State:
    text = f"{state.integration} was moved by somebody else to {actual[:12]}; merging onto that"
    state = alert(replace(state, tip=actual), AlertKind.NOTICE, text, open=False)
    if state.merge and state.merge.task == subject:
        return evolve_train.taken_back(state, subject)
    return change_wave(state, int(subject), phase=WavePhase.SYNCING)


def _unmarked(state: State, tasks: tuple[str, ...]) -> State:
    """Agents did not say in the roadmap that they are done: that is told, whether or not it was corrected."""
    if not tasks:
        return state
    fixed = state.plan.settings.roadmap_autofix
    done = "corrected in one commit" if fixed else "roadmap_autofix is off, so it stays"
    text = f"{state.plan.roadmap} did not say that {', '.join(tasks)} are complete: {done}"
    return alert(state, AlertKind.NOTICE, text, tasks=tasks, files=(state.plan.roadmap,), open=not fixed)


def _sync_clashed(state: State, wave: int, files: tuple[str, ...]) -> State:
    remedy = f"git switch {state.integration} && git merge {state.base}, commit, then: wavetree resume"
    text = f"{state.base} has moved and clashes with the run's work in {', '.join(files)}"
    state = evolve_conflicts.base_refused(state, text, files, remedy)
    return change_wave(replace(state, land_refused=text), wave, phase=WavePhase.FAILED)


def _land_refused(state: State, reason: str, remedy: str) -> State:
    state = settle_alerts(state, AlertKind.LANDING)
    state = alert(state, AlertKind.LANDING, f"{state.base} not updated: {reason}", remedy=remedy)
    return replace(state, land_refused=reason)


def _effect_failed(state: State, event: EffectFailed) -> State:
    """git failed in the merge queue: the task fails, or the wave, and nothing has moved."""
    if event.answers.startswith(("candidate:", "advance:")) and state.merge is not None:
        kind, about = event.answers.split(":")[:2]
        task = about if kind == "candidate" else state.merge.task
        error = TaskError(
            ErrorType.ENVIRONMENT,
            f"{task}: the merge could not be tried: {event.error}",
            "nothing was moved; the branch is kept",
            ("mend what git complains of", f"then: wavetree retry {task}"),
        )
        return evolve_train.put_out(state, task, error)
    state = alert(state, AlertKind.HALT, f"git failed: {event.error}", remedy="wavetree resume")
    wave = state.current_wave
    return change_wave(state, wave.number, phase=WavePhase.FAILED) if wave else state


def _recovered(state: State, event: Recovered) -> State:
    """Effects in flight are redone by their intents; who was frozen, or about to be or to go on, is told once
    more which of the two."""
    tasks = {
        name: replace(task, frozen=False, freezing=False, unsure=True)
        if task.frozen or task.freezing
        else task
        for name, task in state.tasks.items()
    }
    kept = tuple(key for key in state.open if not key.startswith(("freeze:", "thaw:")))
    state = unread(replace(state, tasks=tasks, open=kept, engines=state.engines + 1))
    for note in event.notes:
        state = alert(state, AlertKind.NOTICE, note, open=False)
    return state
