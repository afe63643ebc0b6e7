"""How long a plan takes by its estimates with so many slots, before anything runs (M047, M059)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from msgspec import Struct

from engine.core.graph import critical_path, estimate, ranks
from engine.core.plan import Mode, Plan, StartPolicy, Task

Spans = dict[str, tuple[float, float]]


class WaveForecast(Struct, frozen=True):
    """A wave from the start of its first task to the end of its last, in seconds."""

    number: int
    seconds: float


class Forecast(Struct, frozen=True):
    """`seconds` with the slots asked for, `sequential` one task after the other; `critical` is the longest
    path of needs and `critical_seconds` its length; `spans` has each task's start and end."""

    seconds: float
    sequential: float
    critical: tuple[str, ...]
    critical_seconds: float
    waves: tuple[WaveForecast, ...]
    spans: Spans

    @property
    def saved(self) -> float:
        """The share of the sequential time that is saved, 0 to 1 (M047)."""
        return 1 - self.seconds / self.sequential if self.sequential else 0.0


def forecast(plan: Plan, slots: int) -> Forecast:
    """The run of `plan` if every agent takes what is estimated at most and nothing else takes any time."""
    tasks = [task for task in plan.tasks if not task.complete]
    rank = ranks(plan)
    spans: Spans = {}
    if plan.start_policy is StartPolicy.DEPENDENCY:
        spans = _greedy(tasks, slots, rank, 0.0)
    else:
        clock = 0.0
        for wave in plan.waves:
            inside = [task for task in tasks if task.id in wave.tasks]
            one = wave.mode is Mode.SEQUENTIAL
            order = {name: -float(place) for place, name in enumerate(wave.tasks)} if one else rank
            spans |= _greedy(inside, 1 if one else slots, order, clock)
            clock = max((spans[task.id][1] for task in inside), default=clock)
    path, seconds = critical_path(tasks)
    return Forecast(
        max((end for _, end in spans.values()), default=0.0),
        sum(estimate(task) for task in tasks),
        path,
        seconds,
        tuple(WaveForecast(wave.number, _length(spans, wave.tasks)) for wave in plan.waves),
        spans,
    )


def _greedy(tasks: Iterable[Task], slots: int, rank: Mapping[str, float], clock: float) -> Spans:
    """Start whatever is ready, the highest rank first, whenever a slot is free; needs outside are met."""
    waiting = sorted(tasks, key=lambda task: -rank[task.id])
    unmet = {task.id: {need.task for need in task.needs} for task in waiting}
    open_ = {task.id for task in waiting}
    spans: Spans = {}
    running: list[tuple[float, str]] = []
    while waiting or running:
        ready = [task for task in waiting if not unmet[task.id] & open_][: slots - len(running)]
        for task in ready:
            spans[task.id] = (clock, clock + estimate(task))
            heapq.heappush(running, (spans[task.id][1], task.id))
        started = {task.id for task in ready}
        waiting = [task for task in waiting if task.id not in started]
        clock = running[0][0]
        while running and running[0][0] <= clock:
            open_.discard(heapq.heappop(running)[1])
    return spans


def _length(spans: Spans, names: Iterable[str]) -> float:
    inside = [spans[name] for name in names if name in spans]
    return max(end for _, end in inside) - min(start for start, _ in inside) if inside else 0.0
