"""`wavetree slots`: how many sessions may be alive at once."""

from __future__ import annotations

import argparse

from engine import SetSlots
from tui.cli.target import add_json, add_run, client, examples, positive, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slots", type=positive, metavar="N")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree slots 2")


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), SetSlots(args.slots), as_json=args.json)
