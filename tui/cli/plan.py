"""`wavetree plan`: a plan's waves, how long it should take, and what it waits for longest."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from msgspec.structs import replace
from rich.console import RenderableType

from engine import (
    DEFAULT_ESTIMATE,
    EFFORT,
    STATE_FOLDER,
    Analysis,
    Plan,
    UsageError,
    Validation,
    analyse,
    clashes,
    computed_waves,
    documents,
    few,
    find_project,
    first_day,
    forecast,
    foresee,
    plan_owner,
    show_duration,
    team_assignments,
    teams,
    top_of_repository,
    wave_dates,
    wave_risks,
    whole_plan,
    write_documents,
)
from tui.cli.opening import OFF, ORDERED, add_agent, add_config, add_slots, settings_of, validated
from tui.cli.plan_words import wave_risk, words
from tui.cli.printing import cell, show
from tui.cli.target import add_json, examples, now, positive, say
from tui.layouts.schedule import schedule_data


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
    parser.add_argument("--schedule", action="store_true", help="the meetings and when each is next held")
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
    if found.unordered is not None:
        _offer(found.unordered, args)
    plan = _as_asked(whole_plan(found), args)
    slots = plan.slots if found.sequential else args.slots or plan.slots
    plan = foresee(plan, top_of_repository(Path.cwd())).plan
    analysis = analyse(plan, slots, forecast(plan, slots, effort=args.effort, seed=args.seed))
    written = _written(args, plan, slots)
    warnings = [*([OFF] if found.sequential else []), *_warnings(found, analysis)]
    if args.json:
        say("", _data(analysis, warnings, written), as_json=True)
        return 0
    show([*words(analysis, args), *_rest(warnings, written)])
    return 0


def _offer(broken: Plan, args: argparse.Namespace) -> None:
    """Of a plan whose waves break its own needs: what they would clash in, and the waves that would do."""
    if args.json:
        return
    risks = [
        f"wave {one.wave} would be of high risk: {', '.join(one.files)}"
        for one in wave_risks(broken, clashes(broken))
        if one.level == "high"
    ]
    valid = replace(broken, waves=computed_waves(broken))
    told = forecast(valid, args.slots)
    lines = [
        *risks,
        "these waves break needs, see below; a simpler plan, with waves computed from the needs:",
    ]
    lines += [f"  wave {wave.number}: {', '.join(wave.tasks)}" for wave in valid.waves]
    show(cell(line) for line in [*lines, f"  about {show_duration(told.seconds)} on {told.slots} slots"])


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
        plan = replace(plan, start=date.today().isoformat())
    return plan


def _written(args: argparse.Namespace, plan: Plan, slots: int) -> list[str]:
    """The files that were asked for beside, by their paths."""
    paths: list[Path] = []
    if args.project:
        folder = _state_folder(args)
        _mine(folder, args)
        paths += write_documents(folder, documents(plan, ("state",), now(), slots), force=True)
    if args.docs:
        paths += write_documents(args.docs, documents(plan, ("strategy",), now(), slots), force=args.force)
    return [str(path) for path in paths]


def _state_folder(args: argparse.Namespace) -> Path:
    """Where the state of a project is kept (M025): below the git directory, or where the person says."""
    if args.state_dir:
        if Path(args.project).name != args.project:
            raise UsageError(f"{args.project!r} cannot be the name of a folder")
        named = args.state_dir.replace("[project-name]", args.project).replace("[project]", args.project)
        return Path(named) / STATE_FOLDER
    return find_project(Path.cwd()).home / STATE_FOLDER


def _mine(folder: Path, args: argparse.Namespace) -> None:
    """The state of one project is never written over that of another, unless that is asked for."""
    owner = plan_owner(folder)
    if owner not in ("", args.project) and not args.force:
        raise UsageError(
            f"{folder} has the state of the project {owner!r}",
            "use another --state-dir, or --force",
        )


def _warnings(found: Validation, analysis: Analysis) -> list[str]:
    silent = [task.id for task in analysis.plan.tasks if task.estimate is None and not task.complete]
    some = few(silent, 5)
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


def _data(analysis: Analysis, warnings: list[str], written: list[str]) -> dict[str, object]:
    plan, told = analysis.plan, analysis.forecast
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
        "waves": _waves(analysis),
        "schedule": schedule_data(plan, datetime.now()),
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


def _waves(analysis: Analysis) -> list[dict[str, object]]:
    plan, told = analysis.plan, analysis.forecast
    days = wave_dates(plan, told)
    return [
        {
            "number": wave.number,
            "name": wave.name,
            "mode": wave.mode.value,
            "tasks": list(wave.tasks),
            "estimate_seconds": one.seconds,
            "risk": wave_risk(analysis, wave),
            "start_date": str(days[wave.number][0]) if wave.number in days else None,
            "end_date": str(days[wave.number][1]) if wave.number in days else None,
            "criteria": list(wave.criteria),
            "capacity_required": sum(plan.task(name).capacity for name in wave.tasks),
        }
        for wave, one in zip(plan.waves, told.waves, strict=True)
    ]
