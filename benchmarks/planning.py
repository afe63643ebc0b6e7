"""How long planning takes, and what wave barriers cost against a start by needs."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.measuring import Row
from benchmarks.projects import random_project
from engine import Need, Plan, Span, Task, forecast, load_plan
from engine.core import waves

if TYPE_CHECKING:
    import networkx as nx

NAME = "planning"
TASKS, NEEDS = 10_000, 20_000
AIM = 2.0


def run(quick: bool) -> list[Row]:
    """A plan of ten thousand tasks, from its file to its forecast; and barriers on random projects."""
    return [*large(1_000 if quick else TASKS), *barriers(4 if quick else 40)]


def large(tasks: int) -> list[Row]:
    """CPU seconds of reading and of planning, beside networkx's longest path and levels of the same graph,
    which know neither slots nor resources."""
    edges = _edges(tasks)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(_plan(tasks, edges)))
        begun = process_time()
        plan = load_plan(path)
        read = process_time() - begun
    begun = process_time()
    forecast(plan, 8)
    planned = process_time() - begun
    other = _networkx(plan)
    much = f"{tasks:,} tasks, {len(edges):,} needs"
    return [
        Row(NAME, f"{much}: read and checked", read, "s"),
        Row(
            NAME, f"{much}: planned", planned, "s", "networkx", planned / other, f"{AIM:g} s", planned <= AIM
        ),
    ]


def _edges(tasks: int) -> list[tuple[int, int]]:
    """Two needs for each task on tasks not far before it, by a fixed rule."""
    return [
        (before, task)
        for task in range(50, tasks)
        for before in sorted({task - 1 - task * 7 % 45, task - 1 - task * 13 % 50})
    ]


def _plan(tasks: int, edges: list[tuple[int, int]]) -> dict[str, object]:
    needs: dict[int, list[str]] = {}
    for before, task in edges:
        needs.setdefault(task, []).append(f"t{before}")
    return {
        "wavetree": 1,
        "slots": 8,
        "start_policy": "dependency",
        "resources": {"build": 3},
        "tasks": [
            {
                "id": f"t{number}",
                "run": "true",
                "needs": needs.get(number, []),
                "files": [f"src/m{number % 3000}.py"],
                "estimate": f"{5 + number * 7 % 55} minutes",
                "resources": {"build": 1} if number % 5 == 0 else {},
            }
            for number in range(tasks)
        ],
    }


def _networkx(plan: Plan) -> float:
    import networkx as nx

    begun = process_time()
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(task.id for task in plan.tasks)
    graph.add_weighted_edges_from(
        (need.task, task.id, plan.task(need.task).estimate.most)  # type: ignore[union-attr]
        for task in plan.tasks
        for need in task.needs
    )
    nx.dag_longest_path(graph)
    list(nx.topological_generations(graph))
    return process_time() - begun


def barriers(projects: int) -> list[Row]:
    """The mean length with wave barriers over that with a start by needs, same slots, random projects."""
    rows = []
    for jobs, slots in ((30, 3), (60, 5)):
        ratios = []
        for seed in range(projects):
            plan = _project(jobs, seed)
            told = forecast(plan, slots)
            ratios.append(told.seconds / told.free_seconds)
        what = f"wave barriers, {jobs} tasks, {slots} slots"
        rows.append(Row(NAME, what, fmean(ratios), "lengths", "start by needs", fmean(ratios)))
    return rows


def _project(jobs: int, seed: int) -> Plan:
    """A random project in the literature's style as a plan: its needs and durations."""
    problem = random_project(jobs, seed)
    tasks = tuple(
        Task(
            f"t{job}",
            run="true",
            needs=tuple(Need(f"t{other}") for other in before),
            estimate=Span(takes, takes),
        )
        for job, (takes, before) in enumerate(zip(problem.durations, problem.predecessors, strict=True))
    )
    plan = Plan("random", tasks, ())
    return Plan("random", tasks, waves.planned(plan))
