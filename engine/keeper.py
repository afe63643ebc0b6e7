"""Keeps the session files of a run up to date and backs its state up before each major step (M156, M165)."""

from __future__ import annotations

import asyncio
import logging

from engine.beside import Mark, look_safely
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.intents import AdvanceRequested
from engine.core.record.session_files import Session, Sessions
from engine.core.session_names import sessions
from engine.core.state import State
from engine.core.verdicts import GateOverridden, RunCreated, WaveApproved
from engine.edge.journal import Journal
from engine.edge.runs import Project
from engine.state_files import back_up, session_folder, write_session

log = logging.getLogger("wavetree.keeper")


class Keeper:
    """Follows a run's journal beside the engine. What it has not seen yet it sees in order, so a backup holds
    the state from before the step that it is named after."""

    def __init__(self, project: Project, run: str) -> None:
        """Raises UsageError when the plan puts session files where none may be."""
        self._project, self._run = project, run
        folder = project.folder(run)
        self._journal = Journal(folder / "journal.db")
        self._mark = Mark(folder / "backed-up")
        self._before = self._mark.read()
        self._state, self._sessions = State(), Sessions({})
        self._due: dict[str, Session] = {}
        self._cursor = 0
        self._looking = asyncio.Lock()

    async def look_safely(self) -> None:
        """A look of which what goes wrong is only written into the log."""
        await look_safely(self.look, log, "state files are behind")

    async def look(self) -> None:
        """Write what was journalled since the last look. Raises OSError."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        for record in self._journal.read(self._cursor):
            for event in record.events:
                what = _major(self._state, event)
                if what and record.cursor > self._before:
                    await self._back_up(f"{record.cursor:06}-{what}", record.cursor, record.at)
                self._state = evolve(self._state, event)
                if isinstance(event, RunCreated):
                    self._sessions = Sessions(sessions(event.plan))
                for session in self._sessions.take(self._state, record.at, event):
                    self._due[session.file] = session
            self._cursor = record.cursor
            await asyncio.sleep(0)  # a long journal does not hold up the engine
        await self._write()

    def close(self) -> None:
        self._journal.close()

    async def _write(self) -> None:
        due, self._due = list(self._due.values()), {}
        if due:
            await asyncio.to_thread(self._write_all, due)

    def _write_all(self, due: list[Session]) -> None:
        folder = session_folder(self._project, self._state.plan, self._run)
        for session in due:
            write_session(folder, session)

    async def _back_up(self, name: str, cursor: int, at: float) -> None:
        await self._write()
        folder = session_folder(self._project, self._state.plan, self._run)
        await asyncio.to_thread(back_up, self._project, self._run, folder, name, at)
        self._mark.write(cursor)


def _major(state: State, event: Event) -> str:
    """What is about to happen, as a part of a file's name; empty for what is no major step."""
    match event:
        case WaveApproved(wave=wave):
            return f"wave-{wave}"
        case AdvanceRequested(subject=subject) if subject in state.tasks:
            return f"merge-{subject}"
        case GateOverridden(wave=wave):
            return f"override-{wave}"
        case _:
            return ""
