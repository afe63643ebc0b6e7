"""What the session files say: one for each attempt at a task, with the documents' lifecycle (M156, M158).

A third fold over the journal. A file is due when its session's lifecycle or its task's state changes, after
every fifth interaction or as many as the plan names, and once more at the session's end. Interactions are
what the agent said and what was said to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.core.events import Event
from engine.core.intents import DeliverRequested, WorktreeRequested
from engine.core.outcomes import AgentReported
from engine.core.plan import Plan, once
from engine.core.results import error_data
from engine.core.standing import held_at_point, stands_still
from engine.core.state import Phase, State, TaskState
from engine.core.strategy import at as section_at
from engine.core.strategy import dicts
from engine.core.waiting import word

EVERY = 5
"""Interactions between two writes, where the plan does not say."""


class Lifecycle(StrEnum):
    """A session's way in the documents' words."""

    CREATED = "created"
    ACTIVE = "active"
    COORDINATING = "coordinating"
    COMPLETED = "completed"
    ARCHIVED = "archived"


_NEXT = {
    Lifecycle.CREATED: (Lifecycle.ACTIVE,),
    Lifecycle.ACTIVE: (Lifecycle.COORDINATING, Lifecycle.COMPLETED),
    Lifecycle.COORDINATING: (Lifecycle.ACTIVE, Lifecycle.COMPLETED),
    Lifecycle.COMPLETED: (Lifecycle.ARCHIVED,),
    Lifecycle.ARCHIVED: (),
}


def moved(old: Lifecycle, new: Lifecycle) -> Lifecycle:
    """The next step of a lifecycle. Raises ValueError for one that the documents do not have (D27)."""
    if new not in _NEXT[old]:
        raise ValueError(f"a session that is {old.value} does not become {new.value}")
    return new


class Session(Struct, frozen=True):
    """One attempt at a task. Times are seconds since the epoch, 0.0 is "not yet"."""

    id: str
    run: str
    task: str
    attempt: int
    agent: str
    lifecycle: Lifecycle = Lifecycle.CREATED
    state: str = "pending"
    wave: int = 0
    branch: str = ""
    worktree: str = ""
    base: str = ""
    head: str = ""
    merge: str = ""
    pid: int = 0
    created: float = 0.0
    updated: float = 0.0
    interactions: int = 0
    syncs: int = 0
    last_synced: int = 0
    error: dict[str, object] | None = None

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.id}.json" if self.attempt == 1 else f"{self.id}-{self.attempt}.json"


@once
def every(plan: Plan) -> int:
    """After how many interactions a session is written, from words such as `every_5_interactions`."""
    said = _managed(plan).get("state_sync_frequency")
    found = re.search(r"\d+", str(said or ""))
    return max(1, int(found[0])) if found and len(found[0]) < 10 else EVERY


def place(plan: Plan) -> str:
    """Where the plan wants its session files; empty when it does not say."""
    said = _managed(plan).get("session_state_location")
    return said if isinstance(said, str) else ""


def _managed(plan: Plan) -> Mapping[str, Any]:
    return next(iter(dicts([section_at(plan, "session_coordination", "session_management")])), {})


class Sessions:
    """The sessions of one run so far; `ids` are the tasks' session names. `written` are the files as they
    were last due."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids
        self._now: dict[tuple[str, int], Session] = {}
        self.written: dict[str, Session] = {}

    def take(self, state: State, at: float, event: Event) -> list[Session]:
        """The sessions whose files are due after `event`, recorded at `at`; `state` is the one after it."""
        if isinstance(event, AgentReported):
            return self._spoken(state, at, event.task, max(1, len(event.report.messages)))
        found: list[Session] = []
        if isinstance(event, WorktreeRequested):
            self._begin(state, at, state.tasks[event.task])
        if isinstance(event, DeliverRequested):
            found += self._spoken(state, at, event.task, len(event.messages))
        for old in list(self._now.values()):
            if old.lifecycle is Lifecycle.ARCHIVED and not state.ended:
                continue
            new = _advanced(state, at, old)
            if new is not old:
                found.append(self._due(new))
        return found

    def _begin(self, state: State, at: float, task: TaskState) -> None:
        agent = state.spec(task.id).agent
        id = self._ids.get(task.id, task.id)
        new = Session(id, state.run, task.id, task.attempt, agent, wave=task.wave, created=at)
        self._now[task.id, task.attempt] = new

    def _spoken(self, state: State, at: float, task: str, count: int) -> list[Session]:
        key = task, state.tasks[task].attempt
        if key not in self._now:
            return []
        old = self._now[key]
        said, step = old.interactions + count, every(state.plan)
        self._now[key] = new = replace(old, interactions=said, updated=at)
        full = said // step * step
        if full <= old.last_synced:
            return []
        synced = old.syncs + (full - old.interactions // step * step) // step
        return [self._due(replace(new, syncs=synced, last_synced=full))]

    def _due(self, session: Session) -> Session:
        self._now[session.task, session.attempt] = session
        self.written[session.file] = session
        return session


def _advanced(state: State, at: float, old: Session) -> Session:
    """The session as its task is now; the same object where nothing is new."""
    task = state.tasks[old.task]
    if task.attempt != old.attempt:  # another attempt has begun
        target, told = Lifecycle.COMPLETED, old
    else:
        target = _lifecycle(state, task)
        told = replace(
            old,
            state=word(state, task),
            branch=task.branch,
            worktree=task.path,
            base=task.base,
            head=task.head,
            merge=task.merge,
            pid=task.pid or old.pid,
            error=error_data(task.error) if task.error else None,
        )
    for step in _way(old.lifecycle, Lifecycle.ARCHIVED if state.ended else target):
        told = replace(told, lifecycle=moved(told.lifecycle, step))
        if step is Lifecycle.COMPLETED:
            told = replace(told, syncs=told.syncs + 1, last_synced=told.interactions)
    same = (told.lifecycle, told.state, told.merge) == (old.lifecycle, old.state, old.merge)
    return old if same else replace(told, updated=at)


def _lifecycle(state: State, task: TaskState) -> Lifecycle:
    match task.phase:
        case Phase.PENDING | Phase.MAKING | Phase.MADE | Phase.UNDOING:
            return Lifecycle.CREATED
        case Phase.RUNNING if held_at_point(state, task) or stands_still(state, task):
            return Lifecycle.COORDINATING
        case Phase.SETUP | Phase.READY | Phase.RUNNING | Phase.COLLECTING:
            return Lifecycle.ACTIVE
        case _:
            return Lifecycle.COMPLETED


def _way(old: Lifecycle, new: Lifecycle) -> tuple[Lifecycle, ...]:
    """The shortest way of a lifecycle; none back."""
    ways: list[tuple[Lifecycle, ...]] = [(old,)]
    for way in ways:
        if way[-1] is new:
            return way[1:]
        ways += [(*way, step) for step in _NEXT[way[-1]] if step not in way]
    return ()
