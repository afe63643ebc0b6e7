"""Which repository, which run, who is asking: what every command about a run begins with."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from engine import Client, Command, EngineGone, Refused, RunPhase, current_run, find_project, moment, resuming
from tui.person import name, role

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print data for a script instead of words")


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="RUN", default="", help="another run than the newest, such as r3")


def add_note(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--note", metavar="TEXT", default="", help="why, for the record of the run")


def add_role(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="role", metavar="ROLE", default="", help="the role you decide in; default: config role"
    )


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    if not text.isdecimal() or not 0 < len(text) < 10 or not int(text):
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}; accepted: a whole number, 1 or more")
    return int(text)


def client(run: str = "", as_: str = "") -> Client:
    """A client of that run of the repository the person stands in; by default of the run that is going on,
    else of the newest. The person decides in the role `as_`, by default in the one they have chosen."""
    project = find_project(Path.cwd())
    return Client(project, run or current_run(project), as_ or role())


def ask(to: Client, *commands: Command) -> str:
    """Have the run's engine carry out the commands; its acknowledgements. A run that has ended is taken up
    where the first command can do that. Raises Refused where it cannot, EngineGone when its engine is
    gone."""
    if resume := resuming(to.state, commands[0], to.role):
        to.take_up(resume)
        return f"run {to.run} goes on"
    if to.state.ended:
        over = to.state.phase is RunPhase.DONE
        word = to.state.phase.value
        raise Refused(f"run {to.run} has ended ({word})", "wavetree run PLAN" if over else "wavetree resume")
    try:
        return "\n".join([asyncio.run(to.send(command)) for command in commands])
    except EngineGone as error:
        if _has_ended(to):
            word = to.state.phase.value
            raise Refused(f"run {to.run} has just ended ({word})", "wavetree status") from error
        raise EngineGone(f"the engine of run {to.run} is gone", f"wavetree resume {to.run}") from error


def _has_ended(to: Client) -> bool:
    to.refresh()
    return to.state.ended


def send(to: Client, *commands: Command, as_json: bool = False) -> int:
    """Send commands, print their acknowledgements, and return the exit code."""
    said = ask(to, *commands)
    say(said, {"ok": True, "run": to.run, "message": said}, as_json=as_json)
    return 0


def say(words: str, data: Mapping[str, object] | list[object], *, as_json: bool) -> None:
    """Print words for a person, or data for a script."""
    print(json.dumps(data) if as_json else words)


def now() -> str:
    """The moment as documents write it, such as `2024-01-31T12:00:00Z`."""
    return moment(time.time())


def by() -> str:
    """The name that a decision is signed with."""
    return name()


def examples(parser: argparse.ArgumentParser, *lines: str) -> None:
    """Put examples under a command's help."""
    shown = "\n".join(f"  {line}" for line in lines)
    parser.epilog = f"example{'s' if len(lines) > 1 else ''}:\n{shown}"
