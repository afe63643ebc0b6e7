"""`wavetree attach`: the screen on a run, from any terminal."""

from __future__ import annotations

import argparse

from tui.cli.show import open_screen
from tui.cli.target import client, examples


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    examples(parser, "wavetree attach", "wavetree attach r3")


def run(args: argparse.Namespace) -> int:
    return open_screen(client(args.run))
