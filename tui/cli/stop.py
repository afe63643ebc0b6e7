"""`wavetree stop`: end every agent, or the named ones, with all they started; the work stays."""

from __future__ import annotations

import argparse
import asyncio

from engine import Stop, StopTask
from tui.cli.target import add_json, add_run, by, client, examples, say, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="default: the whole run")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree stop", "wavetree stop PROJ-124")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if not args.tasks:
        return send(to, Stop(by()), as_json=args.json)
    said = [asyncio.run(to.send(StopTask(task))) for task in args.tasks]
    say("\n".join(said), {"ok": True, "run": to.run, "message": "; ".join(said)}, as_json=args.json)
    return 0
