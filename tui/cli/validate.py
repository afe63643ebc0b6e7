"""`wavetree validate`: everything that is wrong with a plan, or a line that says what is in it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine import Fault, Plan, clean, critical_path, show_duration
from tui.cli.guard import as_data
from tui.cli.opening import add_config, settings_of, validated
from tui.measures import count

WRONG = 2


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "plans",
        metavar="PLAN",
        nargs="+",
        type=Path,
        help="a plan in YAML or JSON, - for standard input; several files make up one plan",
    )
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.epilog = (
        "example:\n"
        "  wavetree validate plan.yaml\n"
        "  plan.yaml:12: tasks[1].needs[0]: found 'api-desing'; accepted: the id of a task; "
        'did you mean "api-design"?\n\n'
        "exit codes: 0 the plan can run, 2 it cannot"
    )


def run(args: argparse.Namespace) -> int:
    """Print what was found; 0 when the plan can run, 2 when it cannot."""
    found = validated(args.plans, args, settings_of(args))
    errors, warnings = found.errors, found.warnings
    if args.strict:
        errors, warnings = (*errors, *warnings), ()
    plan = None if errors else found.plan
    kinds = [list(each) for each in found.kinds]
    if args.json:
        print(json.dumps({**_data(errors, warnings, found.plan), "kinds": kinds}))
    else:
        for line in _lines(errors, warnings, plan, _named(args.plans, kinds)):
            print(clean(line))
    return WRONG if plan is None else 0


def _named(paths: list[Path], kinds: list[list[str]]) -> str:
    """The files with what each of them holds: `tickets.yaml (tickets)`; a native plan needs no word."""
    held = [", ".join(kind for kind in each if kind != "plan") for each in kinds]
    held = held if len(kinds) == len(paths) else [""] * len(paths)
    names = ["<stdin>" if str(path) == "-" else str(path) for path in paths]
    return " ".join(f"{name} ({kind})" if kind else name for name, kind in zip(names, held, strict=True))


def _data(errors: tuple[Fault, ...], warnings: tuple[Fault, ...], plan: Plan | None) -> dict[str, object]:
    return {
        "errors": [as_data(fault) for fault in errors],
        "warnings": [as_data(fault) for fault in warnings],
        "tasks": len(plan.tasks) if plan else 0,
        "waves": len(plan.waves) if plan else 0,
        "plan": plan.name if plan else None,
    }


def _lines(
    errors: tuple[Fault, ...], warnings: tuple[Fault, ...], plan: Plan | None, named: str
) -> list[str]:
    lines = [str(fault) for fault in errors]
    lines += [str(Fault(f"warning: {each.message}", each.file, each.line, each.path)) for each in warnings]
    if plan is None:
        return [*lines, count(len(errors), "error")]
    if not plan.tasks:
        return [*lines, f"{named}: no tasks of its own; part of a plan"]
    about = f"{count(len(plan.tasks), 'task')} in {count(len(plan.waves), 'wave')}"
    path, seconds = critical_path(plan.tasks)
    critical = f"critical path {show_duration(seconds)}: {' -> '.join(path)}"
    return [*lines, f"{named}: {about}; {critical}"]
