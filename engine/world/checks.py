"""Commands that tell by their end whether something is right: set-ups, gates, pull requests."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from engine.core.gauged import GateVerdict
from engine.edge.git import AGENT_GIT_ENV
from engine.executors.contract import Executor, Exit, Job


class Ended(Struct, frozen=True):
    """How a command ended, and why when it is not green; seconds since the epoch."""

    verdict: GateVerdict
    detail: str = ""
    started: float = 0.0
    ended: float = 0.0

    @property
    def green(self) -> bool:
        return self.verdict is GateVerdict.GREEN


class Checks:
    """The checks of one run, whose processes carry `mark`; what is stopped gets `grace` seconds."""

    def __init__(self, run: str, mark: str, executor: Executor, grace: float) -> None:
        self._run = run
        self._mark = mark
        self._executor = executor
        self._grace = grace
        self._unwanted: set[Path] = set()

    def job(
        self, key: str, argv: tuple[str, ...], cwd: Path, folder: Path, env: Mapping[str, str] | None = None
    ) -> Job:
        """The job of a command of the run; `key` is its own in the run, `folder` that of its record."""
        own = {**AGENT_GIT_ENV, "WAVETREE_RUN": self._run, **(env or {})}
        return Job(f"{self._mark}/{key}", argv, cwd, folder, own)

    async def run(self, job: Job, limit: float) -> Ended:
        """Run a check to its end, at most `limit` seconds, or find the one that an engine before this one
        started. Raises EngineError when it cannot be started."""
        if not await self.found(job):
            await self._executor.start(job)
        return await self.end_of(job, limit)

    async def found(self, job: Job) -> bool:
        """Whether an engine before this one has started the check. One that went down together with that
        engine, as when the machine was switched off, has said nothing and does not count."""
        if not (job.folder / "pid.json").exists():
            return False
        if (await self._executor.start(job)).pid or (await self._executor.wait(job.folder)).code is not None:
            return True
        shutil.rmtree(job.folder)
        return False

    async def end_of(self, job: Job, limit: float) -> Ended:
        """How a check that was started ends, at most `limit` seconds from now."""
        if self._unwanted & {job.folder, job.folder.parent}:
            await self._executor.kill(job.folder, self._grace)
        try:
            exit = await asyncio.wait_for(self._executor.wait(job.folder), limit)
        except TimeoutError:
            await self._executor.kill(job.folder, self._grace)
            exit = await self._executor.wait(job.folder)
            return Ended(GateVerdict.TIMEOUT, f"no end within {limit:g} s", exit.started, exit.ended)
        return Ended(*_verdict(exit), exit.started, exit.ended)

    def unwanted(self, folder: Path) -> bool:
        """Whether what has its record there was to be ended before it began."""
        return folder in self._unwanted

    async def end(self, folder: Path) -> None:
        """End what has its record there; what is only about to be started is ended as soon as it is there."""
        self._unwanted.add(folder)
        if folder.exists():
            await self._executor.kill(folder, self._grace)


def bash(command: str) -> tuple[str, ...]:
    """The argument vector that has bash carry out a command, and fail with the first part that fails."""
    return ("bash", "-eo", "pipefail", "-c", command)


def reason(exit: Exit) -> str:
    """Why a job did not end well, in words; empty when it did."""
    if exit.code is None:
        return "killed together with its shim; no exit was recorded"
    if exit.signal:
        return f"ended by {signal.Signals(exit.signal).name}"
    return f"exit code {exit.code}" if exit.code else ""


def _verdict(exit: Exit) -> tuple[GateVerdict, str]:
    if exit.error or exit.code in (126, 127):
        return GateVerdict.BROKEN, exit.error or f"exit code {exit.code}: command not found"
    if exit.code == 0:
        return GateVerdict.GREEN, ""
    return GateVerdict.RED, reason(exit)
