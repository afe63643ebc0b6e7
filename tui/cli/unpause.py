"""`wavetree unpause`: let paused tasks go on; without a name, all of them."""

from __future__ import annotations

import argparse

from engine import Unpause
from tui.cli.target import add_json, add_run, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--all", action="store_true", help="every paused task (the default)")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree unpause PROJ-124", "wavetree unpause")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Unpause(tuple(args.tasks)), as_json=args.json)
