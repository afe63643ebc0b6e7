"""`wavetree suggest`: open tickets or priorities that could run in parallel now (M069)."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from engine import clean, engine_at_work, find_project, suggestion
from tui.cli.opening import add_config, settings_of
from tui.cli.target import add_json, examples, say
from tui.cli.ticket_files import add_files, plan_with

FEWEST = 2


def add(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_config(parser)
    add_json(parser)
    examples(parser, "wavetree suggest", "wavetree suggest --tickets tickets.yaml --json")


def run(args: argparse.Namespace) -> int:
    if pid := engine_at_work(find_project(Path.cwd())):
        return _nothing(f"a run is going on (engine process {pid})", args)
    plan = plan_with([], args, settings_of(args))
    found = suggestion(plan)
    if len(found) < FEWEST:
        return _nothing("fewer than two open tasks could run side by side", args)
    command = f"wavetree parallel {' '.join(found)}{_where(args)}"
    lines = [f"{len(found)} tasks could run in parallel now:"]
    lines += [f"  {name}  {plan.task(name).title}".rstrip() for name in found]
    say(
        clean("\n".join([*lines, f"start them: {command}"]), lines=True),
        {"tasks": list(found), "command": command},
        as_json=args.json,
    )
    return 0


def _nothing(why: str, args: argparse.Namespace) -> int:
    say(f"nothing to suggest: {why}", {"tasks": [], "command": None}, as_json=args.json)
    return 0


def _where(args: argparse.Namespace) -> str:
    """What was typed to name the file, for the command that starts the tasks."""
    if args.tickets is not None:
        return f" --tickets {shlex.quote(str(args.tickets))}"
    if args.roadmap is None:
        return ""
    return f" --roadmap {shlex.quote(args.roadmap)}" if args.roadmap else " --roadmap"
