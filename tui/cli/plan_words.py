"""A plan in words: its waves as a tree, how long it takes, what barriers cost, what fits it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from engine import (
    Analysis,
    Mode,
    Task,
    Wave,
    clean,
    show_duration,
    show_span,
    team_assignments,
    teams,
    wave_dates,
)
from tui.cli.printing import cell, counted, criterion, risk
from tui.layouts.milestones import milestones
from tui.layouts.resources import resources
from tui.layouts.schedule import schedule
from tui.measures import count


def words(analysis: Analysis, args: argparse.Namespace) -> Iterator[RenderableType]:
    """The plan, and what was asked for beside it."""
    plan, told = analysis.plan, analysis.forecast
    yield _tree(analysis)
    yield ""
    saved = f"{show_duration(told.sequential)} one after the other ({told.saved:.0%} saved)"
    yield cell(
        f"about {show_duration(told.seconds)} on {count(told.slots, 'slot')}, {saved}{_proven(analysis)}",
        "bold",
    )
    yield cell(f"critical path {show_duration(told.critical_seconds)}: {' -> '.join(told.critical)}")
    yield cell(_barriers(analysis))
    fit = analysis.suitability
    yield cell(f"suitability for parallel work: {fit.rating.value} ({'; '.join(fit.reasons)})")
    if args.milestones:
        yield ""
        yield from map(cell, milestones(plan, wave_dates(plan, told)))
    if args.resources:
        yield ""
        yield from map(cell, resources(plan))
    if args.schedule:
        yield ""
        yield from map(cell, schedule(plan, datetime.now()))
    if args.simplify:
        yield ""
        yield from _simpler(analysis)
    if people := teams(plan):
        yield cell("teams: " + ", ".join(f"{team.id} {team.hours:g} hours a week" for team in people))
    if plan.sections:
        yield ""
        yield from map(criterion, analysis.quality)


def _proven(analysis: Analysis) -> str:
    told = analysis.forecast
    if told.seconds <= told.bound + 1e-6:
        return "; no order is shorter"
    return f"; the shortest of {told.schedules} orders tried, none can be below {show_duration(told.bound)}"


def _barriers(analysis: Analysis) -> str:
    """What waiting for whole waves costs, beside the start by needs."""
    told = analysis.forecast
    free = f"{show_duration(told.free_seconds)} where each task waits only for its own needs"
    if analysis.plan.start_policy == "dependency" or len(told.waves) < 2:
        return f"no barriers: {free}"
    share = f", {told.barriers / told.free_seconds:.0%} more" if told.free_seconds else ""
    return f"wave barriers cost {told.barriers / 60:.4g} minutes{share}: {free} (start_policy: dependency)"


def _tree(analysis: Analysis) -> Tree:
    plan, told = analysis.plan, analysis.forecast
    days = wave_dates(plan, told)
    assigned = team_assignments(plan)
    tree = Tree(cell(f"{plan.name}: {counted(plan)}", "bold"))
    for wave, one, level in zip(plan.waves, told.waves, analysis.waves, strict=True):
        mode = {Mode.SEQUENTIAL: ", one at a time", Mode.INTEGRATION: ", integration"}.get(wave.mode, "")
        name = "" if wave.name == f"Wave {wave.number}" else f"  {wave.name}"
        head = cell(f"wave {wave.number}{name}{mode}  {show_duration(one.seconds)}, conflict risk ", "bold")
        head.append_text(risk(wave_risk(analysis, wave)))
        if (crowd := _crowd(analysis, wave)) > 1:
            head.append_text(cell(f", {crowd} tasks for {told.slots} slots", "yellow"))
        if level.files:
            head.append_text(cell(f" ({', '.join(level.files)})"))
        if wave.number in days:
            head.append_text(cell(f"  {days[wave.number][0]} to {days[wave.number][1]}", "dim"))
        branch = tree.add(head)
        for task in map(plan.task, wave.tasks):
            branch.add(_task(task, assigned[task.id].team if task.id in assigned else ""))
    return tree


def _crowd(analysis: Analysis, wave: Wave) -> int:
    """How many tasks a parallel wave has when they are more than the slots, else 0."""
    many = sum(not analysis.plan.task(name).complete for name in wave.tasks)
    return many if many > analysis.forecast.slots and wave.mode is not Mode.SEQUENTIAL else 0


def _task(task: Task, team: str) -> Text:
    needs = ", ".join(need.task + (f" ({need.milestone})" if need.milestone else "") for need in task.needs)
    parts = [task.title, show_span(task.estimate) if task.estimate else "", f"needs {needs}" if needs else ""]
    parts += [team, "complete" if task.complete else ""]
    line = cell(f"{task.id:<18} ", "dim" if task.complete else "")
    return line.append_text(cell(" · ".join(clean(part) for part in parts if part), "dim"))


def wave_risk(analysis: Analysis, wave: Wave) -> str:
    """The level of a wave; `unknown` where it would be low but not all files are known."""
    level = analysis.waves[wave.number - 1].level.value
    several = sum(not analysis.plan.task(name).complete for name in wave.tasks) > 1
    return "unknown" if level == "low" and several and set(wave.tasks) & set(analysis.unknown) else level


def _simpler(analysis: Analysis) -> Iterator[Text]:
    offer = analysis.simpler
    if offer is None:
        yield cell("no simpler plan is needed: no wave is of high risk, and the waves are wide enough")
        return
    yield cell(f"a simpler plan, because {'; '.join(offer.reasons)}:", "bold")
    for wave in offer.plan.waves:
        mode = " one at a time" if wave.mode is Mode.SEQUENTIAL else ""
        yield cell(f"  wave {wave.number}{mode}: {', '.join(wave.tasks)}")
    yield cell(f"  {show_duration(offer.seconds)} instead of {show_duration(offer.seconds_before)}")
