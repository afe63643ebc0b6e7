"""`wavetree isolate`: let a task go on alone; it pauses nobody and is merged last, when a person says so."""

from __future__ import annotations

import argparse

from engine import Isolate
from tui.cli.target import add_json, add_note, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree isolate PROJ-124 --note 'another approach, to be looked at last'")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Isolate(args.task, by(), args.note), as_json=args.json)
