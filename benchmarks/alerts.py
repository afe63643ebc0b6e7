"""A real run with many agents: how soon a clash is an alert at a client, and what the engine takes at rest.

The agents sleep, the edits are made in their worktrees from here; nobody is paused for them."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil

from benchmarks.conflicts import IDLE_AIM, LATENCY_AIM, content, name_of, repository
from benchmarks.measuring import Row, percentile, timed
from engine import Client, Phase, find_project

NAME = "alerts"
LOOK = 0.005
"""Seconds between two looks of the client."""
SETTLED = 1.2
"""Seconds for each agent after which a run is at rest: each one's files have been counted once by then."""
PATIENCE = 120.0
PAUSE = 0.5
"""Seconds between the two edits of a line: the first has been looked at by then."""


def run(quick: bool) -> list[Row]:
    """Worktrees of 2,000 files."""
    if quick:
        return measure(10, 500, 5, 3.0)
    return measure(10, 2_000, 40, 20.0) + measure(50, 2_000, 40, 20.0)


def measure(agents: int, files: int, edits: int, seconds: float) -> list[Row]:
    """Milliseconds from an edit to the alert in a client's state, and the engine's share of a core."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        checkout = repository(Path(folder), files)
        client = started(checkout, agents)
        try:
            idle = at_rest(client, seconds)
            times = [edit(client, number, agents, files) for number in range(edits)]
        finally:
            wavetree(checkout, "stop")
            client.close()
    where = f"{agents} agents, {files:,} files"
    rows = [
        Row(NAME, f"edit to alert, {where}, {name}", value, "ms", "", None, f"{LATENCY_AIM:g} ms", met)
        for name, value in (("median", median(times)), ("p95", percentile(times, 95)))
        for met in (value <= LATENCY_AIM,)
    ]
    rest = Row(
        NAME, f"engine at rest, {where}", idle, "% of a core", "", None, f"{IDLE_AIM:g} %", idle <= IDLE_AIM
    )
    return [*rows, rest]


def started(checkout: Path, agents: int) -> Client:
    """A client of a run in which all agents are at work."""
    tasks = [{"id": f"t{number}", "agent": "shell", "run": "sleep 3600"} for number in range(agents)]
    plan = {"wavetree": 1, "slots": agents, "settings": {"auto_coordinate": False}, "tasks": tasks}
    place = checkout.parent / "plan.json"
    place.write_text(json.dumps(plan))
    wavetree(checkout, "run", str(place), "--detach", "--auto-approve")
    project = find_project(checkout)
    client = Client(project, project.latest())
    waited(
        client, lambda: all(task.phase is Phase.RUNNING for task in client.state.tasks.values()), "the agents"
    )
    return client


def wavetree(checkout: Path, *words: str) -> float:
    return timed([sys.executable, "-m", "tui", *words], checkout)


def waited(client: Client, there: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not there():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come within {PATIENCE:g} s")
        time.sleep(LOOK)
        client.refresh()


def edit(client: Client, number: int, agents: int, files: int) -> float:
    """Milliseconds from the second of two edits of one line to its conflict in the client's state."""
    file = name_of(number * 41 % files)
    first, second = (client.state.tasks[f"t{n % agents}"].path for n in (number, number * 7 + 3 + number % 2))
    if first == second:
        second = client.state.tasks[f"t{(number + 1) % agents}"].path
    Path(first, file).write_text(content(number, 5, "the first"))
    time.sleep(PAUSE)
    before = time.perf_counter()
    Path(second, file).write_text(content(number, 5, "the second"))

    def alerted() -> bool:
        found = (one for record in client.state.conflicts.values() for one in record.files)
        return any(one.conflict and one.file == file for one in found)

    waited(client, alerted, f"the conflict in {file}")
    return (time.perf_counter() - before) * 1e3


def at_rest(client: Client, seconds: float) -> float:
    """Percent of a core that the engine and its gits take while no agent does anything."""
    time.sleep(SETTLED * len(client.state.tasks))
    engine = psutil.Process(client.engine_pid)
    begun, before = time.perf_counter(), sum(engine.cpu_times()[:4])
    time.sleep(seconds)
    return (sum(engine.cpu_times()[:4]) - before) / (time.perf_counter() - begun) * 100
