"""Whose turn it is in the merge queue: the first finished task that nothing holds back (M133, D14)."""

from __future__ import annotations

from engine.core.plan import MergeOrder, Mode, StartPolicy
from engine.core.pulls import waits_for_pull_request
from engine.core.reviewing import waits_for_review
from engine.core.standing import before_isolated, critical_of, firsts, stands_still
from engine.core.starting import lost_grounds, met
from engine.core.state import DONE, LIVE, SETTLED, Phase, State, TaskState, WaveState


def _ordered(state: State) -> list[str]:
    if state.plan.settings.merge_order is MergeOrder.COMPLETION:
        return list(state.queue)
    return [task.id for task in state.plan.tasks if task.id in state.queue]


def next_to_merge(state: State) -> TaskState | None:
    """The first task in the queue that may be merged now."""
    held: dict[int, bool] = {}
    for name in _ordered(state):
        task = state.tasks[name]
        if task.wave not in held:
            held[task.wave] = _held_for_wave(state, state.waves[task.wave - 1])
        if (not held[task.wave] or _is_waited_for(state, task)) and _may_merge(state, task):
            return task
    return None


def _is_waited_for(state: State, task: TaskState) -> bool:
    """Whether an agent stands still until the task is merged. It may have the slot without which the wave
    does not end."""
    return any(
        task.id in firsts(state, other.id)
        or any(task.id in state.conflicts[id].tasks for id in other.held_by)
        for other in state.moving
        if other.id != task.id and other.phase is Phase.RUNNING
    )


def _may_merge(state: State, task: TaskState) -> bool:
    if task.phase is not Phase.COMPLETE or waits_for_pull_request(state, task):
        return False
    if waits_for_review(state, task):
        return False
    if not state.plan.settings.auto_merge and not task.merge_approved:
        return False
    if any(state.tasks[need.task].phase not in DONE for need in state.spec(task.id).needs):
        return False
    if firsts(state, task.id) or critical_of(state, task.id) or task.id in state.behind_red:
        return False
    if task.isolated and (not task.merge_approved or before_isolated(state, task)):
        return False
    return not _earlier_first(state, state.waves[task.wave - 1], task)


def _held_for_wave(state: State, wave: WaveState) -> bool:
    """Under wave barriers a parallel wave merges when its agents have all ended (D14)."""
    if state.plan.start_policy is StartPolicy.DEPENDENCY or wave.mode is Mode.SEQUENTIAL:
        return False
    return any(_still_works(state, state.tasks[name]) for name in wave.tasks)


def _still_works(state: State, task: TaskState) -> bool:
    if task.phase is Phase.PENDING:
        return (
            not firsts(state, task.id)
            and met(state, state.spec(task.id))
            and not _waits_for_a_merge(state, task)
        )
    if stands_still(state, task):
        return False  # until another is merged
    return task.phase in LIVE or task.phase is Phase.COLLECTING


def _waits_for_a_merge(state: State, task: TaskState) -> bool:
    """Whether a lock that the task needs is held by one that has ended and is not merged yet: that one has to
    merge first, although the wave goes on."""
    mine = set(state.holdings.locks.get(task.id, ()))
    return bool(mine) and any(
        other.phase not in LIVE and not mine.isdisjoint(state.holdings.locks.get(other.id, ()))
        for other in state.moving
    )


def _earlier_first(state: State, wave: WaveState, task: TaskState) -> bool:
    """In plan order a task waits for those listed before it in its wave that can still finish."""
    if state.plan.settings.merge_order is MergeOrder.COMPLETION:
        return False
    for name in wave.tasks:
        if name == task.id:
            return False
        other = state.tasks[name]
        if (
            other.phase not in SETTLED
            and other.phase is not Phase.MERGING
            and not stands_still(state, other)
            and not other.isolated
            and not (other.phase is Phase.PENDING and _cannot_start(state, other))
        ):
            return True
    return False


def _cannot_start(state: State, task: TaskState) -> bool:
    """Whether something has to be merged before the task can start."""
    unmet = not met(state, state.spec(task.id)) or bool(firsts(state, task.id))
    return unmet or _waits_for_a_merge(state, task)


def orphaned(state: State, task: TaskState) -> list[str]:
    """The tasks a complete one waits for in vain, having started at their milestones: they failed, or what
    it was built on of theirs was given up."""
    dead = [need.task for need in state.spec(task.id).needs if need.task in state.dead] if state.dead else []
    return list(dict.fromkeys([*dead, *lost_grounds(state, task)]))
