"""Tells what a person who is not at the screen wants to know: to a file, and to a command of theirs."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from engine.beside import Reader, Step, look_safely
from engine.client import NOTIFICATIONS, TOLD_WITHIN, Client
from engine.core.notifying import Notification, progress, status_in, told, wishes
from engine.core.tracking import TicketChange, ticket_changes
from engine.core.verdicts import RunEnded
from engine.edge.runs import Project
from engine.exporters.run_report import shown
from engine.feeding import fed
from engine.outgoing import Outgoing, mark_files
from engine.recorded import report_of

log = logging.getLogger("wavetree.herald")


class Herald:
    """Follows a run's journal beside the engine. How far it has come is in the file `told`: what a killed
    engine has told is not told again."""

    def __init__(self, project: Project, run: str, now: Callable[[], float] = time.time) -> None:
        self._project, self._run = project, run
        self._folder = project.folder(run)
        self._reader = Reader(self._folder, "told")
        self._now = now
        self._begun, self._reports = 0.0, 0
        self._statuses: list[str] = []
        self._left: deque[Notification] = deque()
        self._handed: deque[TicketChange] = deque()
        self._outgoing = Outgoing(self._folder, project.checkout)
        self._complained = False

    async def look_safely(self) -> None:
        """A look of which what goes wrong is only written into the log."""
        await look_safely(self.look, log, "not told")

    async def look(self) -> None:
        """Tell what was journalled since the last look, and how far the run is when that is due."""
        for step in self._reader.unread():
            self._begun = self._begun or step.record.at
            self._reader.passed(step)
            if self._reader.done_before(step):
                self._reports = self._due(step.record.at)
            else:
                self._take(step)
            await self._reader.rest()
        while self._left:
            await self._tell(self._left.popleft())
        await self._outgoing.hand_out(self._handed, self._reader.state.plan.settings.tracker_command)
        if self._begun and not self._reader.state.ended and (due := self._due(self._now())) > self._reports:
            self._reports = due
            await self._tell(progress(self._reader.state, tuple(self._statuses)))
            self._statuses.clear()

    def _take(self, step: Step) -> None:
        """Keep what there is to tell of a step, and note that it is as good as told."""
        news, changes = self._news(step), _changes(step)
        if not news and not changes:
            return
        self._outgoing.keep(changes)
        if step.after.ended:
            mark_files(step.after)
        self._reader.mark.write(step.record.cursor)
        self._left.extend(news)
        self._handed.extend(changes)

    def close(self) -> None:
        self._reader.close()

    def _due(self, at: float) -> int:
        """How many progress reports there should have been by then."""
        every = wishes(self._reader.state.plan).every
        return int((at - self._begun) // every) if every else 0

    def _news(self, step: Step) -> list[Notification]:
        """What there is to tell of a step; what agents say of themselves waits for the next report."""
        found: list[Notification] = []
        before, wish = step.before, wishes(step.after.plan)
        for event, after in zip(step.record.events, step.states, strict=True):
            if said := status_in(event):
                self._statuses.append(said)
            found += told(before, after, event, wish)
            if isinstance(event, RunEnded) and wish.metrics:
                found.append(self._metrics())
            before = after
        return [msgspec.structs.replace(note, sound=before.plan.settings.bell) for note in found]

    def _metrics(self) -> Notification:
        client = Client(self._project, self._run)
        try:
            measured = report_of(client).metrics
        finally:
            client.close()
        return Notification(
            "Metrics", "\n".join(f"{one.name}: {shown(one)} {one.verdict}" for one in measured)
        )

    async def _tell(self, note: Notification) -> None:
        line = msgspec.json.encode(note) + b"\n"
        try:
            with (self._folder / NOTIFICATIONS).open("ab") as file:
                file.write(line)
        except OSError as error:
            log.warning("notification not written: %s", error)
        if command := self._reader.state.plan.settings.notify_command:
            await self._run_command(command, line)

    async def _run_command(self, command: tuple[str, ...], line: bytes) -> None:
        """Run it with the record on its standard input; what is wrong with it is told once."""
        why = await fed(command, line, self._project.checkout, TOLD_WITHIN)
        if why and not self._complained:
            self._complained = True
            log.warning("%s: %s", command[0], why)
            failure = Notification("Notification command failed", f"{command[0]}: {why}", "error")
            with suppress(OSError), (self._folder / NOTIFICATIONS).open("ab") as file:
                file.write(msgspec.json.encode(failure) + b"\n")


def _changes(step: Step) -> list[TicketChange]:
    """What a tracker is told of a step."""
    time = datetime.fromtimestamp(step.record.at, UTC).isoformat(timespec="seconds")
    return list(ticket_changes(step.before, step.after, time, step.record.cursor))
