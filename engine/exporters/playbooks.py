"""One page for each team, or for each session where there are no teams: its tasks, dates, files and sync
points (M032)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from engine.core.clashes import files_of
from engine.core.dates import Days
from engine.core.plan import Plan, Task
from engine.core.session_names import sessions
from engine.core.strategy import SyncPoint, Team, sync_points, teams
from engine.core.teams import assignments
from engine.exporters.markdown import bullets, code, inline, paragraphs, plain
from engine.exporters.outline import Outline
from engine.exporters.story_values import title

_NOT_FILE = re.compile(r"[^A-Za-z0-9._-]+")
NOBODY = "without-team"


class Page(Struct, frozen=True):
    """Who a page is for, and the tasks on it in the order of the plan. `also` are other names by which sync
    points call them."""

    id: str
    heading: str
    about: str
    tasks: tuple[Task, ...]
    also: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"team-{_NOT_FILE.sub('-', self.id).strip('.-')[:100] or 'page'}.md"


def pages(plan: Plan) -> tuple[Page, ...]:
    """The pages: those of the teams, then one of the tasks that no team has; without teams one for each
    session."""
    session_of, assigned = sessions(plan), assignments(plan)
    if not assigned:
        return tuple(
            Page(session_of[task.id], f"Session {inline(session_of[task.id])}", "", (task,), (task.id,))
            for task in plan.tasks
        )
    known = {team.id: team for team in teams(plan)}
    tasks_of: dict[str, list[Task]] = {name: [] for name in known}
    for task in plan.tasks:
        tasks_of.setdefault(assigned[task.id].team or NOBODY, []).append(task)
    made = []
    for name, mine in tasks_of.items():
        about = describe(known[name]) if name in known else ""
        also = tuple(each for task in mine for each in (task.id, session_of[task.id]))
        made.append(Page(name, f"Team {inline(name)}", about, tuple(mine), also))
    return tuple(made)


def describe(team: Team) -> str:
    """How many people with how many hours a week, and what they can do."""
    skills = f"; {', '.join(map(inline, team.skills))}" if team.skills else ""
    return f"{team.size:g} {'person' if team.size == 1 else 'people'}, {team.hours:g} hours a week{skills}"


def page_texts(of: Outline, days: Days) -> dict[str, str]:
    """The text of each page by its file name; of two pages with one name the first."""
    plan = of.plan
    session_of, files, points = sessions(plan), files_of(plan), sync_points(plan)
    wave_of: dict[str, int] = {}
    sections: dict[str, list[str]] = {}
    for block in of.blocks:
        for task in block.tasks:
            wave_of[task.id] = block.number
            told = of.told.spans.get(task.id)
            sections[task.id] = [
                f"## {inline(task.id)}{f': {inline(task.title)}' if task.title else ''}",
                f"- Session: {inline(session_of[task.id])}",
                f"- Wave: {block.number}, {inline(block.name)}",
                f"- Dates: {dates(days, block.number)}",
                f"- Duration: {of.words(told[1] - told[0]) if told else 'nothing left to do'}",
                f"- Needs: {', '.join(inline(need.task) for need in task.needs) or 'nothing'}",
                f"- Files: {', '.join(map(code, files.get(task.id, ()))) or 'not declared'}",
                *(f"- Delivers: {inline(thing)}" for thing in task.deliverables),
                *(f"- Step: {inline(step)}" for step in task.steps),
                *(f"- Criterion: {inline(text)}" for text in task.criteria),
            ]
    made: dict[str, str] = {}
    for one in pages(plan):
        waves = {wave_of[task.id] for task in one.tasks}
        text = paragraphs(
            [f"# {one.heading}: {inline(title(plan))}"],
            [one.about],
            *([sections[task.id] for task in one.tasks] or [["No task of this plan."]]),
            ["## Sync Points", *sync_lines(_mine(one, waves, points))],
        )
        made.setdefault(one.file, text)
    return made


def dates(days: Days, wave: int) -> str:
    """The first and the last day of a wave in words."""
    if wave not in days:
        return "open: the plan has no start date"
    first, end = days[wave]
    return f"{first.isoformat()} to {end.isoformat()}"


def sync_lines(points: Sequence[SyncPoint]) -> list[str]:
    """Each sync point with its moment, its participants and what lets them go on."""
    lines = []
    for point in points:
        facts = (
            f"wave {point.wave}" if point.wave else "",
            inline(point.trigger),
            inline(point.duration),
            f"with {', '.join(map(inline, point.participants))}" if point.participants else "",
            f"until {'; '.join(map(inline, point.criteria))}" if point.criteria else "",
        )
        lines.append(f"{plain(point.name)}: {', '.join(fact for fact in facts if fact)}".removesuffix(": "))
    return bullets(lines, "None")


def _mine(one: Page, waves: set[int], points: Sequence[SyncPoint]) -> list[SyncPoint]:
    """The sync points that name this team or its sessions, and those of its waves that name nobody; those of
    the whole plan that name no session but groups of people concern everybody."""
    names = {one.id, *one.also}
    return [
        point
        for point in points
        if not names.isdisjoint(point.participants)
        or (not point.wave and not _names_sessions(point))
        or (point.wave in waves and not point.participants)
    ]


def _names_sessions(point: SyncPoint) -> bool:
    return any(name.startswith("session_") for name in point.participants)
