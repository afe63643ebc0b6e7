"""The waves of a plan that names none: levels of the needs, within what a team can take and what clashes.

The levels follow `optimize_wave_execution` of the strategy document, mended (M055, D20): what is placed
counts as complete, capacity holds for the first wave too, and a rest that nothing can place is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.core import graph
from engine.core.plan import Level, Mode, Need, Plan, Task, Wave

_ORDER = {Level.HIGH: 0, Level.MEDIUM: 1, None: 1, Level.LOW: 2}

Fits = Callable[[str, Sequence[str]], bool]
"""Whether a task may join those that a wave has already."""


def levelled(tasks: Iterable[Task], fits: Fits) -> tuple[tuple[str, ...], ...]:
    """Rows of task ids, each after the rows of what it needs; a row takes the ready tasks in the order of
    `preference` as long as they fit (M056), and lists them in the order of the plan.

    Raises graph.CycleError; ValueError naming the tasks that fit into no wave, not even alone."""
    tasks = tuple(tasks)
    needs = graph.needs_of(tasks)
    graph.order(needs)
    place = {task.id: number for number, task in enumerate(tasks)}
    ranking = preference(tasks)
    open_ = {task: len(needed) for task, needed in needs.items()}
    followers = graph.followers(needs)
    ready = [task for task, count in open_.items() if count == 0]
    rows: list[tuple[str, ...]] = []
    while ready:
        row: list[str] = []
        left: list[str] = []
        for task in sorted(ready, key=ranking.__getitem__):
            (row if fits(task, row) else left).append(task)
        if not row:
            raise ValueError(f"no wave has room for {', '.join(sorted(left, key=place.__getitem__))}")
        rows.append(tuple(sorted(row, key=place.__getitem__)))
        ready = left
        for task in row:
            for follower in followers[task]:
                open_[follower] -= 1
                if open_[follower] == 0:
                    ready.append(follower)
    return tuple(rows)


def preference(tasks: Sequence[Task]) -> dict[str, tuple[float, ...]]:
    """What is chosen first among ready tasks, the least first (M056): the more urgent, then what has the
    longest path behind it, then the order of the plan."""
    tails = graph.tails(tasks)
    return {
        task.id: (float(_ORDER[task.urgency]), -tails[task.id], float(number))
        for number, task in enumerate(tasks)
    }


def optimize_wave_execution(
    phases: Sequence[str],
    dependencies: Mapping[str, Sequence[str]],
    team_capacity: float,
    *,
    each: float = 1.0,
) -> list[dict[str, object]]:
    """The strategy document's own function (M055): of phases and their dependencies the waves with `wave`,
    `phases` and `capacity_required`, every phase taking `each` of `team_capacity`."""
    tasks = [Task(phase, needs=tuple(Need(need) for need in dependencies.get(phase, ()))) for phase in phases]
    rows = levelled(tasks, lambda _, row: (len(row) + 1) * each <= team_capacity)
    return [
        {"wave": number, "phases": list(row), "capacity_required": len(row) * each}
        for number, row in enumerate(rows, start=1)
    ]


def planned(plan: Plan) -> tuple[Wave, ...]:
    """One parallel wave for each row of `levelled`, by the plan's teams and clashes."""
    return tuple(
        Wave(number, f"Wave {number}", row, Mode.PARALLEL)
        for number, row in enumerate(levelled(plan.tasks, lambda *_: True), start=1)
    )
