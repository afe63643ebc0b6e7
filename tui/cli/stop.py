"""`wavetree stop`: end every agent, or the named ones, with all they started; the work stays."""

from __future__ import annotations

import argparse

from engine import Resume, Stop, StopTask, engine_at_work, resume_run
from tui.cli.target import add_json, add_run, by, client, examples, send


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="default: the whole run")
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree stop", "wavetree stop PROJ-124")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if not to.state.ended and not to.engine_alive:
        # its agents outlive an engine that was killed: a new one finds and ends them
        resume_run(to.project, to.run, Resume(by()))
    each = (StopTask(task) for task in args.tasks)
    code = send(to, *(each if args.tasks else [Stop(by())]), as_json=args.json)
    if not args.tasks:
        engine_at_work(to.project)
    return code
