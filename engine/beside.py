"""What goes on beside a run's engine and is no affair of the run's: looks at its journal, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from engine.core.errors import WavetreeError
from engine.core.evolve import evolve
from engine.core.state import State
from engine.edge.journal import Journal, Record
from engine.edge.runs import JOURNAL

LOOK_EVERY = 0.2
"""Seconds between two looks."""
AT_A_TIME = 50
"""Steps that are read before the engine has its turn."""


class Mark:
    """How far somebody has come in a journal, in a file: what was done is not done again after a kill."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def read(self) -> int:
        """The last cursor that was written; 0 for none."""
        with suppress(OSError, ValueError):
            return int(self._place.read_text())
        return 0

    def write(self, cursor: int) -> None:
        """The file has the old number or the new one, whenever it is killed. Raises OSError."""
        new = self._place.with_suffix(".new")
        new.write_text(str(cursor))
        new.replace(self._place)


class Step(Struct, frozen=True):
    """A step of the journal, the state before it and the state after each of its events."""

    record: Record
    before: State
    states: tuple[State, ...]

    @property
    def after(self) -> State:
        return self.states[-1] if self.states else self.before


class Reader:
    """Reads a run's journal from its beginning, a step at a time; `state` is the one after what has passed.
    `mark` says up to where the work was done before, by an engine that is gone."""

    def __init__(self, folder: Path, mark: str) -> None:
        """Raises JournalError."""
        self.state = State()
        self.mark = Mark(folder / mark)
        self._journal = Journal(folder / JOURNAL)
        self._cursor, self._done = 0, self.mark.read()

    def unread(self) -> Iterator[Step]:
        """Each step that has not passed yet. The one that was given has to pass before the next is asked for;
        what went wrong before it has is given again. Raises JournalError."""
        for record in self._journal.read(self._cursor):
            states, state = [], self.state
            for event in record.events:
                states.append(state := evolve(state, event))
            yield Step(record, self.state, tuple(states))

    def done_before(self, step: Step) -> bool:
        """Whether an engine that is gone has done the work of this step."""
        return step.record.cursor <= self._done

    def passed(self, step: Step) -> None:
        """The step is done with."""
        self.state, self._cursor = step.after, step.record.cursor

    async def rest(self) -> None:
        """After each step: a long journal does not hold up the engine."""
        if self._cursor % AT_A_TIME == 0:
            await asyncio.sleep(0)

    def close(self) -> None:
        self._journal.close()


async def look_safely(look: Callable[[], Awaitable[None]], log: logging.Logger, trouble: str) -> None:
    """A look of which what goes wrong is only written into the log."""
    try:
        await look()
    except (WavetreeError, OSError) as error:
        log.warning("%s: %s", trouble, error)


async def follow(look: Callable[[], Awaitable[None]]) -> None:
    """Look until cancelled."""
    while True:
        await look()
        await asyncio.sleep(LOOK_EVERY)
