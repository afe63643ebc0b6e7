"""`wavetree pause`: stop tasks' processes where they are, so that they can go on."""

from __future__ import annotations

import argparse

from engine import Pause, UsageError
from tui.cli.target import add_json, add_run, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--all", action="store_true", help="every task that is not finished")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree pause PROJ-124", "wavetree pause --all")


def run(args: argparse.Namespace) -> int:
    if bool(args.tasks) == args.all:
        raise UsageError("name the tasks to pause, or --all", "wavetree pause --all")
    return send(client(args.run), Pause(tuple(args.tasks)), as_json=args.json)
