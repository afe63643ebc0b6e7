"""`wavetree retry`: try a failed, stopped or blocked task once more, from what is merged by now."""

from __future__ import annotations

import argparse

from engine import Retry
from tui.cli.target import add_json, add_run, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree retry PROJ-124")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Retry(args.task), as_json=args.json)
