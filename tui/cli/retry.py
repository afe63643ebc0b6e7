"""`wavetree retry`: try a task once more, from what is merged by now; of one that runs the agent is ended."""

from __future__ import annotations

import argparse

from engine import Client, Phase, Refused, Resume, Retry, RunPhase, UsageError, resume_run
from tui.cli.target import add_json, add_note, add_run, by, client, examples, say, send

DEAD = (Phase.FAILED, Phase.BLOCKED, Phase.STOPPED)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", metavar="TASK")
    add_note(parser)
    add_run(parser)
    add_json(parser)
    examples(parser, "wavetree retry PROJ-124")


def run(args: argparse.Namespace) -> int:
    to = client(args.run)
    if not to.state.ended:
        return send(to, Retry(args.task, by(), args.note), as_json=args.json)
    return take_up(to, args.task, as_json=args.json)


def take_up(to: Client, name: str, *, as_json: bool) -> int:
    """A run that has ended is taken up again, and with it all that failed."""
    task = to.state.tasks.get(name)
    if task is None:
        raise UsageError(f"run {to.run} has no task {name!r}", f"tasks: {', '.join(to.state.tasks)}")
    if to.state.phase is RunPhase.DONE or task.phase not in DEAD:
        raise Refused(f"{name} is {task.phase.value}; only failed, stopped or blocked tasks are retried")
    again = [other.id for other in to.state.tasks.values() if other.phase in DEAD]
    resume_run(to.project, to.run, Resume(by(), to.state.auto_approve))
    words = f"run {to.run} goes on with {', '.join(again)}; look at it with: wavetree attach"
    say(words, {"ok": True, "run": to.run, "message": words, "tasks": again}, as_json=as_json)
    return 0
