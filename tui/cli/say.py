"""`wavetree say`: write to the agent of a task; it finds the text in its inbox (M151)."""

from __future__ import annotations

import argparse

from engine import Say, UsageError
from tui.cli.target import add_json, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", nargs="?", default="", metavar="TASK", help="left out with --all")
    parser.add_argument("text", nargs="*", metavar="TEXT")
    parser.add_argument("--all", action="store_true", help="to every agent")
    add_run(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree say PROJ-124 'use the new endpoint of PROJ-123'",
        "wavetree say --all 'the API is frozen'",
    )


def run(args: argparse.Namespace) -> int:
    words = [args.task, *args.text] if args.all else args.text
    text = " ".join(filter(None, words))
    if not text or not (args.all or args.task):
        raise UsageError("name a task and what to tell it", "wavetree say TASK TEXT")
    return send(client(args.run), Say("all" if args.all else args.task, text, by()), as_json=args.json)
