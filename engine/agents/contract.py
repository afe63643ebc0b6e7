"""What a kind of agent is: how it is launched, and how its output lines are read.

One file per kind in this folder; `find` looks a kind up by the file's name, so adding one edits no list.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from engine.core.gauged import TaskError
from engine.core.outcomes import Report
from engine.core.plan import AgentSpec, Task


class Launch(Struct, frozen=True):
    """A command to start: an argument vector, and variables to add to the environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = {}


class Brief(Struct, frozen=True):
    """What an agent is told. `folder` is the attempt's own folder outside git; `prompt_file`,
    `result_file` and `inbox`, where messages to it come, lie in it; `worktree` is where it works."""

    task: Task
    spec: AgentSpec
    attempt: int
    worktree: Path
    folder: Path
    prompt: str
    prompt_file: Path
    result_file: Path
    inbox: Path


class Kind(Protocol):
    """A module of this folder with these three functions."""

    def launch(self, brief: Brief) -> Launch:
        """The command for this task. Raises UsageError when the plan lacks what this kind needs."""
        ...

    def report(self, line: str) -> Report | None:
        """What an output line says of progress, or None."""
        ...

    def failure(self, line: str) -> TaskError | None:
        """The typed failure that an output line states, or None."""
        ...
