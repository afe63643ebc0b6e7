"""Wires one run together: the one place that knows which repository, executor and gauges are used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from engine.core.conflicts import left_out
from engine.core.verdicts import RunCreated
from engine.edge.combining import combined_files
from engine.edge.gauges import Gauges
from engine.edge.git_repository import Repository
from engine.edge.live import Live
from engine.edge.live_watch import Watch
from engine.executors.local import LocalExecutor
from engine.world import World
from engine.world.checks import Checks
from engine.world.gates import GateJobs
from engine.world.guard import Guard
from engine.world.jobs import Jobs
from engine.world.lookout import Lookout
from engine.world.recording import Recorder


def gate_path(checkout: Path) -> Path:
    """Where gates run; no task can have that name, since ids begin with a letter or a digit. Gates of a
    second slot run beside it, in a folder whose name ends in `-2`."""
    return Path(f"{checkout}-wt-gate")


async def assemble(
    created: RunCreated, folder: Path, lock_fd: int, keep: Callable[[], Awaitable[None]]
) -> tuple[World, Guard]:
    """The world of the run whose folder is `folder`; git children inherit `lock_fd`. `keep` is awaited before
    a step that backups are made before."""
    checkout = Path(created.repo)
    repository = await Repository.open(checkout, folder / "git", lock_fd)
    place = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    plan, settings, executor = created.plan, created.plan.settings, LocalExecutor()
    checks = Checks(created.run, f"{place}/{created.run}", executor, settings.stop_grace)
    jobs = Jobs(plan, folder, executor, checks)
    gates = GateJobs(plan, folder, checks, gate_path(checkout))
    gauges = Gauges(checkout, link_speed=settings.link_speed)
    live = Live(repository.site, left_out(plan.conflicts), combined_files(plan))
    lookout = Lookout(live, Watch())
    guard = Guard(checkout, repository, gauges, jobs, settings, stirred=lookout.stirred)
    recorder = Recorder(folder, repository, jobs, created.log)
    world = World(created.run, created.base, plan, repository, jobs, gates, guard, lookout, recorder, keep)
    return world, guard
