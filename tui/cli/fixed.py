"""`wavetree fixed`: the cause of a task's failing test is put right; its queued retry starts (M170)."""

from __future__ import annotations

import argparse

from engine import Fixed
from tui.cli.retry import take_up
from tui.cli.target import add_json, add_note, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree fixed PROJ-124", "wavetree fixed PROJ-124 --note 'the server is up again'")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if not to.state.ended:
        return send(to, Fixed(args.task, by(), args.note), as_json=args.json)
    return take_up(to, args.task, as_json=args.json)
