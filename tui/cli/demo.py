"""`wavetree demo`: a throw-away repository, the example plan, simulated agents, the screen on."""

from __future__ import annotations

import argparse
import sys

from engine import load_plan
from tui.cli.run import add_options, launch
from tui.cli.target import examples
from tui.demo import DemoRepository, demo_plan


def add(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument("--keep", action="store_true", help="leave the throw-away repository behind")
    examples(parser, "wavetree demo", "wavetree demo --headless --auto-approve")


def run(args: argparse.Namespace) -> int:
    made = DemoRepository()
    tell = sys.stderr if args.json else sys.stdout
    print(f"a throw-away repository: {made.path}", file=tell)
    code = 1
    try:
        code = launch(args, load_plan(demo_plan()), made.path)
        return code
    finally:
        if args.keep or args.detach or code == 3 or made.live:
            print(f"kept: cd {made.path}", file=tell)
        else:
            made.remove()
