"""A genetic search for short schedules, limited by the number of schedules it may make.

Two populations take turns, one of schedules as early as possible, one of schedules as late as possible
(Debels and Vanhoucke 2005): whatever a generation breeds is placed from the other end of time, which by
itself closes gaps (the justification of Valls, Ballestin and Quintanilla 2005). A child has the order of one
parent in a dense stretch of it, and of the other before and behind (peak crossover, Valls et al. 2008).

A budget only says where the search ends, never how it goes: it dispatches to and fro while that helps, then
breeds in rounds, each with a larger population. So the schedules of a small budget are the first ones of
every larger one, and more effort never makes a longer schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from msgspec import Struct

from engine.core.scheduling.bounds import lower_bound
from engine.core.scheduling.chance import Chance
from engine.core.scheduling.dispatching import dispatched
from engine.core.scheduling.network import Network
from engine.core.scheduling.orders import Orders
from engine.core.scheduling.problem import Problem
from engine.core.scheduling.serial import profile

EFFORT = 300
"""Schedules made unless the caller says otherwise."""
PLACEMENTS = 60_000
"""Jobs placed unless the caller says otherwise: about a second of 10,000 jobs."""
# The numbers below were chosen on half of the instances of PSPLIB's j30 and j60, and hold on the other half.
FRUITLESS = 2
"""Dispatches from either end without a shorter schedule after which breeding does better, unless a problem is
so large that the default effort is not enough for a population."""
SMALLEST = 6
"""Members from which on a population is worth having."""
ROUNDS = ((27, 5), (64, 0))
"""Members of the population in the second and in the third round, and how many of them come from the round
before; the first one suits the default effort. A small population gains by what is known, a large one would
be taken over by it: it starts afresh, as do all later ones, twice as large each time. A round makes as many
schedules as the square of its members: of small problems they end near 300, 1,000 and 5,000."""
NOISE = 1.0
"""How many critical paths chance may add to a priority of a new member."""
RIVALS = 3
"""Parents of whom the best becomes the second one of a pair."""
MOVES = 0.5
"""Share of children in which one job moves."""
SHAKES = 5
"""Jobs that move in a child that would be nothing new."""


class Schedule(Struct, frozen=True):
    """When each job starts and when the last one ends, in the unit of the durations, from 0. Durations that
    are not whole numbers make times that are rounded to the nearest float."""

    starts: tuple[float, ...]
    makespan: float
    lower_bound: float
    """No schedule is shorter than this."""
    schedules: int
    """How many schedules were made to find this one."""

    @property
    def proven(self) -> bool:
        """Whether this is known to be the shortest."""
        return self.makespan == self.lower_bound


def solve(
    problem: Problem, effort: int = EFFORT, *, placements: int | None = PLACEMENTS, seed: int = 0
) -> Schedule:
    """The shortest schedule found with at most `effort` schedules, each pass in either direction counted.

    An effort of 1 is the dispatch by latest finish time alone, and with the same seed a larger effort never
    gives a longer schedule. Of large problems fewer schedules are made: no more than `placements` jobs are
    placed in all, but one schedule always is; None sets no such limit. It ends early when the schedule is as
    short as the lower bound. The same seed gives the same schedule on every machine.
    Raises ValueError for an effort below 1."""
    if effort < 1:
        raise ValueError(f"effort {effort}: at least one schedule has to be made")
    network = Network(problem)
    budget = effort
    if placements is not None:
        budget = max(1, min(effort, placements // max(1, len(network.durations))))
    return _Search(network, budget, Chance(seed)).run()


class _Member(NamedTuple):
    """A schedule of a population; times run in the direction in which it was made."""

    makespan: int
    ends: list[int]
    order: list[int]
    """The jobs, the last to end first: the order in which the opposite direction places them."""


def _length(member: _Member) -> int:
    return member.makespan


class _Search:
    def __init__(self, network: Network, budget: int, chance: Chance) -> None:
        self._network = network
        self._bound = lower_bound(network)
        self._profile = profile(network, self._bound)
        self._aim = self._bound * self._profile.step
        self._urgency = [tail + takes for tail, takes in zip(network.tails, network.durations, strict=True)]
        self._budget = self._limit = budget
        """Schedules that may be made, in all and until the end of the round."""
        self._chance = chance
        self._orders = Orders(network, chance)
        self._made = 0
        self._back = False
        """Whether schedules are made from the end of time."""
        self._best: tuple[_Member, bool] | None = None
        """The shortest so far, and whether it was made from the end of time."""

    def run(self) -> Schedule:
        """Dispatch to and fro, then breed in rounds until the budget is spent."""
        usual = min(EFFORT, PLACEMENTS // max(1, len(self._network.durations)))
        small = usual >= SMALLEST * SMALLEST
        members = self._to_and_fro(FRUITLESS if small else usual)
        size, kept = isqrt(usual) if small else SMALLEST, 1
        rounds = iter(ROUNDS)
        while not self._over():
            self._limit = min(self._budget, self._made + size * size)
            members = self._breed(self._population(self._kept(members, kept), size))
            self._limit = self._budget
            size, kept = next(rounds, (2 * size, 0))
        return self._result()

    def _over(self) -> bool:
        """Whether the schedules allowed are made or nothing better is possible."""
        return self._made >= self._limit or (self._best is not None and self._best[0].makespan <= self._aim)

    def _to_and_fro(self, patience: int) -> list[_Member]:
        """The dispatch by latest finish time. Others are made from either end in turn, by the times of the
        one before, until so many in a row are no shorter. They go no further: they would take over the first
        population."""
        first = member = self._dispatch(self._urgency)
        shortest, fruitless = first.makespan, 0
        while fruitless < patience and not self._over():
            self._back = not self._back
            member = self._dispatch(member.ends)
            fruitless = 0 if member.makespan < shortest else fruitless + 1
            shortest = min(shortest, member.makespan)
        self._back = False
        return [first]

    def _dispatch(self, priority: Sequence[float]) -> _Member:
        step = self._profile.step
        ends = dispatched(self._network, priority, back=self._back)
        order = self._network.order
        return self._keep(order[::-1] if self._back else order, [end * step for end in ends])

    def _make(self, order: list[int]) -> _Member:
        before, _ = self._network.edges(self._back)
        return self._keep(order, self._profile.place(order, before))

    def _keep(self, order: Sequence[int], ends: list[int]) -> _Member:
        """Count a schedule and remember it if it is the best. Jobs that end together stay in an order that
        suits their precedence: that in which they were placed, turned round."""
        self._made += 1
        turned = order[::-1]
        member = _Member(max(ends, default=0), ends, sorted(turned, key=ends.__getitem__, reverse=True))
        if self._best is None or member.makespan < self._best[0].makespan:
            self._best = member, self._back
        return member

    def _kept(self, members: list[_Member], most: int) -> list[_Member]:
        """The best of some members, no two alike, placed from the start of time."""
        turn, self._back = self._back, False
        found: dict[tuple[int, ...], _Member] = {}
        for member in sorted(members, key=_length):
            if len(found) < most and not self._over():
                found.setdefault(tuple(member.ends), self._make(member.order) if turn else member)
        return list(found.values())

    def _population(self, members: list[_Member], size: int) -> list[_Member]:
        """The members, the serial schedule by latest finish time, and others with some chance in it."""
        reach = 0.0
        while len(members) < size and not self._over():
            priority = [rank + reach * self._chance.share() for rank in self._urgency]
            members.append(self._make(self._orders.by_priority(priority)))
            reach = NOISE * max(self._urgency)
        return members

    def _breed(self, parents: list[_Member]) -> list[_Member]:
        """One generation after the other, each from the other end of time than its parents. The best parent
        goes on as it is: placed from the other end, it gets no longer. The last whole generation."""
        while not self._over():
            self._back = not self._back
            seen: set[tuple[int, ...]] = set()
            best = min(parents, key=_length)
            children: list[_Member] = []
            for parent in parents:
                if self._over():
                    self._back = not self._back
                    return parents
                if parent is best:
                    child = self._make(parent.order)
                else:
                    child = self._child(parent, self._chosen(parents), seen)
                seen.add(tuple(child.ends))
                children.append(child)
            parents = children
        return parents

    def _chosen(self, parents: list[_Member]) -> _Member:
        """The best of a few."""
        rivals = [parents[self._chance.below(len(parents))] for _ in range(RIVALS)]
        return min(rivals, key=_length)

    def _child(self, one: _Member, two: _Member, seen: set[tuple[int, ...]]) -> _Member:
        """The better of two children, unless the new generation has it already."""
        if one.ends == two.ends:
            return self._shaken(one)
        child = self._crossed(one, two)
        if self._over():
            return child
        other = self._crossed(two, one)
        known = tuple(child.ends) in seen
        if tuple(other.ends) not in seen and (known or other.makespan < child.makespan):
            return other
        return self._shaken(one) if known and not self._over() else child

    def _crossed(self, inner: _Member, outer: _Member) -> _Member:
        order = self._orders.crossed(inner.order, inner.ends, outer.order)
        if self._chance.share() < MOVES:
            order = self._orders.moved(order, 1, back=self._back)
        return self._make(order)

    def _shaken(self, member: _Member) -> _Member:
        return self._make(self._orders.moved(member.order, SHAKES, back=self._back))

    def _result(self) -> Schedule:
        assert self._best is not None, "the dispatch is always made"
        (makespan, ends, _), back = self._best
        durations, step, seconds = self._profile.durations, self._profile.step, self._network.seconds
        starts = [makespan - end if back else end - takes for end, takes in zip(ends, durations, strict=True)]
        return Schedule(
            tuple(seconds(start // step) for start in starts),
            seconds(makespan // step),
            seconds(self._bound),
            self._made,
        )
