"""A failing test of one task: it waits for a fix and a retry is queued, the others go on (M170)."""

from __future__ import annotations

from engine.core.commands import Fixed, Retry
from engine.core.decisions import restarted
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.gauged import ErrorType, TaskError
from engine.core.intents import KillRequested
from engine.core.known import known
from engine.core.resolving import blocked_behind
from engine.core.standing import rests
from engine.core.state import BUSY, SETTLED, Phase, State, TaskState, WavePhase
from engine.core.verdicts import FixReported, RetryQueued, TaskReset

MOST_NAMES = 5


def failing_test(task: TaskState) -> TaskError | None:
    """The failing test for whose sake the task waits, while its agent lives or after it."""
    if task.failing and task.phase in BUSY:
        return task.failing
    error = task.error if task.phase is Phase.FAILED else None
    return error if error and error.type is ErrorType.TEST else None


def queue_retries(state: State) -> list[RetryQueued]:
    """A task of which a test fails is tried again after the fix, and its assignee is told."""
    there = state.dead or any(task.failing for task in state.moving)
    return [
        RetryQueued(task.id, task.attempt, state.spec(task.id).assignee)
        for task in (state.tasks.values() if there else ())
        if not task.retry_queued and failing_test(task)
    ]


def fixed(state: State, command: Fixed) -> list[Event]:
    """The queued retry starts, and what was blocked behind it waits for its turn again. Raises Refused for a
    task that waits for no fix."""
    task = known(state, command.task)
    if not task.retry_queued:
        waiting = [other.id for other in state.tasks.values() if other.retry_queued]
        raise Refused(
            f"{task.id} waits for no fix",
            f"these do: {', '.join(waiting)}" if waiting else f"wavetree retry {task.id}",
        )
    said = FixReported(task.id, command.by or "a person", command.note)
    if task.phase is not Phase.FAILED:
        return [said, *restarted(state, task, Retry(task.id, command.by, command.note))]
    return [said, *(TaskReset(name) for name in (task.id, *blocked_behind(state, task.id)))]


def give_up(state: State) -> list[KillRequested]:
    """When nothing is left to wait for but agents that stand still, the first of those with a failing test is
    ended: its work and the queued retry stay, and the run comes to its end (M170). Where nobody is there to
    look at a red gate, so are those who were stopped for it."""
    waiting = [
        task
        for task in state.moving
        if (task.failing or (state.auto_approve and task.id in state.behind_red)) and _rests(state, task)
    ]
    if not waiting or state.train or any(task.killing for task in waiting):
        return []
    still = {f"agent:{task.id}:{task.attempt}" for task in state.moving if _rests(state, task)}
    return [KillRequested(waiting[0].id, waiting[0].attempt)] if {*state.open} <= still else []


def _rests(state: State, task: TaskState) -> bool:
    stopped = task.phase is Phase.RUNNING and task.frozen and not task.freezing
    return stopped and not task.throttled and rests(state, task)


def detected(state: State, task: TaskState) -> str:
    """What is told of a failing test, in the documents' words; empty when none fails."""
    error = failing_test(task)
    if error is None:
        return ""
    others = [other.id for other in state.tasks.values() if other.id != task.id and _goes_on(state, other)]
    behind = blocked_behind(state, task.id)
    lines = [
        f"Error Detected in {task.id}:",
        "",
        f"Type: {error.type.value}",
        f'Test: "{error.test or error.gate}"' if error.test or error.gate else "Test: not named",
        f"Error: {error.message.removeprefix(f'{task.id}: gate {error.gate} red: ')}",
        "",
        "Actions:",
        f"1. Pausing {task.id} execution",
        f"2. Continuing {_listed(others)}" if others else "2. No other task is left to continue",
        f"3. Alerting {'assignee' if state.spec(task.id).assignee else 'orchestrator'}",
        "4. Queuing retry after fix",
        "",
        *([f"Blocked until then: {_listed(behind)}."] if behind else []),
        "Other tasks unaffected.",
    ]
    return "\n".join(lines)


def _goes_on(state: State, task: TaskState) -> bool:
    wave = state.waves[task.wave - 1]
    return task.phase not in SETTLED and wave.phase not in (WavePhase.PENDING, WavePhase.OFFERED)


def _listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d, e and 3 more`."""
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
