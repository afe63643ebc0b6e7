"""Which tasks a plan's sync points are for, and when they are there (M153)."""

from __future__ import annotations

import re

from engine.core.durations import WEEK, parse
from engine.core.errors import PlanError
from engine.core.graph import estimate
from engine.core.plan import Plan
from engine.core.state import PointState
from engine.core.strategy import SyncPoint, sync_points, teams
from engine.core.teams import assignments

EVERYBODY = ("all_parallel_teams", "all_teams", "all")
PEOPLE = ("technical_leads", "technical_lead", "architect", "architects", "orchestrator")
"""Participants who approve, and hold no agent."""
_CALENDAR = re.compile(r"week (\d{1,3}) of wave (\d{1,4})", re.IGNORECASE)


def points(plan: Plan) -> tuple[tuple[PointState, ...], tuple[str, ...]]:
    """The plan's sync points with their participants as tasks, and warnings about names that stand for
    nobody."""
    found: list[PointState] = []
    warnings: list[str] = []
    for point in sync_points(plan):
        tasks, strange = members(plan, point)
        warnings += [f"sync point {point.name!r}: no task or team is called {name!r}" for name in strange]
        found.append(_state(plan, point, tasks))
    return tuple(found), tuple(warnings)


def members(plan: Plan, point: SyncPoint) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tasks that take part, in the plan's order, and the names that stand for nobody."""
    there = {task.id for task in plan.tasks if not point.wave or task.id in plan.waves[point.wave - 1].tasks}
    team_of = {task: one.team for task, one in assignments(plan).items()}
    team_of |= {task.id: task.team for task in plan.tasks if task.team}
    known = {*team_of.values(), *(team.id for team in teams(plan))} - {""}
    chosen: set[str] = set()
    strange = []
    for name in point.participants:
        group = {team for team in known if team == name or _one_of(team, name)}
        if name in EVERYBODY:
            chosen |= there
        elif named := _called(plan, name):
            chosen.add(named)
        elif group:
            chosen |= {task for task, team in team_of.items() if team in group and task in there}
        elif name not in PEOPLE:
            strange.append(name)
    return tuple(task.id for task in plan.tasks if task.id in chosen), tuple(strange)


def _called(plan: Plan, name: str) -> str:
    """The task of that id, or whose session is called so; empty when there is none."""
    of = {f"session_{place:03}": task.id for place, task in enumerate(plan.tasks, 1) if not task.session}
    of |= {task.session: task.id for task in plan.tasks if task.session}
    of |= {task.id: task.id for task in plan.tasks}
    return of.get(name, "")


def _one_of(team: str, group: str) -> bool:
    """Whether `backend_team_1` is one of `backend_teams`."""
    return group.endswith("s") and re.fullmatch(re.escape(group[:-1]) + r"(?:_?\w+)?", team) is not None


def share(plan: Plan, triggers: tuple[str, ...]) -> float:
    """The part of its estimate after which a task is there: week 2 of a wave of four weeks begins at 0.25. 0
    when no trigger is about weeks."""
    for text in triggers:
        match = _CALENDAR.search(text)
        if match is None or not 0 < int(match[2]) <= len(plan.waves):
            continue
        tasks = set(plan.waves[int(match[2]) - 1].tasks)
        longest = max((estimate(task) for task in plan.tasks if task.id in tasks), default=0.0)
        weeks = max(1.0, longest / WEEK)
        return min(1.0, (int(match[1]) - 1) / weeks)
    return 0.0


def _state(plan: Plan, point: SyncPoint, tasks: tuple[str, ...]) -> PointState:
    try:
        lasts = parse(point.duration).most if point.duration else 0.0
    except PlanError:
        lasts = 0.0
    return PointState(
        point.id,
        point.name or point.id,
        tasks,
        point.triggers,
        share(plan, point.triggers),
        lasts,
        point.criteria,
        point.procedures,
    )
