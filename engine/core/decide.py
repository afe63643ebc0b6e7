"""step(state, message) -> (state, events): every choice the engine makes, in one pure place.

A command becomes verdicts or is refused; an outcome is taken as it is. Then `settle` asks the rules for
what follows until nothing does: a state in which no rule has anything to say is at rest, and stays so
when it is replayed.
"""

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
    AbortRequested,
    AgentReported,
    AgentRequested,
    CheckRequested,
    CollectRequested,
    Event,
    FreezeRequested,
    IntegrationRequested,
    KillRequested,
    MergeApproved,
    Outcome,
    RunCreated,
    RunEnded,
    RunHalted,
    RunResumed,
    SetupRequested,
    SlotsSet,
    StopAsked,
    TaskCompleted,
    TaskError,
    TaskFailed,
    TaskHeld,
    TaskReleased,
    TaskReset,
    TaskSkipped,
    TaskStopped,
    ThawRequested,
    UndoRequested,
    WaveApproved,
    WaveRejected,
)
from engine.core.evolve import evolve
from engine.core.merging import cleanups, merges, orphaned, wave_end
from engine.core.plan import Land
from engine.core.starting import blocked, digest, offers, starts
from engine.core.state import (
    BUSY,
    DEAD,
    DONE,
    SETTLED,
    Phase,
    RunPhase,
    State,
    TaskState,
    Tree,
    WavePhase,
)

IN_FLIGHT = BUSY - {Phase.MERGING}
"""A merge between two of its steps does not hold up a stop; it goes on after a resume."""

MAX_ROUNDS = 100_000
"""More rounds of rules than any state needs; reaching it is a bug, not a long run."""


def step(state: State, message: Command | Outcome | RunCreated) -> tuple[State, tuple[Event, ...]]:
    """What `message` leads to. Raises Refused when a command cannot be carried out now."""
    if isinstance(message, AgentReported) and not message.report.milestones:
        return evolve(state, message), (message,)  # no rule looks at what an agent says of itself
    events: list[Event] = list(respond(state, message)) if isinstance(message, Command) else [message]
    for event in events:
        state = evolve(state, event)
    return settle(state, events)


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
    for rule in (_skips, _tasks, blocked, offers, starts, merges, wave_end, cleanups, _aborts, _end):
        if events := list(rule(state)):
            return events
    return []


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────


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
        if task.phase is not Phase.COMPLETE or state.dead:
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
        case Phase.MERGING if task.error and (state.merge is None or state.merge.task != task.id):
            return [TaskFailed(task.id, task.attempt, task.error)]
        case Phase.COMPLETE if orphaned(state, task):
            return [TaskFailed(task.id, task.attempt, _dependency_failed(state, task))]
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


def _failed_batch(state: State) -> list[Event]:
    undoing = [task for task in state.moving if task.phase is Phase.UNDOING]
    if not undoing or any(task.phase is Phase.MAKING for task in state.moving):
        return []
    if any(task.tree is not Tree.NONE for task in undoing):
        return []
    events: list[Event] = []
    for task in undoing:
        if task.error:
            events += [TaskFailed(task.id, task.attempt, task.error), RunHalted(task.error)]
        else:
            events.append(TaskReset(task.id))
    return events


def _setting_up(state: State, task: TaskState, stop: bool) -> list[Event]:
    if f"setup:{task.id}:{task.attempt}" in state.open:
        return [KillRequested(task.id, task.attempt)] if stop and not task.killing else []
    if task.killing:
        return [TaskStopped(task.id, task.attempt)]
    return [TaskFailed(task.id, task.attempt, task.error)] if task.error else []


def _running(state: State, task: TaskState, stop: bool) -> list[Event]:
    if f"agent:{task.id}:{task.attempt}" not in state.open:
        well = task.exit_code == 0 and task.error is None and not task.killing
        collect = CollectRequested(task.id, task.attempt, task.branch, task.path, task.base, commit=well)
        return [collect]
    if task.killing or not task.pid:
        return []
    if stop:
        return [KillRequested(task.id, task.attempt)]
    if task.freezing:
        return []
    if task.held and not task.frozen:
        return [FreezeRequested(task.id, task.attempt)]
    if task.frozen and not task.held:
        return [ThawRequested(task.id, task.attempt)]
    return []


def _judged(state: State, task: TaskState, stop: bool) -> list[Event]:
    """What went down with the machine is started again (M162); all else is judged."""
    stopped = TaskStopped(task.id, task.attempt)
    if task.killing or (task.interrupted and stop):
        return [stopped]
    if task.interrupted:
        return [stopped, TaskReset(task.id)]
    return [_verdict_on(state, task)]


