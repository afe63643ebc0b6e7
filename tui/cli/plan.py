"""`wavetree plan`: a plan's waves, how long it should take, and what it waits for longest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace
from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from engine import (
    DEFAULT_ESTIMATE,
    EFFORT,
    Analysis,
    Mode,
    Plan,
    Task,
    UsageError,
    Validation,
    Wave,
    analyse,
    clean,
    documents,
    find_project,
    first_day,
    forecast,
    foresee,
    show_duration,
    show_span,
    team_assignments,
    teams,
    top_of_repository,
    wave_dates,
    whole_plan,
    write_documents,
)
from tui.cli.opening import OFF, ORDERED, add_agent, add_config, add_slots, settings_of, validated
from tui.cli.printing import cell, counted, risk, show
from tui.cli.target import add_json, examples, positive, say
from tui.layouts.milestones import milestones
from tui.layouts.resources import resources

STATE = "parallel-execution"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plans", metavar="PLAN", nargs="+", type=Path, help="several files make up one plan")
    add_slots(parser)
    parser.add_argument(
        "--effort",
        type=positive,
        default=0,
        metavar="N",
        help=f"schedules tried for each part of the plan; default: {EFFORT}, fewer for a large one",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another search")
    parser.add_argument(
        "--simplify", action="store_true", help="beside it a plan in which less runs together"
    )
    parser.add_argument("--milestones", action="store_true", help="a line for each wave's end, with its date")
    parser.add_argument("--start", type=_day, metavar="DATE", help="the first day, such as 2024-01-31")
    parser.add_argument("--resources", action="store_true", help="what is there, and who takes what of it")
    parser.add_argument("--project", metavar="NAME", help="write the five state files of this project")
    parser.add_argument(
        "--state-dir", metavar="DIR", help="where they go; default: wavetree/ in the git directory"
    )
    parser.add_argument("--docs", type=Path, metavar="DIR", help="write the strategy's documents there")
    parser.add_argument("--force", action="store_true", help="write over documents that are there")
    add_agent(parser)
    add_config(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree plan plan.yaml",
        "wavetree plan plan.yaml --slots 2 --json",
        "wavetree plan tickets.yaml --start 2024-01-01 --milestones",
        "wavetree plan execution-plan.json --project demo --docs out/",
    )


def run(args: argparse.Namespace) -> int:
    found = validated(args.plans, args, settings_of(args))
    plan = _as_asked(whole_plan(found), args)
    slots = plan.slots if found.sequential else args.slots or plan.slots
    plan = foresee(plan, top_of_repository(Path.cwd())).plan
    analysis = analyse(plan, slots, forecast(plan, slots, effort=args.effort, seed=args.seed))
    written = _written(args, plan, slots)
    warnings = [*([OFF] if found.sequential else []), *_warnings(found, analysis)]
    if args.json:
        say("", _data(analysis, warnings, written), as_json=True)
        return 0
    show([*_words(analysis, args), *_rest(warnings, written)])
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}; accepted: a date such as 2024-01-31") from None


def _as_asked(plan: Plan, args: argparse.Namespace) -> Plan:
    """The plan with its first day and name from the command line."""
    if args.start is not None:
        plan = replace(plan, start=args.start.isoformat())
    if args.project:
        context = {**plan.sections.get("project_context", {}), "project_name": args.project}
        plan = replace(plan, name=args.project, sections={**plan.sections, "project_context": context})
    if args.milestones and first_day(plan) is None:
        plan = replace(plan, start=datetime.now(UTC).astimezone().date().isoformat())
    return plan


def _written(args: argparse.Namespace, plan: Plan, slots: int) -> list[str]:
    """The files that were asked for beside, by their paths."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    paths: list[Path] = []
    if args.project:
        folder = _state_folder(args)
        _mine(folder, args)
        paths += write_documents(folder, documents(plan, ("state",), now, slots), force=True)
    if args.docs:
        paths += write_documents(args.docs, documents(plan, ("strategy",), now, slots), force=args.force)
    return [str(path) for path in paths]


def _state_folder(args: argparse.Namespace) -> Path:
    """Where the state of a project is kept (M025): below the git directory, or where the person says."""
    if args.state_dir:
        if Path(args.project).name != args.project:
            raise UsageError(f"{args.project!r} cannot be the name of a folder")
        named = args.state_dir.replace("[project-name]", args.project).replace("[project]", args.project)
        return Path(named) / STATE
    return find_project(Path.cwd()).home / STATE


