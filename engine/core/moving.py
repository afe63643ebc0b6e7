"""Whether a plan may still be changed: a task in another wave, another estimate (M215)."""

from __future__ import annotations

from engine.core.commands import Estimate, Move
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.known import known
from engine.core.plan import Mode, StartPolicy
from engine.core.state import SETTLED, Phase, State, TaskState, WavePhase, WaveState
from engine.core.verdicts import EstimateSet, TaskMoved

WAITING = (WavePhase.PENDING, WavePhase.OFFERED)
"""Phases of waves to which tasks may still come, and from which they may go."""


def move(state: State, command: Move) -> list[TaskMoved]:
    """The task is of another wave: of `command.wave`, or of the next in which nobody needs it, which is made
    where there is none. Raises Refused where the plan would not be valid, or has gone too far."""
    task = _unstarted(state, command.task)
    old = state.waves[task.wave - 1]
    if old.phase is WavePhase.OFFERED and len(old.tasks) == 1:
        raise Refused(f"nothing would be left of wave {old.number}", "wavetree reject")
    to, new = (command.wave, False) if command.wave else _later(state, task)
    if new and len(old.tasks) == 1:
        raise Refused(f"{task.id} is alone in wave {old.number}", "wavetree move TASK WAVE")
    if to == old.number:
        raise Refused(f"{task.id} is of wave {to} already")
    if not new:
        _fits(state, task, to)
    _in_order(state, task, to, new)
    if new or len(old.tasks) == 1:
        _behind(state, max(to - 1, 0) if new else old.number)
    return [TaskMoved(task.id, old.number, to, new, command.by or "a person", command.note)]


def estimate(state: State, command: Estimate) -> list[Event]:
    """The task is expected to take so long. Raises Refused once it has started."""
    task = _unstarted(state, command.task)
    return [EstimateSet(task.id, command.estimate, command.by or "a person")]


def _unstarted(state: State, name: str) -> TaskState:
    task = known(state, name)
    if task.phase is not Phase.PENDING or task.attempt or state.waves[task.wave - 1].phase not in WAITING:
        word = task.phase.value if task.phase is not Phase.PENDING else "of a wave that was approved"
        raise Refused(f"{name} is {word}; its place in the plan is fixed")
    return task


def _later(state: State, task: TaskState) -> tuple[int, bool]:
    """The wave to which a task goes that leaves its own, and whether that wave is new."""
    barriers = state.plan.start_policy is StartPolicy.WAVE
    number = task.wave + 1 if barriers else max(len(state.waves), task.wave + 1)
    if number > len(state.waves):
        return len(state.waves) + 1, True
    wave = state.waves[number - 1]
    apart = wave.phase is not WavePhase.PENDING or wave.mode is not Mode.PARALLEL
    if apart or task.id in _needed(state, wave):
        return (number if barriers else len(state.waves) + 1), True
    return number, False


def _needed(state: State, wave: WaveState) -> set[str]:
    """The tasks that those of a wave need."""
    return {need.task for name in wave.tasks for need in state.spec(name).needs}


def _fits(state: State, task: TaskState, number: int) -> None:
    if not 0 < number <= len(state.waves):
        raise Refused(f"the run has no wave {number}", "wavetree status")
    if (wave := state.waves[number - 1]).phase not in WAITING:
        raise Refused(f"wave {number} is {wave.phase.value}; nothing can be added to it")
    if state.plan.start_policy is StartPolicy.DEPENDENCY and not _barriers(state):
        return
    for need in state.spec(task.id).needs:
        other = state.tasks[need.task]
        if other.phase not in SETTLED and other.wave >= number:
            raise Refused(f"{task.id} needs {other.id}, which is of wave {other.wave}")
    for other in state.tasks.values():
        needs = (need.task for need in state.spec(other.id).needs)
        if other.wave <= number and other.phase not in SETTLED and task.id in needs:
            raise Refused(f"{other.id} of wave {other.wave} needs {task.id}", f"move {other.id} first")


def _in_order(state: State, task: TaskState, number: int, new: bool) -> None:
    """Who waits for another, as serialized, is not put into a wave before that one's."""
    if state.plan.start_policy is StartPolicy.DEPENDENCY and not _barriers(state):
        return
    for order in state.orders:
        first, second = state.tasks[order.first], state.tasks[order.second]
        if order.over or first.phase in SETTLED or second.phase in SETTLED:
            continue
        last = number - 1 if new else number  # the last wave that is not behind
        if (first is task and second.wave < number) or (second is task and first.wave > last):
            raise Refused(f"{second.id} waits for {first.id}, as serialized", f"wavetree release {second.id}")


def _barriers(state: State) -> bool:
    """Whether some wave waits for those before it although tasks start by their needs (M058)."""
    return any(wave.mode is Mode.INTEGRATION for wave in state.waves)


def _behind(state: State, number: int) -> None:
    """Waves get other numbers only where none of them has been offered yet."""
    for wave in state.waves[number:]:
        if wave.phase is not WavePhase.PENDING:
            raise Refused(f"wave {wave.number} is {wave.phase.value}; the waves keep their numbers")
