"""A client of one run: follows its journal read-only, sends commands to its engine, needs neither to live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.core.authority import decided
from engine.core.commands import Command, InRole, Override, Resolve, Resume, Retry
from engine.core.errors import EngineGone, Refused
from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.notifying import Notification
from engine.core.record.chronicle import Attempt, chronicle
from engine.core.record.foretold import Score
from engine.core.state import State
from engine.core.timeline import Timeline, record
from engine.core.vitals import Vitals
from engine.edge import wire
from engine.edge.history import history
from engine.edge.journal import Journal, Record
from engine.edge.lock import held, working_on
from engine.edge.runs import JOURNAL, OUTPUT, Project, job_folder
from engine.feeding import fed
from engine.spawning import PATIENCE, spawn


def resuming(state: State, command: Command, role: str = "") -> Resume | None:
    """What takes up a run that has ended so that the command has its effect; None for a run that goes on,
    and for a command that has none there. Raises Refused when it is not for that role to decide."""
    if not state.ended:
        return None
    resume = _resuming(state, command)
    if resume is None or not (chosen := role or state.plan.settings.role):
        return resume
    decided(state, resume, chosen)
    return msgspec.structs.replace(resume, role=chosen)


def _resuming(state: State, command: Command) -> Resume | None:
    match command:
        case Retry():
            return Resume(auto_approve=state.auto_approve)
        case Resolve():
            return Resume(command.by, state.auto_approve, command)
        case Override():
            return Resume(command.by, state.auto_approve, override=command)
        case _:
            return None


if TYPE_CHECKING:  # what follows a run does without git
    from engine.edge.git_sides import Sides

NOTIFICATIONS = "notifications.jsonl"
"""The file in a run's folder in which the engine writes what it tells, a line each."""
TOLD_WITHIN = 10.0
"""Seconds that the notify command may take for one of them."""


