"""`wavetree export`: a plan as any of the documents that teams keep."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import DOCUMENT_FORMATS, UsageError, clean, documents, write_documents
from tui.cli.opening import add_agent, add_config, add_slots, opened, settings_of
from tui.cli.target import add_json, examples, now, say


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plans", metavar="PLAN", nargs="+", type=Path, help="several files make up one plan")
    parser.add_argument(
        "-f",
        "--format",
        action="append",
        default=[],
        choices=tuple(DOCUMENT_FORMATS),
        metavar="FORMAT",
        help="one of those below, again for another one; default: all",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="the folder to write into")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    add_slots(parser)
    add_agent(parser)
    add_config(parser)
    add_json(parser)
    examples(
        parser,
        "wavetree export plan.yaml -o out/",
        "wavetree export plan.yaml --format execution-plan > execution-plan.json",
        "gh issue list --json number,title,body,labels,state | wavetree export - --format plan > plan.yaml",
    )
    width = max(map(len, DOCUMENT_FORMATS))
    rows = "\n".join(f"  {name:<{width}}  {about}" for name, (about, _) in DOCUMENT_FORMATS.items())
    parser.epilog = f"{parser.epilog}\n\nformats:\n{rows}"


def run(args: argparse.Namespace) -> int:
    plan = opened(args.plans, args, settings_of(args))
    found = documents(plan, tuple(args.format), now(), args.slots)
    if args.output is not None:
        written = [str(path) for path in write_documents(args.output, found, force=args.force)]
        say(clean("\n".join(written), lines=True), {"written": written}, as_json=args.json)
        return 0
    if len(found) > 1 and not args.json:
        raise UsageError(f"{len(found)} documents need a folder", "name one with -o DIR")
    if args.json:
        say("", dict(found), as_json=True)
        return 0
    (text,) = found.values()
    sys.stdout.write(text)
    return 0
