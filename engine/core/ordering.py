"""Whether one of two tasks ends before the other starts, and why."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import graph
from engine.core.plan import Mode, Need, Plan, StartPolicy, Task


class Order:
    """What orders the tasks of a plan: barriers between waves, the order in a sequential wave, needs."""

    def __init__(self, plan: Plan) -> None:
        self._barriers = plan.start_policy is StartPolicy.WAVE
        self._wave = {name: wave for wave in plan.waves for name in wave.tasks}
        self._needs = graph.needs_of(_whole_needs(plan.tasks))
        self._before: dict[str, frozenset[str]] = {}

    def why(self, first: str, second: str) -> str:
        """Why one ends before the other starts; empty when both can be at work at once."""
        one, two = self._wave.get(first), self._wave.get(second)
        if one is not None and two is not None and self._barriers:
            if one.number != two.number:
                return "handled by wave order"
            if one.mode is Mode.SEQUENTIAL:
                return "handled by the order in the wave"
        return "handled by dependency order" if self.by_needs(first, second) else ""

    def by_needs(self, first: str, second: str) -> bool:
        """Whether one of the two needs the end of the other, also by way of others."""
        return first in self._ancestors(second) or second in self._ancestors(first)

    def _ancestors(self, task: str) -> frozenset[str]:
        if task not in self._before:
            self._before[task] = graph.ancestors(self._needs, task)
        return self._before[task]


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
