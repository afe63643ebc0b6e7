"""`wavetree run`: preflight, then the run, with the screen or without."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import Client, Options, Plan, Ready, find_project, load_plan, preflight, start_run
from tui.cli.follow import follow
from tui.cli.show import open_screen, wave_table
from tui.cli.target import add_json, examples, positive, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help="a plan in YAML or JSON")
    add_options(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, show the waves, start nothing"
    )
    examples(
        parser,
        "wavetree run plan.yaml",
        "wavetree run plan.yaml --headless --auto-approve --json | tail -1",
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options `run` and `demo` share."""
    parser.add_argument("--headless", action="store_true", help="no screen: print the stages as lines")
    parser.add_argument("--detach", action="store_true", help="start the run and return at once")
    parser.add_argument("--auto-approve", action="store_true", help="let every wave start without asking")
    parser.add_argument("--slots", type=positive, default=0, metavar="N", help="sessions alive at once")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    plan = load_plan(Path(args.plan))
    return launch(args, plan, Path.cwd())


def launch(args: argparse.Namespace, plan: Plan, where: Path) -> int:
    """Check, start and show a run of `plan` in the repository around `where`."""
    project = find_project(where)
    ready = preflight(project, plan, where)
    for warning in ready.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if getattr(args, "dry_run", False):
        return _dry(plan, ready, as_json=args.json)
    run = start_run(project, plan, ready, Options(args.slots, args.auto_approve))
    client = Client(project, run)
    if args.detach:
        words = f"run {run} is going on; look at it with: wavetree attach"
        say(words, {"run": run, "engine_pid": client.engine_pid}, as_json=args.json)
        return 0
    if args.headless or not sys.stdout.isatty():
        return follow(client, as_json=args.json)
    return open_screen(client)


def _dry(plan: Plan, ready: Ready, *, as_json: bool) -> int:
    waves: list[object] = [
        {"number": wave.number, "name": wave.name, "mode": wave.mode.value, "tasks": list(wave.tasks)}
        for wave in plan.waves
    ]
    say(
        f"ready to run on {ready.base} at {ready.base_sha[:12]}; nothing was started\n{wave_table(plan)}",
        {"base": ready.base, "base_sha": ready.base_sha, "waves": waves, "warnings": list(ready.warnings)},
        as_json=as_json,
    )
    return 0
