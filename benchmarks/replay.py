"""How long it takes to come back to a long run: as the engine that resumes it, as a client that attaches."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.instant import Instant, answers, created
from benchmarks.layered import layered
from benchmarks.measuring import Row, alternate
from engine import Client, Plan, RunPhase, State
from engine.core.decide import step
from engine.core.events import Event
from engine.core.intents import Intent
from engine.core.outcomes import AgentReported, AgentStarted, Outcome, Report
from engine.edge.journal import Journal
from engine.edge.runs import Project
from engine.edge.runs import created as created_of
from engine.loop import Engine

NAME = "replay"
AIM = 0.5


def run(quick: bool) -> list[Row]:
    """A journal of 100,000 events, of a run of 100 tasks."""
    return measure(events=100_000, tasks=100, rounds=1 if quick else 5)


def measure(events: int, tasks: int, rounds: int) -> list[Row]:
    """Seconds until the state is there: in an engine that resumes, and in a client that attaches."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        project, written = journalled(Path(folder), events, tasks)
        found = alternate({"replay": partial(replay, project), "attach": partial(attach, project)}, rounds)
    return [
        Row(NAME, f"{what}, {written:,} events", found[name], "s", "", None, f"{AIM:g} s", found[name] <= AIM)
        for name, what in (("replay", "an engine takes a run up again"), ("attach", "a client attaches"))
    ]


def journalled(folder: Path, events: int, tasks: int) -> tuple[Project, int]:
    """A finished run, most of whose events are reports of its agents; how many events it has."""
    plan = layered(tasks, 10)
    project = Project(folder, folder)
    place = project.create(created(plan, str(folder)))
    written = 0
    with Journal(place / "journal.db", write=True) as journal:
        for number, step_events in enumerate(story(plan, max(0, events // tasks - 20))):
            journal.append(1e9 + number * 0.1, step_events)
            written += len(step_events)
    return project, written


def story(plan: Plan, reports: int) -> Iterator[tuple[Event, ...]]:
    """The steps of a whole run in which each agent reports that often."""
    state, events = step(State(), created(plan))
    yield events
    waiting = deque(event for event in events if isinstance(event, Intent))
    while waiting:
        for outcome in talkative(waiting.popleft(), reports):
            state, events = step(state, outcome)
            yield events
            waiting.extend(event for event in events if isinstance(event, Intent))


def talkative(intent: Intent, reports: int) -> Iterator[Outcome]:
    """What comes of an intent; an agent reports between its start and its end."""
    for outcome in answers(intent):
        yield outcome
        if isinstance(outcome, AgentStarted):
            for number in range(reports):
                report = Report(progress=100.0 * number / reports, says=f"at work on file {number}")
                yield AgentReported(outcome.task, outcome.attempt, report)


def replay(project: Project) -> float:
    """Seconds until an engine that takes the run up again knows its state."""
    folder = project.folder("r1")
    begun = time.perf_counter()
    with Journal(folder / "journal.db", write=True) as journal:
        state = asyncio.run(Engine(journal, Instant()).run(created_of(folder)))
    seconds = time.perf_counter() - begun
    if state.phase is not RunPhase.DONE:
        raise RuntimeError(f"the run was replayed to {state.phase.value}")
    return seconds


def attach(project: Project) -> float:
    """Seconds until a client knows the state."""
    begun = time.perf_counter()
    client = Client(project, "r1")
    seconds = time.perf_counter() - begun
    ended = client.state.phase
    client.close()
    if ended is not RunPhase.DONE:
        raise RuntimeError(f"the client sees the run as {ended.value}")
    return seconds
