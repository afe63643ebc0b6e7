"""`wavetree attach`: the screen on a run, from any terminal; or its stages as lines."""

from __future__ import annotations

import argparse

from tui.cli.follow import look_on
from tui.cli.show import open_screen
from tui.cli.target import add_json, client, examples


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", nargs="?", default="", metavar="RUN", help="default: the one that is going on, else the newest"
    )
    parser.add_argument("--headless", action="store_true", help="no screen: print the stages as lines")
    add_json(parser)
    examples(parser, "wavetree attach", "wavetree attach r3", "wavetree attach --headless --json | tail -1")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    return look_on(to, as_json=args.json) if args.headless else open_screen(to)
