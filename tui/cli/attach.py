"""`wavetree attach`: the screen on a run, from any terminal; or its stages as lines."""

from __future__ import annotations

import argparse
from importlib import import_module

from tui.cli.follow import look_on
from tui.cli.plain import talk
from tui.cli.show import open_screen
from tui.cli.target import add_json, client, examples


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", nargs="?", default="", metavar="RUN", help="default: the one that is going on, else the newest"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--headless", action="store_true", help="no screen: print the stages as lines")
    how.add_argument(
        "--plain", action="store_true", help="for screen readers: news as lines, commands typed in between"
    )
    add_json(parser)
    examples(
        parser,
        "wavetree attach",
        "wavetree attach r3",
        "wavetree attach --plain",
        "wavetree attach --headless --json | tail -1",
    )


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.plain:
        return talk(to, import_module("tui.__main__").main)
    return look_on(to, as_json=args.json) if args.headless else open_screen(to)
