"""The waves of a plan that names none: levels of the needs, within what a team can take and what clashes.

The levels follow `optimize_wave_execution` of the strategy document, mended (M055, D20): what is placed
counts as complete, capacity holds for the first wave too, and a rest that nothing can place is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.core import graph, teams
from engine.core.clashes import locks
from engine.core.plan import Level, Mode, Need, Plan, Task, Wave

_ORDER = {Level.HIGH: 0, Level.MEDIUM: 1, None: 1, Level.LOW: 2}

Room = Callable[[str], bool]
"""Whether a task may join the wave that is being filled; one that may has joined it."""


def levelled(tasks: Iterable[Task], new_room: Callable[[], Room]) -> tuple[tuple[str, ...], ...]:
    """Rows of task ids, each after the rows of what it needs; a row takes the ready tasks in the order of
    `preference` as long as there is room (M056), and lists them in the order of the plan.

    Raises graph.CycleError; ValueError naming the tasks that have room in no row, not even alone."""
    tasks = tuple(tasks)
    needs = graph.needs_of(tasks)
    ranking = preference(tasks)
    place = {task.id: number for number, task in enumerate(tasks)}
    open_ = {task: len(needed) for task, needed in needs.items()}
    followers = graph.followers(needs)
    ready = [task for task, count in open_.items() if count == 0]
    rows: list[tuple[str, ...]] = []
    while ready:
        room = new_room()
        row, left = _parted(sorted(ready, key=ranking.__getitem__), room)
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


def _parted(ready: Sequence[str], room: Room) -> tuple[list[str], list[str]]:
    row: list[str] = []
    left: list[str] = []
    for task in ready:
        (row if room(task) else left).append(task)
    return row, left


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
    tasks = [Task(phase, needs=tuple(map(Need, dependencies.get(phase, ())))) for phase in phases]

    def new_room() -> Room:
        taken = 0.0

        def room(_: str) -> bool:
            nonlocal taken
            if taken + each > team_capacity:
                return False
            taken += each
            return True

        return room

    return [
        {"wave": number, "phases": list(row), "capacity_required": len(row) * each}
        for number, row in enumerate(levelled(tasks, new_room), start=1)
    ]


def planned(plan: Plan) -> tuple[Wave, ...]:
    """Parallel waves of the plan's tasks, whatever waves it has: by levels of the needs, no two tasks in one
    wave that may not run together, and no more of a team's week than is there; a task that alone takes more
    than that shares its wave with no other of the team."""
    held: dict[str, list[str]] = {}
    for reason, names in locks(plan).items():
        for name in names:
            held.setdefault(name, []).append(reason)
    hours, assigned = teams.room(plan), teams.assignments(plan)
    capacity = {task.id: task.capacity for task in plan.tasks}

    def new_room() -> Room:
        taken: dict[str, float] = {}
        locked: set[str] = set()

        def room(task: str) -> bool:
            team = assigned[task].team if task in assigned else ""
            sum_ = taken.get(team, 0.0) + capacity[task]
            if not locked.isdisjoint(held.get(task, ())):
                return False
            if team in hours and team in taken and sum_ > hours[team] + 1e-9:
                return False
            taken[team] = sum_
            locked.update(held.get(task, ()))
            return True

        return room

    rows = enumerate(levelled(plan.tasks, new_room), start=1)
    return tuple(Wave(number, f"Wave {number}", row, Mode.PARALLEL) for number, row in rows)
