"""What the needs of a plan's tasks say: what kind each task is, the critical path, slack and bottlenecks.

All of it costs about as much as reading the needs; only resources and slots are left out of account (M040).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from heapq import heappop, heappush

from msgspec import Struct

from engine.core import graph
from engine.core.plan import Need, Plan, Task

_BLOCKING = ("failed", "stopped", "blocked")
"""States of a task that keep what needs it from starting."""


class Kind(StrEnum):
    """What a task waits for (M039)."""

    INDEPENDENT = "independent"
    DEPENDENT = "dependent"
    COMPLETE = "complete"
    BLOCKED = "blocked"


class Standing(Struct, frozen=True):
    """A task among the others. `needs` is what it waits for, `followers` all tasks that wait for it, both
    direct. `required_by` are those of them that wait for its end; those that wait for a milestone of it
    only when no other does."""

    task: str
    kind: Kind
    needs: tuple[Need, ...]
    required_by: tuple[str, ...]
    followers: tuple[str, ...]


class Timing(Struct, frozen=True):
    """When a task starts if nothing but its needs counts, in seconds from the start of the plan. `slack` is
    what it may start later (M040); `gain` is how much shorter the whole would become if the task took no
    time: until then, or until another path is as long, each second saved is a second saved of the whole."""

    task: str
    earliest: float
    slack: float
    gain: float


class Bottleneck(Struct, frozen=True):
    """A task with how many tasks that are not complete wait for it, also by way of others (M041)."""

    task: str
    blocks: int

    @property
    def words(self) -> str:
        return blocks_words(self.blocks)


def blocks_words(count: int) -> str:
    """How many tasks wait, as strategy documents say it (M041)."""
    return f"Blocks {count} dependent phase{'' if count == 1 else 's'}"


def standings(plan: Plan) -> tuple[Standing, ...]:
    """Every task in the order of the plan. Raises graph.CycleError."""
    needs = graph.needs_of(plan.tasks)
    behind = graph.followers(needs)
    tasks = {task.id: task for task in plan.tasks}
    blocked: set[str] = set()
    for name in graph.order(needs):
        task = tasks[name]
        stuck = any(need in blocked or _stands_in_the_way(tasks[need]) for need in needs[name])
        if not task.complete and (task.status == "blocked" or stuck):
            blocked.add(name)
    return tuple(
        Standing(
            name,
            _kind(task, blocked, bool(needs[name])),
            tuple(need for need in task.needs if need.task in tasks),
            _required_by(task, [tasks[other] for other in behind[name]]),
            tuple(behind[name]),
        )
        for name, task in tasks.items()
    )


def _stands_in_the_way(task: Task) -> bool:
    return not task.complete and task.status in _BLOCKING


def _kind(task: Task, blocked: set[str], waits: bool) -> Kind:
    if task.complete:
        return Kind.COMPLETE
    if task.id in blocked:
        return Kind.BLOCKED
    return Kind.DEPENDENT if waits else Kind.INDEPENDENT


def _required_by(task: Task, behind: Sequence[Task]) -> tuple[str, ...]:
    whole = [other.id for other in behind if Need(task.id) in other.needs]
    return tuple(whole or [other.id for other in behind])


def timings(plan: Plan) -> tuple[Timing, ...]:
    """Slack of every task, and what shortening it would bring, in the order of the plan; a duration is the
    most of its estimate. Raises graph.CycleError."""
    needs = graph.needs_of(plan.tasks)
    takes = {task.id: graph.estimate(task) for task in plan.tasks}
    tails = graph.tails(plan.tasks)
    starts: dict[str, float] = {}
    for name in graph.order(needs):
        starts[name] = max((starts[need] + takes[need] for need in needs[name]), default=0.0)
    whole = max(tails.values(), default=0.0)
    without = _longest_without(needs, starts, takes, tails)
    return tuple(
        Timing(
            name,
            starts[name],
            max(0.0, round(whole - tails[name] - starts[name], 6)),
            max(0.0, round(min(takes[name], whole - without[name]), 6)),
        )
        for name in needs
    )


def _longest_without(
    needs: graph.Needs, starts: Mapping[str, float], takes: Mapping[str, float], tails: Mapping[str, float]
) -> dict[str, float]:
    """Of each task the length of the longest path that leaves it out.

    In a topological order a path leaves out the task at a place exactly when one of its edges spans that
    place, with an edge from before the first task and one to behind the last; so a sweep over the places
    with the longest path through each edge that spans them is enough."""
    order = graph.order(needs)
    place = {name: number for number, name in enumerate(order)}
    opening: list[list[tuple[float, int]]] = [[] for _ in range(len(order) + 1)]
    for name in order:
        opening[0].append((-tails[name], place[name]))
        opening[place[name] + 1].append((-(starts[name] + takes[name]), len(order)))
        for need in needs[name]:
            long = starts[need] + takes[need] + tails[name]
            opening[place[need] + 1].append((-long, place[name]))
    spanning: list[tuple[float, int]] = []
    longest: dict[str, float] = {}
    for here, name in enumerate(order):
        for edge in opening[here]:
            heappush(spanning, edge)
        while spanning and spanning[0][1] <= here:
            heappop(spanning)
        longest[name] = -spanning[0][0] if spanning else 0.0
    return longest


def shortening(found: Sequence[Timing]) -> tuple[Timing, ...]:
    """The tasks whose shortening would shorten the plan, what brings most first (M040)."""
    return tuple(sorted((one for one in found if one.gain > 0), key=lambda one: -one.gain))


def bottlenecks(plan: Plan) -> tuple[Bottleneck, ...]:
    """The tasks that others wait for, those that block most first, then in the order of the plan (M041);
    complete tasks block nobody. Raises graph.CycleError."""
    counts = blocking(plan)
    found = [Bottleneck(task.id, counts[task.id]) for task in plan.tasks if not task.complete]
    return tuple(sorted((one for one in found if one.blocks), key=lambda one: -one.blocks))


def blocking(plan: Plan) -> dict[str, int]:
    """Of every task how many that are not complete need it, also by way of others.

    Raises graph.CycleError."""
    needs = graph.needs_of(plan.tasks)
    bit = {task.id: 0 if task.complete else 1 << number for number, task in enumerate(plan.tasks)}
    behind = dict.fromkeys(needs, 0)
    for name in reversed(graph.order(needs)):
        for need in needs[name]:
            behind[need] |= behind[name] | bit[name]
    return {name: mask.bit_count() for name, mask in behind.items()}