def _verdict_on(state: State, task: TaskState) -> Event:
    """Success is judged by the exit, the result and the diff together (M099)."""
    if task.error:
        return TaskFailed(task.id, task.attempt, task.error)
    if task.exit_code != 0:
        return TaskFailed(task.id, task.attempt, _crashed(state, task))
    if task.files:
        return TaskCompleted(task.id, task.attempt, task.notes)
    if state.spec(task.id).files:
        return TaskFailed(task.id, task.attempt, _changed_nothing(state, task))
    return TaskCompleted(task.id, task.attempt, (*task.notes, "no changes"))


def _aborts(state: State) -> list[Event]:
    """A stop does not wait for a gate; the gate is run anew after a resume."""
    if state.phase is not RunPhase.STOPPING:
        return []
    gates = [key for key in state.open if key.startswith("gate:") and key not in state.aborted]
    return [AbortRequested(key) for key in gates]


def _end(state: State) -> list[Event]:
    """The run's end, once nothing is in flight."""
    if state.open or any(task.phase in IN_FLIGHT for task in state.moving):
        return []
    if state.merge is not None and state.phase is RunPhase.ACTIVE:
        return []
    wave = state.current_wave
    if state.phase is RunPhase.CHECKING:
        return [_verdict(state)]
    if state.phase is RunPhase.STOPPING:
        return [RunEnded("stopped", state.reason)]
    if state.halted:
        return [RunEnded("failed", state.halted.message)]
    if wave is None:
        return [CheckRequested(state.turn)]
    if wave.phase is WavePhase.FAILED:
        reason = next((a.text for a in reversed(state.alerts) if a.open), f"wave {wave.number} failed")
        return [RunEnded("failed", reason)]
    return []


def _verdict(state: State) -> RunEnded:
    done = [task for task in state.tasks.values() if task.phase in DONE]
    if state.checked is False:
        return RunEnded("failed", f"the repository is damaged: {state.check_detail}")
    if len(done) < len(state.tasks):
        return RunEnded("failed", _missing(state))
    if state.landed != state.tip and state.plan.settings.land is not Land.NEVER:
        return RunEnded("failed", f"merged on {state.integration}, but {state.base} is not updated")
    return RunEnded("done", f"all {len(done)} tasks are merged")


def _missing(state: State) -> str:
    """Why not all is merged: `b failed; d, e blocked`."""
    parts = []
    for phase in (Phase.FAILED, Phase.STOPPED, Phase.BLOCKED):
        if names := [task.id for task in state.tasks.values() if task.phase is phase]:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            parts.append(f"{', '.join(names[:5])}{more} {phase.value}")
    return "; ".join(parts)


# ── commands ────────────────────────────────────────────────────────────────────────────────────────


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
        if not _known(state, name).held:
            raise Refused(f"{name} is not paused")
    chosen = tasks or tuple(state.tasks)
    return [TaskReleased(name) for name in chosen if state.tasks[name].held]


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
        raise Refused("the run is going on", "wavetree attach")
    if state.phase is RunPhase.DONE:
        raise Refused("the run is done; nothing is left to resume", "wavetree run PLAN")
    again = [TaskReset(task.id) for task in state.tasks.values() if task.phase in DEAD]
    return [RunResumed(command.by, command.auto_approve), *again]


# ── failures, in words ──────────────────────────────────────────────────────────────────────────────


def _crashed(state: State, task: TaskState) -> TaskError:
    agent = state.spec(task.id).agent
    how = task.how or ("no exit was recorded" if task.exit_code is None else f"exit code {task.exit_code}")
    return TaskError(
        "InstanceCrash",
        f"{agent} instance crashed ({how})",
        f"{task.id}, attempt {task.attempt}",
        (f"Check logs: {task.log}", f"look at what it left: cd {task.path}", f"wavetree retry {task.id}"),
    )


def _changed_nothing(state: State, task: TaskState) -> TaskError:
    files = ", ".join(state.spec(task.id).files)
    return TaskError(
        "ImplementationError",
        f"{task.id}: the agent ended without an error but changed nothing; the plan says it changes {files}",
        "judged by the worktree's diff, not by the agent's word",
        (
            f"Check logs: {task.log}",
            f"give it the permissions or the prompt it lacks: wavetree retry {task.id}",
        ),
    )


def _dependency_failed(state: State, task: TaskState) -> TaskError:
    needs = [need.task for need in state.spec(task.id).needs if state.tasks[need.task].phase in DEAD]
    return TaskError(
        "DependencyError",
        f"{task.id} is complete, but {', '.join(needs)} it was built on failed",
        f"its work is on {task.branch}",
        (f"wavetree retry {needs[0]}", f"wavetree retry {task.id}"),
    )
