"""Which two tasks can be at work at the same time, in words for those that cannot."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.clashes import Clash
from engine.core.ordering import Order
from engine.core.parts import Grade
from engine.core.plan import Plan, Resolution

Pair = tuple[str, str]

SAFE = tuple(
    value.value.replace("_", " ") for value in (Resolution.PARALLEL_SAFE, Resolution.FINAL_MERGE_STEP)
)
"""How clashes say that the plan's rule for a file leaves no conflict, whoever changes it and when."""


def may_conflict(clash: Clash) -> bool:
    """Whether something can come of a clash when both tasks are at work at once."""
    return clash.grade is not Grade.APART and clash.handled not in SAFE


def why_apart(plan: Plan, pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Of each pair of open tasks why one ends before the other starts, such as `handled by wave order`; empty
    when both can be at work at once. Pairs with a complete task are left out."""
    order = Order(plan)
    open_ = {task.id for task in plan.tasks if not task.complete}
    return {pair: order.why(*pair) for pair in pairs if open_.issuperset(pair)}


def ordered_pairs(plan: Plan, pairs: Iterable[Pair]) -> frozenset[Pair]:
    """Those of the pairs of which one task needs the end of the other, also by way of others."""
    order = Order(plan)
    return frozenset(pair for pair in pairs if order.by_needs(*pair))