class Client:
    """`state` and `timeline` are what the journal said when `refresh` last looked; `vitals` what the engine
    measured when `measure` last asked. What it sends is sent by a person in that `role`, if they have one."""

    def __init__(self, project: Project, run: str, role: str = "") -> None:
        """Raises UsageError for an unknown run, JournalError for a damaged journal."""
        self.project = project
        self.run = run
        self.role = role
        self.folder = project.folder(run)
        self.state = State()
        self.timeline = Timeline()
        self.vitals = Vitals()
        self.cursor = 0
        self._journal: Journal | None = None
        self._version = -1
        notifications = self.folder / NOTIFICATIONS
        self._heard = notifications.stat().st_size if notifications.exists() else 0
        self.refresh()

    def refresh(self) -> bool:
        """Read what was journalled since; True when there was something."""
        before = self.cursor
        for _ in self.steps():
            pass
        return self.cursor > before

    def steps(self) -> Iterator[tuple[State, float, Event]]:
        """Every event journalled since the last look: the state after it, and its time."""
        for step in self._news():
            known = self.state.conflicts
            for event in step.events:
                self.state = evolve(self.state, event)
                yield self.state, step.at, event
            changed = None if self.state.conflicts is known else self.state.conflicts
            self.timeline = record(self.timeline, step.at, step.events, len(self.state.alerts), changed)
            self.cursor = step.cursor

    def unread(self) -> bool:
        """Whether the journal holds steps that were not looked at yet."""
        return self._journal is not None and self._journal.last() > self.cursor

    def history(self) -> Iterator[tuple[State, float, Event]]:
        """Every event from the run's beginning up to the last look, as `steps` gives them."""
        return history(self.folder, self.cursor)

    def _news(self) -> Iterable[Record]:
        if self._journal is None:
            path = self.folder / JOURNAL
            if not path.exists():
                return []
            journal = Journal(path)
            if self.engine_alive and not journal.begun:
                journal.close()
                return []
            self._journal = journal
        version = self._journal.version
        if version == self._version:
            return []
        self._version = version
        return self._journal.read(self.cursor)

    @property
    def engine_pid(self) -> int:
        """The process id of the engine that works on this run now; 0 when there is none."""
        pid = held(self.project.lock)
        return pid if working_on(self.project.lock) in ("", self.run) else 0

    @property
    def engine_alive(self) -> bool:
        return self.engine_pid != 0

    async def send(self, command: Command) -> str:
        """Carry out a command; a sentence once its effect is there. Where no engine is at work, Resume starts
        one, and so does after the run's end what `resuming` knows. Raises Refused or EngineGone."""
        command = resuming(self.state, command, self.role) or command
        if isinstance(command, Resume) and not self.engine_alive:
            await asyncio.to_thread(spawn, self.project, self.run, self.folder, command)
            return f"run {self.run} goes on"
        if self.role:
            command = InRole(self.role, command)
        answer = await wire.ask(self.project.socket(), command, self.run)
        return answer.text

    async def sides(self, conflict: str) -> tuple[Sides, ...]:
        """The files in which the two sides of an open conflict clash now, with both texts; see `sides_of`."""
        from engine.resolution import sides_of

        return await sides_of(self, conflict)

    def mergetool(self, one: Sides, folder: Path) -> list[str]:
        """The words that open the person's merge tool on a file in conflict, laid out in the empty `folder`;
        see `mergetool.lay_out`."""
        from engine.edge.mergetool import lay_out

        return lay_out(self.project.checkout, one, folder)

    async def chosen(
        self,
        conflict: str,
        contents: Mapping[str, bytes | None],
        sides: tuple[Sides, ...],
        *,
        how: str = "",
        by: str = "",
        note: str = "",
    ) -> Resolve:
        """What a person chose for files of `sides`, as a command to send; see `resolution.chosen`."""
        from engine.resolution import chosen

        return await chosen(self, conflict, contents, sides, how=how, by=by, note=note)

    def take_up(self, command: Resume) -> None:
        """Start an engine for this run, and return once it has taken the run up. Raises Refused or
        EngineError when it will not."""
        if command.role:
            decided(self.state, command, command.role)
        spawn(self.project, self.run, self.folder, command)
        until = time.monotonic() + PATIENCE
        while not self.refresh() and self.engine_alive and time.monotonic() < until:
            time.sleep(0.01)

    async def measure(self) -> None:
        """Ask the engine for new vitals; without an engine they are empty."""
        try:
            answer = await wire.ask(self.project.socket(), run=self.run)
        except (EngineGone, Refused):
            self.vitals = Vitals()
            return
        if answer.vitals is not None:
            self.vitals = answer.vitals

    def news(self) -> tuple[Notification, ...]:
        """What the engine has told since the last look, or since this client was opened."""
        found: list[Notification] = []
        with suppress(FileNotFoundError), (self.folder / NOTIFICATIONS).open("rb") as file:
            file.seek(self._heard)
            for line in file:
                if line.endswith(b"\n"):
                    self._heard += len(line)
                    with suppress(msgspec.MsgspecError):  # cut off by a full disk
                        found.append(msgspec.json.decode(line, type=Notification))
        return tuple(found)

    async def tell(self, note: Notification) -> str:
        """Add a notification of somebody else's to those of the run, and hand it to the notify command. What
        was wrong with that command, if anything (M205)."""
        line = msgspec.json.encode(note) + b"\n"
        with (self.folder / NOTIFICATIONS).open("ab") as file:
            file.write(line)
        command = self.state.plan.settings.notify_command
        return await fed(command, line, self.project.checkout, TOLD_WITHIN) if command else ""

    def log_path(self, task: str, attempt: int = 0) -> Path | None:
        """The output file of the task's present attempt, None before there is one; or of that attempt."""
        if attempt:
            return job_folder(self.folder, task, attempt) / OUTPUT
        log = self.state.tasks[task].log if task in self.state.tasks else ""
        return Path(log) if log else None

    def attempts_before(self, task: str) -> tuple[Attempt, ...]:
        """The task's attempts before the present one, from the journal. Raises JournalError."""
        now = self.state.tasks[task].attempt
        if now < 2:
            return ()
        told = chronicle(self.history())
        return tuple(one for one in told.attempts if one.task == task and one.number < now)

    def track(self) -> Score:
        """How good the forecasts of conflicts of this repository's last runs were; slow."""
        from engine.recorded import track

        return track(self.project)

    def diff(self, task: str) -> str:
        """A unified diff of the task's work, committed or not, against where it started; empty before it did.

        Raises GitError when git cannot tell."""
        seen = self.state.tasks[task]
        if not seen.base:
            return ""
        return asyncio.run(self._diff(Path(seen.path), seen.base, seen.head))

    async def _diff(self, path: Path, base: str, head: str) -> str:
        from engine.edge.git_repository import Repository

        repository = await Repository.open(self.project.checkout, self.folder / "reader")
        try:
            return await repository.diff(path, base, head)
        finally:
            await repository.close()

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
