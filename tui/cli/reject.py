"""`wavetree reject`: refuse a wave; the run stops and can be resumed."""

from __future__ import annotations

import argparse

from engine import Reject
from tui.cli.target import add_json, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "wave", nargs="?", type=int, default=0, metavar="WAVE", help="default: the one that waits"
    )
    parser.add_argument("--reason", default="", help="why, for the record")
    add_run(parser)
    add_json(parser)
    examples(parser, 'wavetree reject 2 --reason "split the migration first"')


def run(args: argparse.Namespace) -> int:
    return send(client(args.run), Reject(args.wave, by(), args.reason), as_json=args.json)
