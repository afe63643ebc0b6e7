"""A bench on which tests start real jobs, and ways to wait for what these do."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.executors import groups, record, tree
from engine.executors.contract import Job


class Bench:
    """Makes jobs and remembers them, so that none outlives its test."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.jobs: list[Job] = []

    def job(self, *argv: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Job:
        number = len(self.jobs)
        work = cwd or self.base / f"work{number}"
        work.mkdir(parents=True, exist_ok=True)
        job = Job(
            mark=f"test-{uuid.uuid4().hex}",
            argv=argv,
            cwd=work,
            folder=self.base / f"job{number}",
            env=dict(env or {}),
        )
        self.jobs.append(job)
        return job

    def bash(self, script: str, **more: object) -> Job:
        return self.job("bash", "-c", script, **more)  # type: ignore[arg-type]

    def clean(self) -> None:
        for job in self.jobs:
            whose = record.identity(job.folder)
            if whose is not None and (record.claimed(job.folder) or tree.everyone(whose)):
                tree.end(whose)
                until(lambda folder=job.folder: not record.claimed(folder))
                groups.remove(whose.group)


def until(true: Callable[[], object], within: float = 15.0) -> None:
    """Return when it is true; fail when it does not get so in time."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)


async def happens(true: Callable[[], object], within: float = 15.0) -> None:
    """The same without holding the event loop."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
