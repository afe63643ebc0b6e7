"""The resource-constrained project scheduling problem as frozen data, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd, inf, lcm

from msgspec import Struct

from engine.core.graph import CycleError


class Problem(Struct, frozen=True):
    """Jobs 0, 1, ... with their durations (seconds or any other unit, whole or not, at least 0), of each the
    jobs that must end before it starts, and how much of which resource it holds while it runs; and how much
    there is of each resource. A job that takes no time holds nothing.

    Raises ValueError naming the job (and resource) that is wrong, CycleError when the jobs have no order."""

    durations: Sequence[float]
    predecessors: Sequence[Sequence[int]]
    demands: Sequence[Mapping[int, int]]
    """Of each job resource -> amount; resources left out are not used."""
    capacities: Sequence[int]

    def __post_init__(self) -> None:
        count = len(self.durations)
        if not len(self.predecessors) == len(self.demands) == count:
            raise ValueError(
                f"{count} durations, {len(self.predecessors)} lists of predecessors and "
                f"{len(self.demands)} demands: there must be one of each for a job"
            )
        for job, duration in enumerate(self.durations):
            if not 0 <= duration < inf:
                raise ValueError(f"job {job} takes {duration}: a duration is a number from 0 up")
        for job, before in enumerate(self.predecessors):
            for other in before:
                if not 0 <= other < count:
                    raise ValueError(f"job {job} comes after job {other}, which does not exist")
        for job, demand in enumerate(self.demands):
            _check_demand(job, demand, self.capacities)
        in_order(self.predecessors)


def _check_demand(job: int, demand: Mapping[int, int], capacities: Sequence[int]) -> None:
    for resource, amount in demand.items():
        if not 0 <= resource < len(capacities):
            raise ValueError(f"job {job} demands resource {resource}, which does not exist")
        if amount < 0:
            raise ValueError(f"job {job} demands {amount} of resource {resource}: less than nothing")
        if amount > capacities[resource]:
            raise ValueError(
                f"job {job} demands {amount} of resource {resource}, which has only {capacities[resource]}"
            )


def followers(before: Sequence[Sequence[int]]) -> list[list[int]]:
    """The edges turned round: of each job the jobs that name it."""
    after: list[list[int]] = [[] for _ in before]
    for job, others in enumerate(before):
        for other in others:
            after[other].append(job)
    return after


def in_order(before: Sequence[Sequence[int]]) -> list[int]:
    """All jobs, each after its predecessors (Kahn 1962). Raises CycleError naming one cycle."""
    after = followers(before)
    missing = [len(others) for others in before]
    placed = [job for job, count in enumerate(missing) if count == 0]
    for job in placed:
        for follower in after[job]:
            missing[follower] -= 1
            if missing[follower] == 0:
                placed.append(follower)
    if len(placed) < len(before):
        raise CycleError([str(job) for job in _cycle(before, missing)])
    return placed


def _cycle(before: Sequence[Sequence[int]], missing: Sequence[int]) -> list[int]:
    """Walk back along jobs that were never placed until one comes up again."""
    here = next(job for job, count in enumerate(missing) if count)
    way: dict[int, None] = {}
    while here not in way:
        way[here] = None
        here = next(other for other in before[here] if missing[other])
    found = list(way)
    return [here, *reversed(found[found.index(here) :])]


def in_ticks(durations: Sequence[float]) -> tuple[list[int], int, int]:
    """The durations as whole multiples of their greatest common divisor, and that divisor as a fraction
    (numerator, denominator). Exact: sums of ticks are the same in every order and on every machine."""
    ratios = [duration.as_integer_ratio() for duration in durations]
    scale = lcm(*(below for _, below in ratios))
    whole = [above * (scale // below) for above, below in ratios]
    unit = gcd(*whole) or 1
    return [value // unit for value in whole], unit, scale
