"""step(state, message) -> (state, events): every choice the engine makes, in one pure place.

A command becomes verdicts or is refused; an outcome is taken as it is. Then `settle` asks the rules for
what follows until nothing does: a state in which no rule has anything to say is at rest, and stays so
when it is replayed.
"""

from __future__ import annotations

from engine.core.commands import (
    Command,
)
from engine.core.coordinating import coordinate, stalled
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.failing_tests import give_up, queue_retries
from engine.core.failures import (
    changed_nothing,
    concerning,
    crashed,
    dependency_failed,
)
from engine.core.fallbacks import fallbacks
from engine.core.few import few
from engine.core.gauged import Cause
from engine.core.intents import (
    AbortRequested,
    AgentRequested,
    CheckRequested,
    CollectRequested,
    FreezeRequested,
    IntegrationRequested,
    KillRequested,
    PlaceRequested,
    RebaseRequested,
    SetupRequested,
    ThawRequested,
    UndoRequested,
)
from engine.core.merging import cleanups, given_up, merges
from engine.core.outcomes import AgentReported, Outcome, Report
from engine.core.plan import Land
from engine.core.posting import posts
from engine.core.pulls import by_pull_request, pull_requests
from engine.core.queueing import orphaned
from engine.core.recovery import recover, waits_for_gate
from engine.core.respond import respond
from engine.core.reviewing import reviews
from engine.core.schemas import restarts, schema_clashes
from engine.core.standing import rests
from engine.core.starting import blocked, offers, starts
from engine.core.state import (
    BUSY,
    DONE,
    AlertKind,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
)
from engine.core.syncing import meet
from engine.core.throttling import throttles
from engine.core.verdicts import (
    RunCreated,
    RunEnded,
    RunHalted,
    TaskCompleted,
    TaskFailed,
    TaskReset,
    TaskSkipped,
    TaskStopped,
)
from engine.core.wave_end import wave_end

IN_FLIGHT = BUSY - {Phase.MERGING}
"""A merge between two of its steps does not hold up a stop; it goes on after a resume."""

MAX_ROUNDS = 100_000
"""More rounds of rules than any state needs; reaching it is a bug, not a long run."""


def step(state: State, message: Command | Outcome | RunCreated) -> tuple[State, tuple[Event, ...]]:
    """What `message` leads to. Raises Refused when a command cannot be carried out now."""
    if isinstance(message, AgentReported) and not state.points and _says_no_more(message.report):
        return evolve(state, message), (message,)  # no rule looks at what an agent says of itself
    events: list[Event] = list(respond(state, message)) if isinstance(message, Command) else [message]
    for event in events:
        state = evolve(state, event)
    return settle(state, events)


def _says_no_more(report: Report) -> bool:
    """Than how far the agent is."""
    return not (report.milestones or report.messages)


def settle(state: State, events: list[Event]) -> tuple[State, tuple[Event, ...]]:
    """Apply the rules until none has anything to say."""
    for _ in range(MAX_ROUNDS):
        following = _consequences(state)
        if not following:
            return state, tuple(events)
        for event in following:
            state = evolve(state, event)
        events.extend(following)
    raise AssertionError(f"the rules do not come to rest: {events[-3:]}")


def _consequences(state: State) -> list[Event]:
    """The first rule's events that apply; one rule at a time, so each sees what the last one decided."""
    if state.phase is RunPhase.NEW or state.ended:
        return []
    if not state.integrated:
        return _integration(state)
    for rule in _RULES:
        if events := list(rule(state)):
            return events
    return []


def _integration(state: State) -> list[Event]:
    if "integration" in state.open:
        return []
    if state.reason and state.phase is RunPhase.ACTIVE:
        return [RunEnded("failed", state.reason)]
    if state.phase is not RunPhase.ACTIVE:
        return [RunEnded("stopped", state.reason)]
    return [IntegrationRequested(state.integration, state.tip)]


def _skips(state: State) -> list[Event]:
    complete = [state.tasks[spec.id] for spec in state.plan.tasks if spec.complete]
    return [TaskSkipped(task.id) for task in complete if task.phase is Phase.PENDING and task.attempt == 0]


def _tasks(state: State) -> list[Event]:
    events: list[Event] = []
    for task in state.moving:
        if task.phase is not Phase.COMPLETE or state.dead or task.built_on:
            events.extend(_task(state, task))
    return events or _failed_batch(state)


