"""`wavetree resume`: bring back a run that was interrupted, stopped, or ended with failures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import DONE, Client, Phase, Refused, Resume, RunPhase, find_project, resume_run
from tui.cli.follow import follow
from tui.cli.show import open_screen
from tui.cli.target import add_json, by, examples, say
from tui.person import role

FINISHED = DONE | {Phase.COMPLETE, Phase.MERGING}
"""No agent is started for these again; what is not merged yet only waits for that."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest")
    parser.add_argument("--headless", action="store_true", help="no screen: print the stages as lines")
    parser.add_argument("--detach", action="store_true", help="start the engine and return at once")
    parser.add_argument("--auto-approve", action="store_true", help="let every wave start without asking")
    add_json(parser)
    examples(parser, "wavetree resume", "wavetree resume r3 --headless")


def run(args: argparse.Namespace) -> int:
    project = find_project(Path.cwd())
    client = Client(project, args.run or project.latest(), role())
    if pid := client.engine_pid:
        raise Refused(f"run {client.run} is going on (engine process {pid})", "wavetree attach")
    if client.state.phase is RunPhase.DONE:
        raise Refused(f"run {client.run} is done; nothing is left to resume", "wavetree run PLAN")
    _skipped(client)
    resume_run(project, client.run, Resume(by(), args.auto_approve, role=client.role))
    client.refresh()
    if args.detach:
        say(
            f"run {client.run} goes on",
            {"run": client.run, "engine_pid": client.engine_pid},
            as_json=args.json,
        )
        return 0
    if args.headless or not sys.stdout.isatty():
        return follow(client, as_json=args.json)
    return open_screen(client)


def _skipped(client: Client) -> None:
    done = [task.id for task in client.state.tasks.values() if task.phase in FINISHED]
    if done:
        print(f"complete already, skipping: {', '.join(done)}", file=sys.stderr)
