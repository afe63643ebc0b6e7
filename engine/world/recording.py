"""Records what a wave came to: all its results in the implementation log, in one act (M159, M160)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.agents.result import Result, read_result
from engine.core.errors import GitError
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.intents import RecordRequested
from engine.core.outcomes import Recorded
from engine.core.plan import Plan
from engine.core.record.agreement import unlogged, unmerged
from engine.core.record.chronicle import chronicle
from engine.core.record.log_entry import STATUS, Work, is_of, log_entry, recorded
from engine.core.record.metrics import limits, warnings
from engine.core.state import State, TaskState
from engine.core.strategy import watches
from engine.core.timeline import TaskTimes, Timeline, record
from engine.edge.git_repository import Repository
from engine.edge.history import history
from engine.edge.journal import Journal
from engine.edge.result_log import LOG, add_to_log, read_log
from engine.edge.runs import JOURNAL
from engine.world.jobs import Jobs


class Recorder:
    """Writes the results of the run in `folder` to the repository's log. `other` is a log that the person
    keeps, empty for none."""

    def __init__(self, folder: Path, repository: Repository, jobs: Jobs, other: str = "") -> None:
        self._folder = folder
        self.log = folder.parent.parent / LOG
        self._run = folder.name
        self._git = repository
        self._jobs = jobs
        self._other = other

    async def record(self, intent: RecordRequested) -> Recorded:
        """Add the wave's results that the log does not tell yet, then see whether log and git agree with the
        journal (M166)."""
        state, times, asked = await asyncio.to_thread(self._as_asked, intent)
        known = await asyncio.to_thread(read_log, self.log)
        tasks = [
            task
            for task in recorded(state, state.waves[intent.wave - 1].tasks)
            if not _told(known, state.run, task)
        ]
        entries = [
            log_entry(state, task, times.tasks.get(task.id, TaskTimes()), await self._work(task))
            for task in tasks
        ]
        await asyncio.to_thread(add_to_log, self.log, entries)
        written = await asyncio.to_thread(read_log, self.log)
        reached = {task.id for task in tasks if await self._reaches(state.tip, task.merge)}
        problems = (*unlogged(state, intent.wave, written), *unmerged(state, tasks, reached))
        beyond = await asyncio.to_thread(self._beyond, state.plan, asked)
        return Recorded(intent.key, intent.wave, len(entries), problems, warnings=beyond)

    def hand_over(self) -> None:
        """Add the run's results to the person's own log. Not before the engine is at its end: a file that is
        changed in the checkout would keep the base branch from landing. Raises WavetreeError and OSError."""
        if not self._other:
            return
        there = [_attempt(entry) for entry in read_log(Path(self._other))]
        mine = [entry for entry in read_log(self.log) if _attempt(entry)[:1] == (self._run,)]
        add_to_log(Path(self._other), [entry for entry in mine if _attempt(entry) not in there])

    async def _reaches(self, tip: str, commit: str) -> bool:
        try:
            return bool(commit) and await self._git.is_ancestor(commit, tip)
        except GitError:
            return False

    def _beyond(self, plan: Plan, asked: int) -> tuple[str, ...]:
        """Sentences on the metrics that are beyond a threshold of the plan at step `asked` (M117)."""
        if not (limits(plan) and watches(plan, "performance_metrics")):
            return ()
        return warnings(chronicle(history(self._folder, asked)))

    def _as_asked(self, intent: RecordRequested) -> tuple[State, Timeline, int]:
        """The run as it was when the results were to be recorded, and the step that asked for it."""
        state, times = State(), Timeline()
        latest = state, times, 0
        with Journal(self._folder / JOURNAL) as journal:
            for step in journal.read():
                for event in step.events:
                    state = evolve(state, event)
                times = record(times, step.at, step.events)
                if _asks(step.events, intent):
                    latest = state, times, step.cursor
        return latest

    async def _work(self, task: TaskState) -> Work:
        told = read_result(self._jobs.result_file(task.id, task.attempt))
        said = told if isinstance(told, Result) else Result()
        try:
            created, modified = await self._git.created_and_modified(task.base, task.head or task.base)
        except GitError:
            created, modified = (), task.files
        return Work(modified, created, said.actions, said.tools_used)


def _told(entries: Sequence[Any], run: str, task: TaskState) -> bool:
    """Whether the last entry of the task's attempt has its end; a settled conflict changes that."""
    own = [entry for entry in entries if is_of(entry, run, task.id, task.attempt)]
    return bool(own) and own[-1].get("status") == STATUS[task.phase]


def _attempt(entry: Any) -> tuple[Any, ...]:
    """Run, story, attempt and end of an entry; nothing where it names no run."""
    keys = ("run", "storyNumber", "attempt", "status")
    return tuple(entry[key] for key in keys) if isinstance(entry, dict) and entry.keys() >= {*keys} else ()


def _asks(events: tuple[Event, ...], intent: RecordRequested) -> bool:
    return any(isinstance(event, RecordRequested) and event.key == intent.key for event in events)
