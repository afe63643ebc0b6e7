"""A problem made ready for scheduling: exact ticks, edges both ways, demands packed into one integer each.

A packed amount has one field of bits for each resource, with one bit more than the capacity needs, its guard:
adding `slack` to what is used together lifts the guard of every resource that is overdrawn. So one addition
and one mask tell whether a job fits, however many resources there are. What all its users may hold at once
limits nothing and has no field. Resources of which few jobs need any are rare, the others common and first.
"""

from __future__ import annotations

from engine.core.scheduling.problem import Problem, followers, in_order, in_ticks

RARE = 16
"""One job in so many, or fewer, hold a rare resource."""


class Network:
    """What every schedule of one problem needs, computed once. Times are ticks (see `problem.in_ticks`)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.durations, self._unit, self._scale = in_ticks(problem.durations)
        self.before = [list(dict.fromkeys(others)) for others in problem.predecessors]
        self.after = followers(self.before)
        self.order = in_order(self.before)
        self.heads = _longest(self.order, self.before, self.durations)
        """Ticks that pass at least before each job starts."""
        self.tails = _longest(self.order[::-1], self.after, self.durations)
        """Ticks that pass at least after each job ended."""
        self.bits = 0
        """Width of a packed amount."""
        self.slack = self.guard = 0
        self.needs = [0] * len(self.durations)
        """Of each job its packed demand; 0 of a job that takes no time."""
        self.users = self._users()
        """Of each resource the jobs that hold some of it for some time, with how much, by their number."""
        self.common = 0
        """The fields of the common resources, as a mask."""
        self.rare: list[list[tuple[int, int]]] = [[] for _ in self.durations]
        """Of each job the rare resources that it holds, with how much."""
        self._pack()

    def _users(self) -> list[list[tuple[int, int]]]:
        users: list[list[tuple[int, int]]] = [[] for _ in self.problem.capacities]
        for job, demand in enumerate(self.problem.demands):
            if self.durations[job]:
                for resource, amount in demand.items():
                    if amount:
                        users[resource].append((job, amount))
        return users

    def _pack(self) -> None:
        capacities = self.problem.capacities
        scarce = [
            resource
            for resource, users in enumerate(self.users)
            if sum(amount for _, amount in users) > capacities[resource]
        ]
        few = len(self.durations) / RARE
        for resource in scarce:
            if len(self.users[resource]) > few:
                self._field(resource, capacities[resource])
        self.common = (1 << self.bits) - 1
        for resource in scarce:
            if len(self.users[resource]) <= few:
                self._field(resource, capacities[resource])
                for job, amount in self.users[resource]:
                    self.rare[job].append((resource, amount))

    def _field(self, resource: int, capacity: int) -> None:
        """Give a resource the next field of a packed amount."""
        width = capacity.bit_length()
        self.slack |= ((1 << width) - 1 - capacity) << self.bits
        self.guard |= 1 << (self.bits + width)
        for job, amount in self.users[resource]:
            self.needs[job] |= amount << self.bits
        self.bits += width + 1

    def edges(self, back: bool) -> tuple[list[list[int]], list[list[int]]]:
        """What comes before each job and what after it, as seen from the start, or `back` from the end."""
        return (self.after, self.before) if back else (self.before, self.after)

    def seconds(self, ticks: int) -> float:
        """Ticks in the problem's own unit, correctly rounded."""
        return ticks * self._unit / self._scale


def _longest(order: list[int], before: list[list[int]], durations: list[int]) -> list[int]:
    """Of each job the longest path of durations that leads to it."""
    found = [0] * len(order)
    for job in order:
        found[job] = max([found[other] + durations[other] for other in before[job]], default=0)
    return found
