"""What no schedule can beat: lower bounds on the makespan, in ticks.

Any set of jobs on one resource needs `least head + work / capacity + least tail`: nothing of it runs before
its heads are over or during its tails. Sets are all jobs with a head of at least h and a tail of at least q,
for the h and q that occur (Carlier and Pinson's argument for one machine, in the form of energies). Jobs that
need more than half of a resource exclude each other, so of them the durations add up.
"""

from __future__ import annotations

from engine.core.scheduling.network import Network

LOOKS = 40_000
"""Heads tried times jobs looked at, for each resource: beyond a few hundred jobs not every head is tried."""


def lower_bound(network: Network) -> int:
    """The best of critical path, energy and exclusion. Ticks and amounts are whole, so is the optimum."""
    durations, heads, tails = network.durations, network.heads, network.tails
    best = max([sum(parts) for parts in zip(heads, durations, tails, strict=True)], default=0)
    for resource, capacity in enumerate(network.problem.capacities):
        users = sorted(network.users[resource], key=lambda user: -tails[user[0]])
        works = [(job, durations[job] * amount) for job, amount in users]
        best = max(best, _windows(network, works, capacity))
        exclusive = [(job, durations[job]) for job, amount in users if 2 * amount > capacity]
        if capacity > 1:
            best = max(best, _windows(network, exclusive, 1))
    return best


def _windows(network: Network, works: list[tuple[int, int]], capacity: int) -> int:
    """The best bound of all sets of some jobs, given with their works and the longest tail first."""
    heads, tails = network.heads, network.tails
    starts = sorted({heads[job] for job, _ in works})
    stride = 1 + len(starts) * len(works) // LOOKS
    jobs = [(heads[job], tails[job], work) for job, work in works]
    best = 0
    for start in starts[::stride]:
        total = 0
        for head, tail, work in jobs:
            if head >= start:
                total += work
                bound = start + tail - (-total // capacity)
                if bound > best:
                    best = bound
    return best