def _task(state: State, task: TaskState) -> list[Event]:
    """What follows for a task that is somewhere between its start and the merge queue."""
    stop = task.stopping or state.phase is RunPhase.STOPPING
    match task.phase:
        case Phase.MADE:
            return _made(state, task, stop)
        case Phase.READY if stop:
            return [TaskStopped(task.id, task.attempt)]
        case Phase.READY:
            return [] if task.held else [_agent(task)]
        case Phase.SETUP:
            return _setting_up(state, task, stop)
        case Phase.RUNNING:
            return _running(state, task, stop)
        case Phase.COLLECTING if f"collect:{task.id}:{task.attempt}" not in state.open:
            return _judged(state, task, stop)
        case Phase.MERGING if task.error and all(merge.task != task.id for merge in state.train):
            return [TaskFailed(task.id, task.attempt, concerning(state, task, task.error))]
        case Phase.COMPLETE if lost := orphaned(state, task):
            return [TaskFailed(task.id, task.attempt, dependency_failed(state, task, lost))]
        case _:
            return []


def _made(state: State, task: TaskState, stop: bool) -> list[Event]:
    """A batch's agents start together, when all its worktrees are there (M082, M083)."""
    batch = [other for other in state.moving if other.batch == task.batch]
    if any(other.phase is Phase.MAKING for other in batch):
        return []
    if any(other.phase is Phase.UNDOING for other in batch):
        return [UndoRequested(task.id, task.attempt, task.branch, task.path, task.base)]
    if stop:
        return [TaskStopped(task.id, task.attempt)]
    if task.held:
        return []
    if state.plan.setup.run:
        return [SetupRequested(task.id, task.attempt, task.path)]
    return [_agent(task)]


def _agent(task: TaskState) -> AgentRequested:
    return AgentRequested(task.id, task.attempt, task.path, task.branch)


def _revived(state: State) -> list[Event]:
    """Tasks that were blocked by one that a person has merged by hand since (M139)."""
    blocked = [task for task in state.tasks.values() if task.phase is Phase.BLOCKED]
    return [TaskReset(task.id) for task in blocked if state.tasks[task.blocked_by].phase in DONE]


def _failed_batch(state: State) -> list[Event]:
    undoing = [task for task in state.moving if task.phase is Phase.UNDOING]
    if not undoing or any(task.phase is Phase.MAKING for task in state.moving):
        return []
    if any(task.tree is not Tree.NONE for task in undoing):
        return []
    events: list[Event] = []
    for task in undoing:
        if task.error:
            events += [
                TaskFailed(task.id, task.attempt, concerning(state, task, task.error)),
                RunHalted(task.error),
            ]
        else:
            events.append(TaskReset(task.id))
    return events


def _setting_up(state: State, task: TaskState, stop: bool) -> list[Event]:
    if f"setup:{task.id}:{task.attempt}" in state.open:
        return [KillRequested(task.id, task.attempt)] if stop and not task.killing else []
    if task.killing:
        return [TaskStopped(task.id, task.attempt)]
    return [TaskFailed(task.id, task.attempt, concerning(state, task, task.error))] if task.error else []


def _running(state: State, task: TaskState, stop: bool) -> list[Event]:
    if {f"rebase:{task.id}:{task.attempt}", f"place:{task.id}:{task.attempt}"} & {*state.open}:
        return []  # its files are being changed; neither it nor anybody else may touch them
    if f"agent:{task.id}:{task.attempt}" not in state.open:
        well = task.exit_code == 0 and task.error is None and not task.killing
        collect = CollectRequested(task.id, task.attempt, task.branch, task.path, task.base, commit=well)
        return [collect]
    if task.killing or not task.pid:
        return []
    if stop or task.restarting:
        return [KillRequested(task.id, task.attempt)]
    if task.freezing:
        return []
    waits = rests(state, task)
    if not task.frozen:
        before_its_files_change = task.unsure and (task.stale or task.placing)
        if waits or task.held or before_its_files_change:
            return [FreezeRequested(task.id, task.attempt)]
        return [ThawRequested(task.id, task.attempt)] if task.unsure else []
    if task.stale and not waits:
        return [_rebase(state, task)]
    if task.placing:
        return [PlaceRequested(task.id, task.attempt, task.path, task.placing)]
    return [] if waits or task.held else [ThawRequested(task.id, task.attempt)]


def _rebase(state: State, task: TaskState) -> RebaseRequested:
    return RebaseRequested(task.id, task.attempt, task.branch, task.path, task.base, state.tip, state.settled)


