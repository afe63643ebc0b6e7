"""Which team does which task, and how much of its week a wave takes (M077, M078)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine.core.plan import Plan, Task, Wave
from engine.core.strategy import Team, teams


class Assignment(Struct, frozen=True):
    """The team of a task with its score, the share of the required skills that it has (M078); `team` is empty
    when nobody has any of them. `why` explains it in words."""

    task: str
    team: str
    score: float
    why: str


class Load(Struct, frozen=True):
    """What the tasks of a wave take of a team's week: `taken` of `there` hours, of which `free` are to be
    left over (M064)."""

    wave: int
    team: str
    taken: float
    there: float
    free: float

    @property
    def over(self) -> bool:
        return self.taken > self.there - self.free + 1e-9


def assignments(plan: Plan) -> dict[str, Assignment]:
    """The team of every task: the one it names, else the one that has most of its skills; among equals the
    one with the smallest share of its hours taken, then the first. No teams, no assignments."""
    there = teams(plan)
    taken = dict.fromkeys((team.id for team in there), 0.0)
    found: dict[str, Assignment] = {}
    for task in plan.tasks if there else ():
        found[task.id] = _assigned(task, there, taken)
        if found[task.id].team in taken:
            taken[found[task.id].team] += task.capacity
    return found


def skill_match_score(task: Task, team: Team) -> float:
    """The share of the task's required skills that the team has, 0 to 1; 1 when it requires none (M078)."""
    if not task.skills:
        return 1.0
    has = {skill.casefold() for skill in team.skills}
    return sum(skill.casefold() in has for skill in task.skills) / len(task.skills)


def _assigned(task: Task, there: Sequence[Team], taken: dict[str, float]) -> Assignment:
    named = next((team for team in there if team.id == task.team), None)
    if task.team:
        score = skill_match_score(task, named) if named else 0.0
        return Assignment(
            task.id, task.team, score, "named by the task" if named else "no such team is listed"
        )
    if not task.skills:
        return Assignment(task.id, "", 0.0, "says neither its team nor the skills it needs")

    def preference(team: Team) -> tuple[float, float]:
        return -skill_match_score(task, team), taken[team.id] / team.hours if team.hours else 1.0

    best = min(there, key=preference)
    score = skill_match_score(task, best)
    if not score:
        return Assignment(task.id, "", 0.0, f"no team has {', '.join(task.skills)}")
    missing = {skill.casefold() for skill in task.skills} - {skill.casefold() for skill in best.skills}
    lacks = [skill for skill in task.skills if skill.casefold() in missing]
    why = f"has {', '.join(skill for skill in task.skills if skill not in lacks)}"
    return Assignment(task.id, best.id, score, why + (f", lacks {', '.join(lacks)}" if lacks else ""))


def room(plan: Plan) -> dict[str, float]:
    """Hours a week that planning may take of each team, the buffer left out (M064)."""
    return {team.id: team.hours * (1 - plan.buffer) for team in teams(plan)}


def loads(plan: Plan, waves: Sequence[Wave] | None = None) -> tuple[Load, ...]:
    """What each wave takes of each team that it takes anything of."""
    assigned = assignments(plan)
    hours = {team.id: team.hours for team in teams(plan)}
    capacity = {task.id: task.capacity for task in plan.tasks}
    found: list[Load] = []
    for wave in plan.waves if waves is None else waves:
        taken: dict[str, float] = {}
        for name in wave.tasks:
            team = assigned[name].team if name in assigned else ""
            if team in hours and capacity[name]:
                taken[team] = taken.get(team, 0.0) + capacity[name]
        found += [
            Load(wave.number, team, sum_, hours[team], hours[team] * plan.buffer)
            for team, sum_ in taken.items()
        ]
    return tuple(found)
