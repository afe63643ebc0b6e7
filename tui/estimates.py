"""How far a task is and how long it still takes: from reports, from steps, else from its estimate."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine import DONE, LIVE, Mode, Phase, StartPolicy, State, Task, TaskState, TaskTimes
from tui.shape import Shape

MOST_REPORTED = 99.0
MOST_ESTIMATED = 95.0
TOO_LITTLE = 3.0


class Progress(NamedTuple):
    """Percent done (None: unknown) and its source: `r` reported, `s` steps, `e` estimate, empty: certain."""

    percent: float | None
    source: str


def estimate_of(spec: Task) -> float | None:
    """The seconds the plan gives the task; of a simulated agent without an estimate, its own duration."""
    if spec.estimate is not None:
        return spec.estimate.most
    return spec.simulate.duration if spec.simulate else None


def _length_of(spec: Task) -> float | None:
    """The seconds the agent should need; a simulated agent's own duration is better than an estimate."""
    if spec.simulate is not None and spec.agent == "simulated":
        return spec.simulate.duration
    return estimate_of(spec)


def progress(spec: Task, task: TaskState, times: TaskTimes, now: float) -> Progress:
    """How far the task is at `now`; 100 only once its work is merged (M107)."""
    if task.phase in DONE:
        return Progress(100.0, "")
    if task.phase in {Phase.COMPLETE, Phase.MERGING}:
        return Progress(99.0, "")
    if task.phase in {Phase.PENDING, Phase.BLOCKED}:
        return Progress(0.0, "")
    if task.progress is not None:
        return Progress(min(MOST_REPORTED, max(0.0, task.progress)), "r")
    if task.step is not None and spec.steps:
        within = (min(task.step, len(spec.steps)) - 0.5) / len(spec.steps)
        return Progress(min(MOST_ESTIMATED, max(0.0, within * 100)), "s")
    estimate = estimate_of(spec)
    if not estimate:
        return Progress(None, "")
    return Progress(min(MOST_ESTIMATED, times.active(now) / estimate * 100), "e")


def remaining(spec: Task, task: TaskState, times: TaskTimes, now: float) -> float | None:
    """Seconds of work left for the task's agent; None when nothing tells. A pause does not count."""
    if task.phase not in LIVE and task.phase is not Phase.PENDING:
        return 0.0
    length = _length_of(spec)
    if task.phase is Phase.PENDING:
        return length
    done = progress(spec, task, times, now)
    active = times.active(now)
    if done.source in {"r", "s"} and (done.percent or 0.0) >= TOO_LITTLE and times.reported:
        return _at_this_pace(done.percent or 0.0, active, 0.0 if times.paused_since else now - times.reported)
    return length - active if length is not None and active < length else None


def _at_this_pace(percent: float, active: float, since: float) -> float:
    """Seconds left when `percent` was reached `since` seconds ago, after `active` seconds of work in all."""
    pace = max(0.0, active - since) / percent
    return max(0.0, pace * (100.0 - percent) - since)


def run_remaining(state: State, shape: Shape, left: Mapping[str, float | None]) -> float | None:
    """Seconds until every task could have ended with the present slots; None when a task's time is
    unknown. Gates and merges are not in it."""
    if any(left[task.id] is None for task in state.tasks.values() if not _over(task)):
        return None
    known = {task.id: left[task.id] or 0.0 for task in state.tasks.values() if not _over(task)}
    if state.plan.start_policy is StartPolicy.DEPENDENCY:
        return _schedule(sorted(known, key=shape.order.__getitem__), known, shape, state.slots)
    return sum(
        _schedule(
            sorted((task for task in wave.tasks if task in known), key=shape.order.__getitem__),
            known,
            shape,
            1 if wave.mode is Mode.SEQUENTIAL else state.slots,
        )
        for wave in state.waves
    )


def _over(task: TaskState) -> bool:
    return task.phase not in LIVE and task.phase is not Phase.PENDING


def _schedule(order: Iterable[str], left: Mapping[str, float], shape: Shape, slots: int) -> float:
    """The length of a greedy schedule of the tasks, which come in an order that respects their needs."""
    ends: dict[str, float] = {}
    free = [0.0] * max(1, slots)
    for task in order:
        ready = max((ends.get(need, 0.0) for need in shape.needs[task]), default=0.0)
        begin = max(ready, heapq.heappop(free))
        ends[task] = begin + left[task]
        heapq.heappush(free, ends[task])
    return max(ends.values(), default=0.0)
