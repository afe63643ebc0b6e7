"""The dependency graph of a plan's tasks; the one file that knows networkx.

An edge runs from the task that is needed to the task that needs it. What the engine asks for in every run
(levels, tails, the critical path) is plain Python, so that networkx is imported only where it is used.
Needs that name no task of the plan are passed over: the importer reports them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.core.plan import Plan, StartPolicy, Task

if TYPE_CHECKING:
    import networkx as nx

DEFAULT_ESTIMATE = 600.0
"""Seconds that a task without an estimate counts for."""

Needs = Mapping[str, Sequence[str]]
"""Of each task the tasks it needs, in the order of the plan, each once, all of them in the plan."""


class CycleError(ValueError):
    """The tasks have no order; `members` are in order along the edges, the first one again at the end."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(f"cycle: {' -> '.join(members)}")
        self.members = tuple(members)


def needs_of(tasks: Iterable[Task]) -> dict[str, tuple[str, ...]]:
    """The graph as plain data: of each task the ids it needs."""
    tasks = tuple(tasks)
    known = {task.id for task in tasks}
    return {
        task.id: tuple(dict.fromkeys(need.task for need in task.needs if need.task in known))
        for task in tasks
    }


def estimate(task: Task) -> float:
    """The seconds a task is planned to take: the most of its estimate, nothing when it is complete."""
    if task.complete:
        return 0.0
    return DEFAULT_ESTIMATE if task.estimate is None else task.estimate.most


def cycles(needs: Needs) -> list[tuple[str, ...]]:
    """One shortest cycle of every knot of the graph (M038), each starting with its first task in the plan."""
    if len(_sorted(needs)) == len(needs):
        return []
    graph = _digraph(needs)
    place = {task: number for number, task in enumerate(needs)}
    import networkx as nx

    found = []
    for knot in nx.strongly_connected_components(graph):
        members = sorted(knot, key=place.__getitem__)
        if len(knot) > 1 or graph.has_edge(members[0], members[0]):
            found.append(_around({task: [need for need in needs[task] if need in knot] for task in members}))
    return sorted(found, key=lambda members: place[members[0]])


def order(needs: Needs) -> tuple[str, ...]:
    """All tasks, each after what it needs, otherwise as in the plan. Raises CycleError."""
    placed = _sorted(needs)
    if len(placed) < len(needs):
        raise CycleError(cycles(needs)[0])
    return tuple(placed)


def levels(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """Tasks by the length of their longest chain of needs, in plan order in a level. Raises CycleError."""
    depth: dict[str, int] = {}
    for task in order(needs):
        depth[task] = 1 + max((depth[need] for need in needs[task]), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for task in needs:
        rows[depth[task]].append(task)
    return tuple(map(tuple, rows))


def tails(tasks: Iterable[Task]) -> dict[str, float]:
    """Of each task the seconds of the longest path from its start to the end of the plan.

    It is the priority of dispatch: the larger, the more waits behind the task. Raises CycleError."""
    tasks = tuple(tasks)
    needs = needs_of(tasks)
    takes = {task.id: estimate(task) for task in tasks}
    behind = dict.fromkeys(needs, 0.0)
    for task in reversed(order(needs)):
        behind[task] += takes[task]
        for need in needs[task]:
            behind[need] = max(behind[need], behind[task])
    return behind


def ranks(plan: Plan) -> dict[str, float]:
    """What starts first, by task, in seconds: the longest path behind it. Under wave barriers only what lies
    in its own wave makes the wave longer, so nothing beyond it counts."""
    if plan.start_policy is StartPolicy.DEPENDENCY:
        return tails(plan.tasks)
    wave_of = {name: wave.number for wave in plan.waves for name in wave.tasks}
    inside: dict[int, list[Task]] = {wave.number: [] for wave in plan.waves}
    for task in plan.tasks:
        here = wave_of[task.id]
        near = tuple(need for need in task.needs if wave_of[need.task] == here)
        inside[here].append(replace(task, needs=near))
    return {name: rank for tasks in inside.values() for name, rank in tails(tasks).items()}


def critical_path(tasks: Iterable[Task]) -> tuple[tuple[str, ...], float]:
    """The longest path by estimates and its seconds; `((), 0.0)` without tasks. Raises CycleError."""
    tasks = tuple(tasks)
    tail = tails(tasks)
    behind = followers(needs_of(tasks))
    path: list[str] = []
    nexts: Sequence[str] = tuple(tail)
    while nexts:
        path.append(max(nexts, key=tail.__getitem__))
        nexts = behind[path[-1]]
    return tuple(path), max(tail.values(), default=0.0)


def followers(needs: Needs) -> dict[str, list[str]]:
    """Of each task the tasks that need it, in the order of the plan."""
    behind: dict[str, list[str]] = {task: [] for task in needs}
    for task, needed in needs.items():
        for need in needed:
            behind[need].append(task)
    return behind


def ancestors(needs: Needs, task: str) -> frozenset[str]:
    """All tasks that `task` needs, also by way of others. KeyError when the plan has no such task."""
    return _reach(needs, task)


def descendants(needs: Needs, task: str) -> frozenset[str]:
    """All tasks that need `task`, also by way of others. KeyError when the plan has no such task."""
    return _reach(followers(needs), task)


def reduced(needs: Needs) -> dict[str, tuple[str, ...]]:
    """The needs that no other path already says: what a drawing shows. Raises CycleError."""
    import networkx as nx

    order(needs)
    lean = nx.transitive_reduction(_digraph(needs))
    return {task: tuple(need for need in needs[task] if lean.has_edge(need, task)) for task in needs}


def _sorted(needs: Needs) -> list[str]:
    """Kahn's order; tasks on or behind a cycle are left out."""
    behind = followers(needs)
    open_needs = {task: len(needed) for task, needed in needs.items()}
    placed = [task for task, count in open_needs.items() if count == 0]
    for task in placed:
        for follower in behind[task]:
            open_needs[follower] -= 1
            if open_needs[follower] == 0:
                placed.append(follower)
    return placed


def _reach(edges: Needs | Mapping[str, Sequence[str]], task: str) -> frozenset[str]:
    seen: set[str] = set()
    todo = list(edges[task])
    while todo:
        if (here := todo.pop()) not in seen:
            seen.add(here)
            todo.extend(edges[here])
    return frozenset(seen)


def _around(knot: Needs) -> tuple[str, ...]:
    """The shortest way from the first task of a knot along the edges back to itself."""
    first = next(iter(knot))
    behind = followers(knot)
    came: dict[str, str] = {}
    todo = [first]
    for here in todo:
        for follower in behind[here]:
            if follower == first:
                way = [here]
                while way[-1] != first:
                    way.append(came[way[-1]])
                return (*reversed(way), first)
            if follower not in came:
                came[follower] = here
                todo.append(follower)
    raise AssertionError("a knot always leads back to its first task")


def _digraph(needs: Needs) -> nx.DiGraph[str]:
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((need, task) for task, needed in needs.items() for need in needed)
    return graph
