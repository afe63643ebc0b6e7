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

    O((jobs + edges) log jobs) when jobs differ little in what they need of common resources, and for every
    moment one step more for each different need of these; rare ones cost only those who hold them. Raises
    ValueError unless there is one priority for each job."""
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
        self._common = [need & network.common for need in network.needs]
        self._queues: dict[int, Queue] = {}
        """The ready jobs by what they need of common resources, but for those that wait for a rare one."""
        self._waiting = Waiting(network, self._common)
        self._running: list[tuple[int, int]] = []
        self._used = network.slack & network.common
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
                self._used -= self._common[job]
                if network.rare[job]:
                    for entry in self._waiting.give_back(job):
                        self._queue(entry)
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
                self._queue((-self._priority[job], job))
            else:
                self._ends[job] = now
                jobs += self._without(job)

    def _queue(self, entry: tuple[float, int]) -> None:
        heappush(self._queues.setdefault(self._common[entry[1]], []), entry)

    def _start(self, now: int) -> None:
        """Start by priority what fits. Use only grows meanwhile: what does not fit is not asked again."""
        guard = self._network.guard & self._network.common
        fitting = [(*queue[0], need) for need, queue in self._queues.items() if not self._used + need & guard]
        heapify(fitting)
        while fitting:
            need = fitting[0][2]
            if self._used + need & guard:
                heappop(fitting)
                continue
            queue = self._queues[need]
            self._try(heappop(queue), now)
            if queue:
                heapreplace(fitting, (*queue[0], need))
            else:
                heappop(fitting)
                del self._queues[need]

    def _try(self, entry: tuple[float, int], now: int) -> None:
        """Start a job for which there is enough of the common resources, unless a rare one is missing."""
        job = entry[1]
        if self._network.rare[job]:
            taken = self._waiting.take(entry)
            if (following := self._waiting.follower(job)) is not None:
                self._queue(following)
            if not taken:
                return
        self._used += self._common[job]
        self._ends[job] = now + self._network.durations[job]
        heappush(self._running, (self._ends[job], job))


class Waiting:
    """What is left of the rare resources, and the jobs that wait for one, in lines of equal needs.

    Of a line for whose jobs there is enough, the first one always stands in the dispatch's queues, and stands
    there for the whole line: whoever leaves the queues is followed by the next one."""

    def __init__(self, network: Network, common: Sequence[int]) -> None:
        self._rare = network.rare
        self._common = common
        self._left = list(network.problem.capacities)
        self._lines: dict[int, dict[tuple[int, int], Queue]] = {}
        """Of each resource the lines by (amount, need of common resources)."""
        self._called: dict[int, tuple[int, tuple[int, int]]] = {}
        """Of a job that stands for a line the resource and key of that line."""

    def take(self, entry: tuple[float, int]) -> bool:
        """Whether the job gets its rare resources; if not, it waits for the first one that is missing."""
        job, left = entry[1], self._left
        for resource, amount in self._rare[job]:
            if amount > left[resource]:
                lines = self._lines.setdefault(resource, {})
                heappush(lines.setdefault((amount, self._common[job]), []), entry)
                return False
        for resource, amount in self._rare[job]:
            left[resource] -= amount
        return True

    def follower(self, job: int) -> tuple[float, int] | None:
        """Who stands for the line in place of a job that has left the queues, if the line can go on."""
        called = self._called.pop(job, None)
        return None if called is None else self._call(*called)

    def give_back(self, job: int) -> list[tuple[float, int]]:
        """Those who are called when a job ends: of each line that can go on the first."""
        called: list[tuple[float, int]] = []
        for resource, amount in self._rare[job]:
            self._left[resource] += amount
            for key in list(self._lines.get(resource, ())):
                if (entry := self._call(resource, key)) is not None:
                    called.append(entry)
        return called

    def _call(self, resource: int, key: tuple[int, int]) -> tuple[float, int] | None:
        line = self._lines[resource].get(key)
        if line is None or key[0] > self._left[resource]:
            return None
        entry = heappop(line)
        if not line:
            del self._lines[resource][key]
        self._called[entry[1]] = resource, key
        return entry
