"""Which two tasks can be at work at the same time, in words for those that cannot."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from engine.core import graph
from engine.core.clashes import Clash, clashes
from engine.core.parts import Grade
from engine.core.plan import Conflicts, Need, Plan, Resolution, Task

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
    named = {f"pair-{number}": pair for number, pair in enumerate(dict.fromkeys(pairs))}
    files: dict[str, list[str]] = {}
    for name, pair in named.items():
        for task in pair:
            files.setdefault(task, []).append(name)
    tasks = tuple(replace(task, files=tuple(files.get(task.id, ()))) for task in _whole_needs(plan.tasks))
    found = clashes(replace(plan, tasks=tasks, file_rules=(), conflicts=Conflicts()))
    return {named[clash.file]: clash.handled for clash in found}


def ordered_pairs(plan: Plan, pairs: Iterable[Pair]) -> frozenset[Pair]:
    """Those of the pairs of which one task needs the end of the other, also by way of others."""
    needs = graph.needs_of(_whole_needs(plan.tasks))
    before: dict[str, frozenset[str]] = {}
    found: set[Pair] = set()
    for first, second in pairs:
        for task in (first, second):
            if task not in before:
                before[task] = graph.ancestors(needs, task)
        if first in before[second] or second in before[first]:
            found.add((first, second))
    return frozenset(found)


def _whole_needs(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """The same tasks with needs on ends only. Whoever waits for a milestone starts while the other still
    works, yet is merged after it: so what needs its end needs the other's end too."""
    if not any(need.milestone for task in tasks for need in task.needs):
        return tasks
    given = {task.id: task for task in tasks}
    early: dict[str, frozenset[str]] = {}
    ends: dict[str, frozenset[str]] = {}
    for name in graph.order(graph.needs_of(tasks)):
        known = [need for need in given[name].needs if need.task in given]
        soft = frozenset(need.task for need in known if need.milestone)
        hard = frozenset(need.task for need in known if not need.milestone)
        early[name] = frozenset().union(soft, *(early[need] for need in soft)) - hard
        ends[name] = frozenset().union(hard, *(early[need] for need in hard), *(ends[need] for need in soft))
    return tuple(replace(task, needs=tuple(map(Need, sorted(ends[task.id])))) for task in tasks)
