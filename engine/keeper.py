"""Keeps the session files of a run up to date and backs its state up before each major step (M156, M165)."""

from __future__ import annotations

import asyncio
import logging

from engine.beside import Reader, Step, look_safely
from engine.core.events import Event
from engine.core.intents import AdvanceRequested
from engine.core.plan import Plan
from engine.core.plan_now import plan_now
from engine.core.record.session_files import Session, Sessions
from engine.core.session_names import sessions
from engine.core.state import State
from engine.core.verdicts import GateOverridden, RunCreated, WaveApproved
from engine.edge.runs import Project
from engine.state_files import back_up, rewrite_plan, session_folder, write_session

log = logging.getLogger("wavetree.keeper")


class Keeper:
    """Follows a run's journal beside the engine. What it has not seen yet it sees in order, so a backup holds
    the state from before the step that it is named after."""

    def __init__(self, project: Project, run: str) -> None:
        """Raises UsageError for an unknown run, JournalError."""
        self._project, self._run = project, run
        self._reader = Reader(project.folder(run), "backed-up")
        self._sessions = Sessions({})
        self._due: dict[str, Session] = {}
        self._known = State()
        self._planned = Plan("", (), ())
        self._looking = asyncio.Lock()

    async def look_safely(self) -> None:
        """A look of which what goes wrong is only written into the log."""
        await look_safely(self.look, log, "state files are behind")

    async def look(self) -> None:
        """Write what was journalled since the last look. Raises OSError."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        for step in self._reader.unread():
            if not self._reader.done_before(step):
                await self._back_up(step)
            for event, after in zip(step.record.events, step.states, strict=True):
                if isinstance(event, RunCreated):
                    self._sessions = Sessions(sessions(event.plan))
                    self._planned = event.plan
                for session in self._sessions.take(after, step.record.at, event):
                    self._due[session.file] = session
            self._reader.passed(step)
            await self._reader.rest()
        await self._write(self._reader.state.plan)
        await self._write_plan(self._reader.state)

    def close(self) -> None:
        self._reader.close()

    async def _write(self, plan: Plan) -> None:
        if self._due:
            await asyncio.to_thread(self._write_all, plan, list(self._due.values()))
            self._due = {}

    def _write_all(self, plan: Plan, due: list[Session]) -> None:
        folder = session_folder(self._project, plan, self._run)
        for session in due:
            write_session(folder, session)

    async def _write_plan(self, state: State) -> None:
        """Write the project's state files anew when its plan has changed since the run began (M067)."""
        if state.plan is self._known.plan and state.orders is self._known.orders:
            return
        self._known, plan = state, plan_now(state)
        if plan != self._planned:
            self._planned = plan
            await asyncio.to_thread(rewrite_plan, self._project, plan, state.slots)

    async def _back_up(self, step: Step) -> None:
        """Copy the state files as they are before the step, once for each thing in it that is worth it."""
        cursor, plan = step.record.cursor, step.after.plan
        for what in filter(None, (_major(step.after, event) for event in step.record.events)):
            await self._write(plan)
            folder = session_folder(self._project, plan, self._run)
            name = f"{cursor:06}-{what}"
            await asyncio.to_thread(back_up, self._project, self._run, folder, name, step.record.at)
            self._reader.mark.write(cursor)


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
