"""`wavetree release`: a task is isolated no longer, or waits for no other as serialized."""

from __future__ import annotations

import argparse

from engine import Release
from tui.cli.target import add_json, add_note, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree release PROJ-124")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Release(args.task, by(), args.note), as_json=args.json)
