"""`wavetree parallel`: run tickets by their ids, an epic, a sprint, or the priorities of a roadmap."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from engine import (
    OnConflict,
    Plan,
    UsageError,
    effective_slots,
    forecast,
    measured_machine,
    roadmap_candidates,
    select,
    separation,
    separation_result,
    sprint_pace,
    ticket_group,
    unfit,
)
from tui.cli.opening import ORDERED, add_agent, add_config, settings_of, tell
from tui.cli.run import add_options, launch
from tui.cli.target import examples, say
from tui.cli.ticket_files import add_files, plan_with
from tui.layouts.dependencies import dependencies
from tui.layouts.epic import epic
from tui.layouts.resources import resources
from tui.layouts.sprint import sprint, warnings
from tui.layouts.strategy import strategy
from tui.layouts.task_analysis import task_analysis
from tui.work import with_rule

CANNOT = "⚠️ Cannot parallelize, running sequentially"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help="tickets or priorities")
    parser.add_argument("--epic", default="", metavar="EPIC", help="all tickets of this epic")
    parser.add_argument("--sprint", default="", metavar="NAME", help="all tickets of this sprint, or current")
    parser.add_argument(
        "--with-dependencies",
        action="store_true",
        help="start each ticket as soon as what it needs is there, without waiting for its whole wave",
    )
    parser.add_argument(
        "--on-conflict",
        choices=[each.value for each in OnConflict],
        default="",
        help="tickets that declare the same file: only show it, put such pairs one by one, or all tickets; "
        "default: what the file says, else split",
    )
    add_files(parser)
    add_options(parser)
    add_agent(parser)
    add_config(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the plan, start nothing")
    examples(
        parser,
        "wavetree parallel PROJ-123 PROJ-124 PROJ-125 --dry-run",
        "wavetree parallel --sprint current --agent claude",
        "wavetree parallel --roadmap --slots 2",
    )


def run(args: argparse.Namespace) -> int:
    ids = _ids(args)
    if not (ids or args.epic or args.sprint or args.roadmap is not None):
        raise UsageError("name tickets, an epic, a sprint or a roadmap", "wavetree parallel --help")
    whole = with_rule(plan_with(ids, args, settings_of(args)), args.on_conflict)
    slots = effective_slots(whole, args.slots)
    chosen = ids if ids or args.epic or args.sprint else roadmap_candidates(whole, slots)
    if not (chosen or args.epic or args.sprint):
        raise UsageError("no priority of the roadmap is planned")
    plan = select(whole, chosen, args.epic, args.sprint, with_dependencies=args.with_dependencies)
    warned = _warnings(args, whole, plan, slots)
    for warning in warned:
        tell(warning)
    if args.dry_run:
        lines = [*_lines(args, whole, plan, slots), *_threads(args, plan, slots)]
        data = {**_data(args, whole, plan, slots), "warnings": warned}
        say("\n".join(lines), data, as_json=args.json)
        return 0
    if not args.json:
        print("\n".join([*_lines(args, whole, plan, slots), ""]), flush=True)
    return launch(args, plan, Path.cwd())


def _ids(args: argparse.Namespace) -> list[str]:
    """The ids; a number behind `--roadmap` is one too, not a file."""
    ids = [name.lstrip("#") for name in args.ids]
    if args.roadmap and args.roadmap.isdecimal():
        ids.insert(0, args.roadmap)
        args.roadmap = ""
    return ids


def _lines(args: argparse.Namespace, whole: Plan, plan: Plan, slots: int) -> Sequence[str]:
    """The layout for what was asked for."""
    if args.epic:
        return epic(plan, slots, ticket_group(whole, "epics", args.epic))
    if args.sprint:
        return sprint(plan, slots, ticket_group(whole, "sprints", args.sprint))
    if args.with_dependencies:
        return dependencies(plan, slots)
    whole_batch = plan.conflicts.on_conflict is OnConflict.SEQUENTIAL and separation(plan).conflicts
    return [*task_analysis(plan, slots), *([CANNOT] if whole_batch else [])]


def _threads(args: argparse.Namespace, plan: Plan, slots: int) -> Sequence[str]:
    """Of single tickets also their threads, and what these take when they say so."""
    if args.epic or args.sprint or args.with_dependencies:
        return []
    lines = ["", *strategy(plan, slots)]
    if not any(task.resources for task in plan.tasks):
        return lines
    return [*lines, "", *resources(replace(plan, machine=measured_machine(plan.machine)))]


def _warnings(args: argparse.Namespace, whole: Plan, plan: Plan, slots: int) -> list[str]:
    """Work of a kind that is not for running in parallel (M052), unless its order is what was asked for; and
    a sprint that takes longer than there is."""
    ordered = args.with_dependencies or args.epic or args.sprint
    found = [each for each in unfit(plan) if not (ordered and each.name in ORDERED)]
    said = [f"{each.name}: {each.words}" for each in found]
    if not args.sprint:
        return said
    return said + warnings(sprint_pace(plan, slots, ticket_group(whole, "sprints", args.sprint)))


def _data(args: argparse.Namespace, whole: Plan, plan: Plan, slots: int) -> dict[str, object]:
    told, apart = forecast(plan, slots), separation(plan)
    estimated = all(task.estimate is not None for task in plan.tasks if not task.complete)
    found: dict[str, object] = {
        "plan": plan.name,
        "slots": slots,
        "start_policy": plan.start_policy.value,
        "tasks": [task.id for task in plan.tasks],
        "complete": [task.id for task in plan.tasks if task.complete],
        "waves": [
            {"number": wave.number, "name": wave.name, "tasks": list(wave.tasks)} for wave in plan.waves
        ],
        "estimate_seconds": told.seconds if estimated else None,
        "sequential_seconds": told.sequential if estimated else None,
        "separation": separation_result(apart),
        "files_unknown": list(apart.unknown),
    }
    if args.sprint:
        pace = sprint_pace(plan, slots, ticket_group(whole, "sprints", args.sprint))
        found["sprint"] = {
            "points": pace.points,
            "days": pace.days,
            "days_left": pace.left,
            "buffer_days": pace.buffer,
        }
    return found
