"""`wavetree run`: preflight, then the run, with the screen or without."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from msgspec.structs import replace

from engine import (
    Client,
    Mode,
    Options,
    Plan,
    Ready,
    StartPolicy,
    clashes,
    effective_slots,
    find_project,
    forecast,
    preflight,
    show_duration,
    start_run,
    unfit,
    wave_risks,
    without_agent,
)
from tui.cli.follow import follow
from tui.cli.opening import ORDERED, add_agent, add_config, add_slots, opened, settings_of, tell
from tui.cli.show import open_screen, wave_table
from tui.cli.target import add_json, examples, say
from tui.measures import count
from tui.person import role

SEQUENTIAL = "no two tasks can run at once: running sequentially"
MANY = 3
"""Sessions at once above which it is warned (D01)."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "plans",
        metavar="PLAN",
        nargs="+",
        type=Path,
        help="a plan in YAML or JSON; several files make up one plan",
    )
    add_options(parser)
    add_agent(parser)
    add_config(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, show the waves, start nothing"
    )
    examples(
        parser,
        "wavetree run plan.yaml",
        "wavetree run plan.yaml --headless --auto-approve --json | tail -1",
        "wavetree run dependencies.yaml conflicts.yaml --agent claude --dry-run",
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that all commands share which start a run."""
    parser.add_argument("--headless", action="store_true", help="no screen: print the stages as lines")
    parser.add_argument("--detach", action="store_true", help="start the run and return at once")
    parser.add_argument("--auto-approve", action="store_true", help="let every wave start without asking")
    parser.add_argument(
        "--dirty", action="store_true", help="start although there are uncommitted changes, without them"
    )
    add_slots(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    return launch(args, opened(args.plans, args, settings_of(args)), Path.cwd())


def launch(args: argparse.Namespace, plan: Plan, where: Path, log: Path | None = None) -> int:
    """Check, start and show a run of `plan` in the repository around `where`; `log` is its implementation log
    when it is not the repository's own."""
    dry = bool(getattr(args, "dry_run", False))
    project = find_project(where)
    ready = preflight(project, _with_somebody(plan) if dry else plan, where, dirty=dry or args.dirty)
    for warning in (*ready.warnings, *_unwise(plan)):
        tell(warning)
    if effective_slots(plan, args.slots) < 2 or not _side_by_side(plan):
        print(SEQUENTIAL, file=sys.stderr)
    if args.slots > MANY:
        tell(f"{args.slots} agents at once: beyond {MANY} the gain shrinks and the machine is under pressure")
    if dry:
        return _dry(plan, ready, args.slots, as_json=args.json)
    run = start_run(project, plan, ready, Options(args.slots, args.auto_approve, log))
    client = Client(project, run, role())
    if args.detach:
        words = f"run {run} is going on; look at it with: wavetree attach"
        say(words, {"run": run, "engine_pid": client.engine_pid}, as_json=args.json)
        return 0
    if args.headless or not sys.stdout.isatty():
        return follow(client, as_json=args.json)
    return open_screen(client)


def _side_by_side(plan: Plan) -> bool:
    """Whether any two of the plan's open tasks may run at once."""
    open_ = {task.id for task in plan.tasks if not task.complete}
    if plan.start_policy is StartPolicy.DEPENDENCY:
        return len(open_) > 1
    together = [wave.tasks for wave in plan.waves if wave.mode is not Mode.SEQUENTIAL]
    return any(len(open_.intersection(names)) > 1 for names in together)


def _unwise(plan: Plan) -> list[str]:
    """What a person should think about before these tasks run side by side (M052)."""
    found = clashes(plan)
    words = [f"{one.name}: {one.words}" for one in unfit(plan) if one.name not in ORDERED]
    return words + [
        f"wave {one.wave} is of high risk: {', '.join(one.files)}; see wavetree analyze"
        for one in wave_risks(plan, found)
        if one.level == "high"
    ]


def _with_somebody(plan: Plan) -> Plan:
    """The plan with somebody for each task: a dry run does not ask yet who does them."""
    nobody = without_agent(plan)
    return replace(
        plan,
        draft=False,
        tasks=tuple(replace(task, agent="shell") if task.id in nobody else task for task in plan.tasks),
    )


def _dry(plan: Plan, ready: Ready, slots: int, *, as_json: bool) -> int:
    told = forecast(plan, slots)
    nobody = without_agent(plan)
    waves: list[object] = [
        {
            "number": wave.number,
            "name": wave.name,
            "mode": wave.mode.value,
            "tasks": list(wave.tasks),
            "estimate_seconds": one.seconds,
        }
        for wave, one in zip(plan.waves, told.waves, strict=True)
    ]
    state = "not ready, nobody does some tasks" if nobody else "ready to run"
    lines = [f"{state}, on {ready.base} at {ready.base_sha[:12]}; nothing was started", wave_table(plan)]
    lines += [f"wave {one.number}: about {show_duration(one.seconds)}" for one in told.waves]
    ran = f"{count(len(plan.readiness), 'command')} succeeded" if plan.readiness else "skipped, no commands"
    lines += [f"readiness: {ran}"]
    lines += [f"about {show_duration(told.seconds)} on {count(told.slots, 'slot')}"]
    if nobody:
        lines += [f"nobody does {', '.join(nobody)} yet: name an agent with --agent"]
    data = {
        "base": ready.base,
        "base_sha": ready.base_sha,
        "waves": waves,
        "slots": told.slots,
        "estimate_seconds": told.seconds,
        "without_agent": list(nobody),
        "warnings": list(ready.warnings),
    }
    say("\n".join(lines), data, as_json=as_json)
    return 0
