"""What an executor does: start a job under a shim, find it again, stop, continue and end its whole tree.

A job is one command with its own folder (`Job.folder`), and the folder is the record: `pid.json`,
`exit.json`, `out.log` and `tmp/` are there or not whatever became of the engine that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Job(Struct, frozen=True):
    """A command to run detached. `mark` is unique to run, task, attempt and kind of job; every process of
    the job carries it as WAVETREE_MARK in its environment. `argv` is never passed through a shell."""

    mark: str
    argv: tuple[str, ...]
    cwd: Path
    folder: Path
    env: Mapping[str, str] = {}


class Started(Struct, frozen=True):
    """`pid` is the job's own process (0 when it has already ended); `adopted`: it was running before."""

    pid: int
    adopted: bool = False


class Exit(Struct, frozen=True):
    """How a job ended. `code` is None when its shim was lost before it could record one, 128 + `signal` when
    a signal ended it, 127 or 126 with `error` when it could not be started at all. `orphans` counts
    processes that outlived the job's own and were ended. Seconds since the epoch, CPU seconds and bytes."""

    code: int | None
    signal: int | None = None
    orphans: int = 0
    error: str = ""
    started: float = 0.0
    ended: float = 0.0
    cpu_seconds: float = 0.0
    max_rss: int = 0


class Usage(Struct, frozen=True):
    """The job's tree now: CPU in percent of one core and `disk` in bytes a second since the last call; memory
    in bytes."""

    cpu: float = 0.0
    rss: int = 0
    processes: int = 0
    stopped: bool = False
    disk: float = 0.0


class Executor(Protocol):
    """Where jobs run. Every verb may be called again after a crash and must then find what it left."""

    async def start(self, job: Job) -> Started:
        """Start the job once, whoever asks and how often: a second call adopts or finds the exit.

        Raises EngineError when the shim itself cannot be started."""
        ...

    async def wait(self, folder: Path) -> Exit:
        """Return when nothing of the job is alive any more."""
        ...

    async def freeze(self, folder: Path) -> int:
        """Stop every process of the job; how many were stopped, -1 when the job has ended."""
        ...

    async def thaw(self, folder: Path) -> None:
        """Let every process of the job go on."""
        ...

    async def kill(self, folder: Path, grace: float) -> None:
        """End the tree with INT, TERM and KILL, `grace` seconds apart; return when all are gone."""
        ...

    def usage(self, folder: Path) -> Usage:
        """CPU and memory of the tree now; zeros when it has ended."""
        ...
