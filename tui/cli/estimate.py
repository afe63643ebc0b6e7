"""`wavetree estimate`: say how long a task that has not started will take (M215)."""

from __future__ import annotations

import argparse

from engine import Estimate, parse_duration
from tui.cli.target import add_json, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("estimate", metavar="DURATION", help="such as `20 minutes`, `1-2 hours`")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree estimate PROJ-124 '15-20 minutes'")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Estimate(args.task, parse_duration(args.estimate), by()), as_json=args.json)
