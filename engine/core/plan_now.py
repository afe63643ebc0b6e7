"""The plan of a run as it is by now, with the orders that were decided on since (M067, M127)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from engine.core.graph import needs_of
from engine.core.plan import Need, Plan
from engine.core.state import State


def plan_now(state: State) -> Plan:
    """The run's plan with a need for each task that goes after another; moves and estimates are in it."""
    own = needs_of(state.plan.tasks)
    needs = needs_with(own, ((order.first, order.second) for order in state.orders))
    more = {
        task: tuple(Need(first) for first in firsts if first not in own[task])
        for task, firsts in needs.items()
    }
    tasks = tuple(replace(task, needs=(*task.needs, *more[task.id])) for task in state.plan.tasks)
    return replace(state.plan, tasks=tasks)


def needs_with(
    needs: Mapping[str, tuple[str, ...]], orders: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    """What each task needs, with pairs of tasks of which the first goes first; of two that contradict each
    other the newer one, which comes later, counts."""
    found = dict(needs)
    for first, second in reversed(tuple(orders)):
        if not _reaches(found, first, second):
            found[second] = tuple(dict.fromkeys((*found[second], first)))
    return found


def _reaches(needs: Mapping[str, tuple[str, ...]], task: str, other: str) -> bool:
    """Whether `task` comes after `other`, or is it."""
    seen, left = {task}, [task]
    while left:
        here = left.pop()
        if here == other:
            return True
        fresh = [need for need in needs.get(here, ()) if need not in seen]
        seen.update(fresh)
        left += fresh
    return False