def _mine(folder: Path, args: argparse.Namespace) -> None:
    """The state of one project is never written over that of another, unless that is asked for."""
    try:
        there = json.loads((folder / "execution-plan.json").read_text(encoding="utf-8"))
        owner = there["project_context"]["project_name"]
    except (OSError, ValueError, TypeError, KeyError):
        return
    if owner != args.project and not args.force:
        raise UsageError(
            f"{folder} has the state of the project {owner!r}",
            "use another --state-dir, or --force",
        )


def _warnings(found: Validation, analysis: Analysis) -> list[str]:
    silent = [task.id for task in analysis.plan.tasks if task.estimate is None and not task.complete]
    some = ", ".join(silent[:5]) + (f" and {len(silent) - 5} more" if len(silent) > 5 else "")
    return [
        *map(str, found.warnings),
        *([f"no estimate: {some}; each counts as {show_duration(DEFAULT_ESTIMATE)}"] if silent else []),
        *(f"{one.name}: {one.words}" for one in analysis.unfit if one.name not in ORDERED),
    ]


def _rest(warnings: list[str], written: list[str]) -> Iterator[RenderableType]:
    for path in written:
        yield cell(f"written: {path}")
    for warning in warnings:
        yield cell(f"warning: {warning}", "yellow")


def _words(analysis: Analysis, args: argparse.Namespace) -> Iterator[RenderableType]:
    plan, told = analysis.plan, analysis.forecast
    yield _tree(analysis)
    yield ""
    slots = f"{told.slots} slot{'' if told.slots == 1 else 's'}"
    saved = f"{show_duration(told.sequential)} one after the other ({told.saved:.0%} saved)"
    yield cell(f"about {show_duration(told.seconds)} on {slots}, {saved}{_proven(analysis)}", "bold")
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
    if args.simplify:
        yield ""
        yield from _simpler(analysis)
    if people := teams(plan):
        yield cell("teams: " + ", ".join(f"{team.id} {team.hours:g} hours a week" for team in people))
    if plan.sections:
        yield ""
        for one in analysis.quality:
            measured = "" if one.percent is None else f" {one.percent:.0f}%"
            yield cell(f"{one.name}:{measured} {one.verdict.value} ({one.words})")


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
        head.append_text(risk(_risk(analysis, wave)))
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


def _risk(analysis: Analysis, wave: Wave) -> str:
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


def _data(analysis: Analysis, warnings: list[str], written: list[str]) -> dict[str, object]:
    plan, told = analysis.plan, analysis.forecast
    days = wave_dates(plan, told)
    simpler = analysis.simpler
    return {
        "plan": plan.name,
        "slots": told.slots,
        "start_policy": plan.start_policy.value,
        "dependency_analysis_source": plan.analysis or None,
        "estimate_seconds": told.seconds,
        "sequential_seconds": told.sequential,
        "dependency_start_seconds": told.free_seconds,
        "barrier_seconds": told.barriers if plan.start_policy == "wave" else 0.0,
        "lower_bound_seconds": told.bound,
        "schedules": told.schedules,
        "order": list(told.order),
        "critical_path": list(told.critical),
        "critical_path_seconds": told.critical_seconds,
        "suitability": analysis.suitability.rating.value,
        "waves": [
            {
                "number": wave.number,
                "name": wave.name,
                "mode": wave.mode.value,
                "tasks": list(wave.tasks),
                "estimate_seconds": one.seconds,
                "risk": _risk(analysis, wave),
                "start_date": str(days[wave.number][0]) if wave.number in days else None,
                "end_date": str(days[wave.number][1]) if wave.number in days else None,
                "criteria": list(wave.criteria),
                "capacity_required": sum(plan.task(name).capacity for name in wave.tasks),
            }
            for wave, one in zip(plan.waves, told.waves, strict=True)
        ],
        "teams": {team.id: team.hours for team in teams(plan)},
        "assignments": {
            task: {"team": one.team, "score": round(one.score, 3), "why": one.why}
            for task, one in team_assignments(plan).items()
        },
        "simpler": None
        if simpler is None
        else {
            "reasons": list(simpler.reasons),
            "estimate_seconds": simpler.seconds,
            "waves": [{"tasks": list(wave.tasks), "mode": wave.mode.value} for wave in simpler.plan.waves],
        },
        "quality": [
            {"name": one.name, "percent": one.percent, "verdict": one.verdict.value, "words": one.words}
            for one in analysis.quality
        ],
        "written": written,
        "warnings": warnings,
    }
