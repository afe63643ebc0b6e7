"""Who stands still for whom, and who would wait for whom in a circle."""

from __future__ import annotations

from engine.core.conflicts import ConflictRecord
from engine.core.plan import MergeOrder, Mode
from engine.core.state import DONE, SETTLED, Phase, State, TaskState


def other_of(record: ConflictRecord, task: str) -> str:
    """The other task of a conflict between two; empty when it is a conflict with what is merged."""
    return next((name for name in record.tasks if name != task), "")


def firsts(state: State, task: str) -> list[str]:
    """The tasks that `task` lets go first, as serialized, and that have not ended yet (M127)."""
    return [
        order.first
        for order in state.orders
        if order.second == task and not order.over and state.tasks[order.first].phase not in SETTLED
    ]


def frozen_of(state: State, task: str) -> list[str]:
    """The frozen resources without which the task does not start (M076)."""
    taken = {name for other in state.sessions() for name in state.spec(other.id).resources}
    return [
        name
        for name in (state.frozen_resources if state.frozen_resources else ())
        if name in state.spec(task).resources and (name not in state.contended or name in taken)
    ]


def critical_of(state: State, task: str) -> list[str]:
    """The critical conflicts of the task that a person has not settled: nothing of it is merged meanwhile
    (M125)."""
    return [
        record.id
        for record in state.conflicts.values()
        if record.critical and record.open and not record.overruled and task in record.tasks
    ]


def stands_still(state: State, task: TaskState) -> bool:
    """Whether the task waits for others to be merged, however far it has come itself."""
    return bool(task.held_by) or bool(state.orders and firsts(state, task.id))


def rests(state: State, task: TaskState) -> bool:
    """Whether a running agent is to be paused, whatever a person says: others go first, it waits at a sync
    point, the machine is too busy, a test of it fails, or the gate of what it is built on is red."""
    waits = task.throttled or task.failing is not None or task.id in state.behind_red
    return waits or stands_still(state, task) or held_at_point(state, task)


def held_at_point(state: State, task: TaskState) -> bool:
    """Whether the task waits at a sync point, or takes part in a missed one that nobody has decided on
    (M153, M174)."""
    return bool(task.at_points) or any(
        point.missed and not point.chosen and not point.passed and task.id in point.tasks
        for point in state.points
    )


def before_isolated(state: State, task: TaskState) -> list[str]:
    """The tasks that are merged before this isolated one: all at work and all that its wave still has to do,
    but for those that wait for it (M124)."""
    wave = state.waves[task.wave - 1].tasks
    others = [
        *(other.id for other in state.moving),
        *(n for n in wave if state.tasks[n].phase not in SETTLED),
    ]
    return [
        name
        for name in dict.fromkeys(others)
        if name != task.id and not state.tasks[name].isolated and not _comes_after(state, name, task.id)
    ]


def _comes_after(state: State, name: str, task: str) -> bool:
    """Whether a task waits for another, or in plan order for one that does."""
    if waits_on(state, name, task):
        return True
    if state.plan.settings.merge_order is MergeOrder.COMPLETION:
        return False
    wave = state.waves[state.tasks[name].wave - 1].tasks
    return any(waits_on(state, other, task) for other in wave[: wave.index(name)])


def waits_on(state: State, task: str, other: str) -> bool:
    """Whether `task` cannot be merged before `other`: it needs it, or stands still for it, or for one that
    does."""
    seen, left = {task}, [task]
    while left:
        for before in _before(state, left.pop()):
            if before == other:
                return True
            if before not in seen and state.tasks[before].phase not in DONE:
                seen.add(before)
                left.append(before)
    return False


def _before(state: State, task: str) -> list[str]:
    held = (other_of(state.conflicts[id], task) for id in state.tasks[task].held_by)
    needs = (need.task for need in state.spec(task).needs)
    return [
        *needs,
        *firsts(state, task),
        *filter(None, held),
        *_locked_out_by(state, task),
        *_listed_before(state, task),
    ]


def _listed_before(state: State, task: str) -> list[str]:
    """Those that a sequential wave lists before a task that has not started."""
    wave = state.waves[state.tasks[task].wave - 1]
    if wave.mode is not Mode.SEQUENTIAL or state.tasks[task].phase is not Phase.PENDING:
        return []
    return [name for name in wave.tasks[: wave.tasks.index(task)] if state.tasks[name].phase not in SETTLED]


def _locked_out_by(state: State, task: str) -> list[str]:
    """Those that hold a lock, until they are merged, without which the task cannot start."""
    mine = set(state.holdings.locks.get(task, ()))
    if not mine or state.tasks[task].phase is not Phase.PENDING:
        return []
    return [other.id for other in state.moving if not mine.isdisjoint(state.holdings.locks.get(other.id, ()))]
