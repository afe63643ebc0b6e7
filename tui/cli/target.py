"""Which repository, which run, who is asking: what every command about a run begins with."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING

from engine import Client, Command, find_project

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print data for a script instead of words")


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="RUN", default="", help="another run than the newest, such as r3")


def client(run: str = "") -> Client:
    """A client of that run, or of the newest, of the repository the person stands in."""
    project = find_project(Path.cwd())
    return Client(project, run or project.latest())


def send(to: Client, command: Command, *, as_json: bool = False) -> int:
    """Send a command, print its acknowledgement, and return the exit code."""
    said = asyncio.run(to.send(command))
    say(said, {"ok": True, "run": to.run, "message": said}, as_json=as_json)
    return 0


def say(words: str, data: Mapping[str, object] | list[object], *, as_json: bool) -> None:
    """Print words for a person, or data for a script."""
    print(json.dumps(data) if as_json else words)


def by() -> str:
    """The name an approval is signed with."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def examples(parser: argparse.ArgumentParser, *lines: str) -> None:
    """Put examples under a command's help."""
    shown = "\n".join(f"  {line}" for line in lines)
    parser.epilog = f"example{'s' if len(lines) > 1 else ''}:\n{shown}"
