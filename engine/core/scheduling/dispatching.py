"""Parallel schedule generation (Kelley 1963): at each moment in turn, what is ready and fits starts."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace

from engine.core.scheduling.network import Network
from engine.core.scheduling.problem import Problem

Queue = list[tuple[float, int]]
"""Ready jobs with one and the same need, as a heap of (-priority, job)."""


def dispatch(problem: Problem, priority: Sequence[float]) -> tuple[float, ...]:
    """The start of each job, in the unit of the durations, when at each moment every ready job that fits
    starts, the highest priority first, equal ones by their number.

    O((jobs + edges) log jobs) when jobs differ little in what they need, and for every moment one step more
    for each different need. Raises ValueError unless there is one priority for each job."""
    if len(priority) != len(problem.durations):
        raise ValueError(f"{len(priority)} priorities for {len(problem.durations)} jobs")
    network = Network(problem)
    ends = dispatched(network, priority)
    takes = network.durations
    return tuple(network.seconds(end - take) for end, take in zip(ends, takes, strict=True))


def dispatched(network: Network, priority: Sequence[float], *, back: bool = False) -> list[int]:
    """The same in ticks: when each job ends; if `back`, of the problem with its edges turned round."""
    return _Dispatch(network, priority, back).run()


class _Dispatch:
    def __init__(self, network: Network, priority: Sequence[float], back: bool) -> None:
        self._network = network
        self._priority = priority
        before, self._after = network.edges(back)
        self._missing = [len(others) for others in before]
        self._queues: dict[int, Queue] = {}
        self._running: list[tuple[int, int]] = []
        self._used = network.slack
        self._ends = [0] * len(network.durations)

    def run(self) -> list[int]:
        network, running = self._network, self._running
        self._ready([job for job, count in enumerate(self._missing) if count == 0], 0)
        self._start(0)
        while running:
            now = running[0][0]
            freed: list[int] = []
            while running and running[0][0] == now:
                job = heappop(running)[1]
                self._used -= network.needs[job]
                freed += self._without(job)
            self._ready(freed, now)
            self._start(now)
        return self._ends

    def _without(self, job: int) -> list[int]:
        """The followers of a job that wait for nothing else once it has ended."""
        missing, freed = self._missing, []
        for follower in self._after[job]:
            missing[follower] -= 1
            if missing[follower] == 0:
                freed.append(follower)
        return freed

    def _ready(self, jobs: list[int], now: int) -> None:
        """Queue jobs by what they need; those that take no time end at once and free others."""
        for job in jobs:
            if self._network.durations[job]:
                queue = self._queues.setdefault(self._network.needs[job], [])
                heappush(queue, (-self._priority[job], job))
            else:
                self._ends[job] = now
                jobs += self._without(job)

    def _start(self, now: int) -> None:
        """Start by priority what fits. Use only grows meanwhile: what does not fit is not asked again."""
        guard, durations = self._network.guard, self._network.durations
        fitting = [(*queue[0], need) for need, queue in self._queues.items() if not self._used + need & guard]
        heapify(fitting)
        while fitting:
            _, job, need = fitting[0]
            if self._used + need & guard:
                heappop(fitting)
                continue
            self._used += need
            self._ends[job] = now + durations[job]
            heappush(self._running, (self._ends[job], job))
            queue = self._queues[need]
            heappop(queue)
            if queue:
                heapreplace(fitting, (*queue[0], need))
            else:
                heappop(fitting)
                del self._queues[need]
