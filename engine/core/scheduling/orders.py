"""Orders in which jobs are placed: by priority, bred from two others, or moved a little by chance."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from engine.core.scheduling.chance import Chance
from engine.core.scheduling.network import Network

LEAST, MOST = 0.1, 0.6
"""Share of the jobs that keep the order of the first parent; chosen on half of PSPLIB's j30 and j60."""
LOOKS = 2
"""Stretches looked at for the one with the most work."""


class Orders:
    """Every order has a job behind its predecessors, those of the reversed problem where `back` is said."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self._network = network
        self._chance = chance
        self._works = _works(network)

    def by_priority(self, priority: Sequence[float]) -> list[int]:
        """Jobs after their predecessors, otherwise the highest priority first."""
        missing = [len(others) for others in self._network.before]
        ready = [(-priority[job], job) for job, count in enumerate(missing) if not count]
        heapify(ready)
        order = []
        while ready:
            job = heappop(ready)[1]
            order.append(job)
            for follower in self._network.after[job]:
                missing[follower] -= 1
                if not missing[follower]:
                    heappush(ready, (-priority[follower], follower))
        return order

    def crossed(self, inner: list[int], ends: Sequence[int], outer: list[int]) -> list[int]:
        """The order `inner` in a stretch of it, before and behind the stretch that of `outer`. `ends` say
        when the jobs of `inner` ended, the last one first. Three closed parts, so precedence holds."""
        first, last = self._stretch(inner, ends)
        part = [0] * len(inner)
        for job in inner[first:last]:
            part[job] = 1
        for job in inner[last:]:
            part[job] = 2
        return [
            *[job for job in outer if part[job] == 0],
            *inner[first:last],
            *[job for job in outer if part[job] == 2],
        ]

    def _stretch(self, order: list[int], ends: Sequence[int]) -> tuple[int, int]:
        """From where to where in the order: of a few tried, the one with the most work in its time."""
        chance, works, count = self._chance, self._works, len(order)
        length = int(count * (LEAST + (MOST - LEAST) * chance.share()))
        best, found = -1.0, 0
        for _ in range(LOOKS):
            first = chance.below(count - length + 1)
            stretch = order[first : first + length]
            time = ends[stretch[0]] - ends[stretch[-1]] if stretch else 0
            density = sum([works[job] for job in stretch]) / (time + 1)
            if density > best:
                best, found = density, first
        return found, found + length

    def moved(self, order: list[int], times: int, *, back: bool) -> list[int]:
        """The order with so many jobs, one after the other, put somewhere between their neighbours in
        precedence."""
        before, after = self._network.edges(back)
        order = order[:]
        for _ in range(times):
            place = self._chance.below(len(order))
            job = order[place]
            first = last = place
            while first and order[first - 1] not in before[job]:
                first -= 1
            while last + 1 < len(order) and order[last + 1] not in after[job]:
                last += 1
            del order[place]
            order.insert(first + self._chance.below(last - first + 1), job)
        return order


def _works(network: Network) -> list[float]:
    """Of each job its duration times the shares of the resources it holds."""
    capacities = network.problem.capacities
    return [
        takes * sum(amount / capacities[resource] for resource, amount in demand.items() if amount)
        for takes, demand in zip(network.durations, network.problem.demands, strict=True)
    ]
