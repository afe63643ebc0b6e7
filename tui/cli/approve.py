"""`wavetree approve`: consent to a wave, or let one task's branch into the merge queue."""

from __future__ import annotations

import argparse

from engine import Approve, ApproveMerge, ApprovePoint, Review, in_review
from tui.cli.target import add_json, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", default="", metavar="WAVE|TASK|POINT", help="default: the wave that waits"
    )
    parser.add_argument("--as", dest="role", default="", metavar="ROLE", help="the role you approve in")
    parser.add_argument(
        "--digest", default="", help="refuse when the wave is not what this digest stands for"
    )
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree approve", "wavetree approve 2 --as architect", "wavetree approve PROJ-123")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if args.what in to.state.tasks and in_review(to.state.tasks[args.what]):
        return send(to, Review(args.what, by=by()), as_json=args.json)
    if args.what in to.state.tasks:
        return send(to, ApproveMerge(args.what, by()), as_json=args.json)
    if any(args.what in (point.id, point.name) for point in to.state.points):
        return send(to, ApprovePoint(args.what, by()), as_json=args.json)
    if args.what and not args.what.isdecimal():
        # the engine knows best why a name is no task of the run
        return send(to, ApproveMerge(args.what, by()), as_json=args.json)
    return send(to, Approve(int(args.what or 0), by(), args.role, args.digest), as_json=args.json)