def _judged(state: State, task: TaskState, stop: bool) -> list[Event]:
    """What went down with the machine, or is to be done anew, is started again (M162, M122); all else is
    judged."""
    stopped = TaskStopped(task.id, task.attempt)
    if task.restarting and not stop:
        return [stopped, TaskReset(task.id)]
    if (task.killing and (stop or not task.failing)) or (task.interrupted and stop):
        return [stopped]
    if task.interrupted and not task.failing:
        return [stopped, TaskReset(task.id)]
    return [_verdict_on(state, task)]


def _verdict_on(state: State, task: TaskState) -> Event:
    """Success is judged by the exit, the result and the diff together (M099)."""
    if task.error:
        return TaskFailed(task.id, task.attempt, concerning(state, task, task.error))
    if task.exit_code != 0:
        return TaskFailed(task.id, task.attempt, crashed(state, task))
    if task.files:
        return TaskCompleted(task.id, task.attempt, task.notes)
    if state.spec(task.id).files:
        return TaskFailed(task.id, task.attempt, changed_nothing(state, task))
    return TaskCompleted(task.id, task.attempt, (*task.notes, "no changes"))


def _aborts(state: State) -> list[Event]:
    """A stop does not wait for a gate; the gate is run anew after a resume."""
    if state.phase is not RunPhase.STOPPING:
        return list(given_up(state))
    gates = [key for key in state.open if key.startswith("gate:") and key not in state.aborted]
    return [AbortRequested(key) for key in gates]


def _end(state: State) -> list[Event]:
    """The run's end, once nothing is in flight."""
    if state.open or any(task.phase in IN_FLIGHT for task in state.moving):
        return []
    if state.train and state.phase is RunPhase.ACTIVE:
        return []
    wave = state.current_wave
    if state.phase is RunPhase.CHECKING:
        return [_verdict(state)]
    if state.phase is RunPhase.STOPPING:
        return [RunEnded("stopped", state.reason)]
    if state.halted:
        return [_failed_for(Cause.WORKTREE, state.halted.message)]
    if state.starved:
        return [_failed_for(Cause.RESOURCES, state.starved)]
    if wave is None:
        return [CheckRequested(state.turn)]
    if wave.phase is WavePhase.FAILED and waits_for_gate(state) is None:
        told = (a for a in reversed(state.alerts) if a.open and not a.tasks)
        reason = next(
            (a.text for a in told if a.kind not in (AlertKind.COORDINATION, AlertKind.ESCALATION)),
            f"wave {wave.number} failed",
        )
        return [RunEnded("failed", reason)]
    return []


def _verdict(state: State) -> RunEnded:
    done = [task for task in state.tasks.values() if task.phase in DONE]
    if state.checked is False:
        return _failed_for(Cause.CORRUPTION, state.check_detail)
    tried = [task for task in state.tasks.values() if task.attempt]
    if tried and all(task.never_ran for task in tried):
        return _failed_for(Cause.SPAWN, next((task.error.message for task in tried if task.error), ""))
    if len(done) < len(state.tasks):
        return RunEnded("failed", _missing(state))
    lands = state.plan.settings.land is not Land.NEVER and not by_pull_request(state)
    if lands and state.landed != state.tip:
        return RunEnded("failed", f"merged on {state.integration}, but {state.base} is not updated")
    where = f" on {state.integration}; {state.base} is left to the pull requests"
    all_ = "the task is" if len(done) == 1 else f"all {len(done)} tasks are"
    return RunEnded("done", f"{all_} merged{where if by_pull_request(state) else ''}")


def _failed_for(cause: Cause, detail: str) -> RunEnded:
    """The run as a whole has failed, for one of the five causes there are (M176)."""
    return RunEnded("failed", f"{cause.value}: {detail}", cause)


def _missing(state: State) -> str:
    """Why not all is merged: `b failed; d, e blocked`."""
    parts = []
    for phase in (Phase.FAILED, Phase.STOPPED, Phase.BLOCKED):
        if names := [task.id for task in state.tasks.values() if task.phase is phase]:
            parts.append(f"{few(names, 5)} {phase.value}")
    return "; ".join(parts)


_RULES = (
    _skips,
    posts,
    meet,
    schema_clashes,
    restarts,
    fallbacks,
    throttles,
    coordinate,
    _tasks,
    queue_retries,
    recover,
    _revived,
    blocked,
    offers,
    starts,
    pull_requests,
    reviews,
    merges,
    wave_end,
    cleanups,
    _aborts,
    stalled,
    give_up,
    _end,
)
"""In the order in which they are asked."""
