"""`wavetree move`: a task that has not started goes to another wave, before that wave is approved (M215)."""

from __future__ import annotations

import argparse

from engine import Move
from tui.cli.target import add_json, add_note, add_run, by, client, examples, positive, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    parser.add_argument(
        "wave",
        nargs="?",
        type=positive,
        metavar="WAVE",
        help="its number; without it the task leaves its wave for a later one, a new one where none fits",
    )
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree move PROJ-124", "wavetree move PROJ-124 1 --note 'small enough after all'")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Move(args.task, args.wave or 0, by(), args.note), as_json=args.json)
