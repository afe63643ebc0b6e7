"""Serial schedule generation: jobs one by one in a given order, each as early as its predecessors and the
resources allow (Kelley 1963); with the edges turned round, as late as possible, seen from the end.

There are two profiles of what is used when, with equal results. `Grid` has a field for every tick of time in
one long integer, so that a whole job is tried, or placed, by a single shift and addition: by far the fastest
while the horizon is short. `Events` keeps a list of the moments at which use changes, for any horizon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from engine.core.scheduling.network import Network

GRID_BITS = 60_000
"""Length of a schedule, in bits of the grid, from which on the events are faster."""


class Profile(Protocol):
    """Makes schedules; times are in `step` units a tick."""

    step: int
    durations: list[int]

    def place(self, order: Sequence[int], before: Sequence[Sequence[int]]) -> list[int]:
        """When each job ends, if the jobs are placed in `order`, each after those in `before`."""


def profile(network: Network, bound: int) -> Profile:
    """The faster one for schedules that take `bound` ticks or somewhat more."""
    return Grid(network) if bound * network.bits <= GRID_BITS else Events(network)


class Grid:
    """Time in fields of one long integer; a step is a bit, so that shifting by a time needs no product."""

    def __init__(self, network: Network) -> None:
        self.step = step = max(1, network.bits)
        self.durations = [duration * step for duration in network.durations]
        self._needs: list[int] = []
        self._tests: list[int] = []
        self._guards: list[int] = []
        for need, length in zip(network.needs, self.durations, strict=True):
            every = ((1 << length) - 1) // ((1 << step) - 1) if need else 0
            self._needs.append(need * every)
            self._tests.append((need + network.slack) * every)
            self._guards.append(network.guard * every)

    def place(self, order: Sequence[int], before: Sequence[Sequence[int]]) -> list[int]:
        step, durations = self.step, self.durations
        needs, tests, guards = self._needs, self._tests, self._guards
        ends = [0] * len(order)
        used = 0
        for job in order:
            start = 0
            for other in before[job]:
                if ends[other] > start:
                    start = ends[other]
            if guard := guards[job]:
                test = tests[job]
                while clash := (used >> start) + test & guard:
                    last = clash.bit_length() - 1
                    start += last - last % step + step
                used += needs[job] << start
            ends[job] = start + durations[job]
        return ends


class Events:
    """The use from each moment to the next, moments in order; a step is a tick."""

    step = 1

    def __init__(self, network: Network) -> None:
        self.durations = network.durations
        self._needs = network.needs
        self._slack = network.slack
        self._guard = network.guard

    def place(self, order: Sequence[int], before: Sequence[Sequence[int]]) -> list[int]:
        durations, needs = self.durations, self._needs
        ends = [0] * len(order)
        moments, used = [0], [0]
        open_from: dict[int, int] = {}
        for job in order:
            start = 0
            for other in before[job]:
                if ends[other] > start:
                    start = ends[other]
            if need := needs[job]:
                start = self._fit(moments, used, open_from, start, need, durations[job])
                _hold(moments, used, start, start + durations[job], need)
            ends[job] = start + durations[job]
        return ends

    def _fit(
        self,
        moments: list[int],
        used: list[int],
        open_from: dict[int, int],
        start: int,
        need: int,
        takes: int,
    ) -> int:
        """The first moment from `start` on with room for `need` during `takes`. `open_from` remembers of
        each need up to when there is no room at all: use only grows, so nobody has to look there again."""
        test, guard = need + self._slack, self._guard
        full = bisect_right(moments, open_from.get(need, 0)) - 1
        while used[full] + test & guard:
            full += 1
        open_from[need] = moments[full]
        start = max(start, moments[full])
        here = bisect_right(moments, start) - 1
        last = len(moments)
        while here < last and moments[here] < start + takes:
            if used[here] + test & guard:
                start = moments[here + 1]
            here += 1
        return start


def _hold(moments: list[int], used: list[int], start: int, end: int, need: int) -> None:
    """Add `need` to what is used from `start` to `end`."""
    first = _cut(moments, used, start)
    for here in range(first, _cut(moments, used, end)):
        used[here] += need


def _cut(moments: list[int], used: list[int], time: int) -> int:
    """The place of `time` among the moments, where it is put if it is not there."""
    here = bisect_right(moments, time)
    if moments[here - 1] == time:
        return here - 1
    moments.insert(here, time)
    used.insert(here, used[here - 1])
    return here
