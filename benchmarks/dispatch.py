"""What dispatching a task that does nothing costs, with and without real processes, against build tools."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.instant import Instant, Shims, created
from benchmarks.layered import layered
from benchmarks.measuring import Row, alternate, timed
from engine import Plan, RunPhase
from engine.edge.journal import Journal
from engine.loop import Engine

NAME = "dispatch"


def run(quick: bool) -> list[Row]:
    """200 tasks in 10 layers, two at a time."""
    return measure(tasks=200, layers=10, rounds=1 if quick else 5)


def measure(tasks: int, layers: int, rounds: int) -> list[Row]:
    """Milliseconds a task; a build tool that is not installed is left out with a word."""
    plan = layered(tasks, layers)
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        place = Path(folder)
        contenders: dict[str, Callable[[], float]] = {
            "journalled": partial(by_engine, plan, place, agents=False),
            "real": partial(by_engine, plan, place, agents=True),
        }
        tools = {tool: make for tool, make in TOOLS.items() if shutil.which(tool)}
        for tool, make in tools.items():
            contenders[tool] = partial(make, plan, place)
        found = {name: s / tasks * 1e3 for name, s in alternate(contenders, rounds).items()}
    rows = [Row(NAME, f"{tool} -j2, {tasks} tasks of `true`", found[tool], "ms a task") for tool in tools]
    rows += [
        Row(NAME, f"{tool} -j2", 0.0, "", note="not installed, left out")
        for tool in TOOLS
        if tool not in tools
    ]
    against = "ninja" if "ninja" in tools else "make" if "make" in tools else ""
    for name, what, aim in (
        ("journalled", "engine and journal, agents that end at once", 1.0),
        ("real", "engine, journal, `true` under its shim, no git", None),
    ):
        ratio = found[name] / found[against] if against else None
        met = None if aim is None else found[name] <= aim
        rows.append(
            Row(NAME, what, found[name], "ms a task", against, ratio, f"{aim:g} ms" if aim else "", met)
        )
    return rows


def by_engine(plan: Plan, place: Path, *, agents: bool) -> float:
    """Seconds from the run's creation to its end. Raises RuntimeError when it ends otherwise than well."""
    folder = Path(tempfile.mkdtemp(dir=place))
    return asyncio.run(_by_engine(plan, folder, agents=agents))


async def _by_engine(plan: Plan, folder: Path, *, agents: bool) -> float:
    world = Shims(plan, folder) if agents else Instant()
    with Journal(folder / "journal.db", write=True) as journal:
        begun = time.perf_counter()
        state = await Engine(journal, world).run(created(plan))
        seconds = time.perf_counter() - begun
    if isinstance(world, Shims):
        world.close()
    if state.phase is not RunPhase.DONE:
        raise RuntimeError(f"the run ended as {state.phase.value}: {state.reason}")
    return seconds


def by_make(plan: Plan, place: Path) -> float:
    """Seconds of make."""
    rules = "".join(
        f"{task.id}: {' '.join(need.task for need in task.needs)}\n\t@true\n" for task in plan.tasks
    )
    names = " ".join(task.id for task in plan.tasks)
    (place / "Makefile").write_text(f".PHONY: all {names}\nall: {names}\n{rules}")
    return timed(["make", "-s", "-j2", "all"], place)


def by_ninja(plan: Plan, place: Path) -> float:
    """Seconds of ninja."""
    builds = "".join(
        f"build {task.id}: nothing {' '.join(need.task for need in task.needs)}\n" for task in plan.tasks
    )
    (place / "build.ninja").write_text(f"rule nothing\n  command = true\n{builds}")
    return timed(["ninja", "--quiet", "-j2"], place)


TOOLS = {"make": by_make, "ninja": by_ninja}
