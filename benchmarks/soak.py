"""The screen on a long run: two hours of fifty agents that never stop talking, at twenty times the speed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import psutil
from msgspec.structs import replace

from benchmarks.instant import answers, created
from benchmarks.layered import layered
from benchmarks.measuring import Row
from benchmarks.screen import Terminal
from engine import Client, State
from engine.core.decide import step
from engine.core.events import Event
from engine.core.intents import AgentRequested, Intent
from engine.core.outcomes import AgentReported, AgentStarted, Outcome, Report
from engine.edge.journal import Journal
from engine.edge.runs import Project
from tui.app import WavetreeApp

NAME = "soak"
HOURS, SPEED = 2.0, 20.0
EVERY = 2.0
"""Seconds between two reports of one agent."""
MOST = 150.0
GROWTH = 10.0


def run(quick: bool) -> list[Row]:
    """Six minutes; quick: twenty seconds."""
    return measure(50, 20.0 if quick else HOURS * 3600 / SPEED)


def measure(tasks: int, seconds: float) -> list[Row]:
    """The memory of the screen's process after a tenth of the time and at its end, in MB."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as name:
        folder = Path(name)
        project, state = begun(folder, tasks)
        words = [sys.executable, "-m", "benchmarks.soak", str(folder)]
        screen = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            written, sizes = _talk(project, state, screen, seconds)
        finally:
            screen.kill()
            screen.wait()
    early, late = sizes[len(sizes) // 10], sizes[-1]
    what = f"{tasks} agents, {written:,} reports in {seconds:.0f} s"
    return [
        Row(NAME, f"{what}: memory of the screen, after a tenth", early, "MB"),
        Row(NAME, "at the end", late, "MB", aim=f"{MOST:g} MB", met=late <= MOST),
        Row(NAME, "grown by", max(0.0, late - early), "MB", aim=f"{GROWTH:g} MB", met=late - early <= GROWTH),
    ]


def begun(folder: Path, tasks: int) -> tuple[Project, State]:
    """A run all of whose agents are at work."""
    plan = replace(layered(tasks, 1), slots=tasks)
    project = Project(folder, folder)
    place = project.create(created(plan, str(folder)))
    log = folder / "out.log"
    log.touch()
    state, events = step(State(), created(plan))
    with Journal(place / "journal.db", write=True) as journal:
        journal.append(time.time(), events)
        waiting = deque(event for event in events if isinstance(event, Intent))
        while waiting:
            intent = waiting.popleft()
            for outcome in _answers(intent, log):
                state, events = step(state, outcome)
                journal.append(time.time(), events)
                waiting.extend(event for event in events if isinstance(event, Intent))
    return project, state


def _answers(intent: Intent, log: Path) -> Sequence[Outcome]:
    """Agents start and do not end."""
    if isinstance(intent, AgentRequested):
        return [AgentStarted(intent.task, intent.attempt, 4711, str(log))]
    return answers(intent)


def _talk(
    project: Project, state: State, screen: subprocess.Popen[bytes], seconds: float
) -> tuple[int, list[float]]:
    """Let every agent report and print for that long; how many reports there were, and the screen's memory
    twenty times meanwhile."""
    sizes: list[float] = []
    written, begin = 0, time.monotonic()
    process = psutil.Process(screen.pid)
    with (
        Journal(project.folder("r1") / "journal.db", write=True) as journal,
        (project.checkout / "out.log").open("a") as log,
    ):
        deque(journal.read(), maxlen=0)  # it goes on where it ends
        for reports in _reports(state):
            now = time.monotonic() - begin
            if now >= seconds:
                return written, [*sizes, process.memory_info().rss / 2**20]
            if now >= seconds * len(sizes) / 20:
                sizes.append(process.memory_info().rss / 2**20)
            journal.extend(time.time(), reports)
            written += len(reports)
            log.write("one line of what an agent prints\n" * len(reports))
            log.flush()
            time.sleep(EVERY / SPEED)
    raise AssertionError("the agents never stop")


def _reports(state: State) -> Iterator[list[tuple[Event, ...]]]:
    """One report of each agent, again and again."""
    for number in count():
        yield [
            (AgentReported(name, 1, Report(progress=float(number % 100), says=f"at work on file {number}")),)
            for name in state.tasks
        ]


async def _look_on(folder: Path) -> None:
    """Be the screen."""
    app = WavetreeApp(Client(Project(folder, folder), "r1"))
    app.driver_class = Terminal
    await app.run_async(headless=False, size=(160, 50))


if __name__ == "__main__":
    asyncio.run(_look_on(Path(sys.argv[1])))
