"""A run told from its journal: every event with its time and the state that it led to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.core.events import Event
from engine.core.evolve import evolve
from engine.core.state import State
from engine.edge.journal import Journal
from engine.edge.runs import JOURNAL


def history(folder: Path, upto: int) -> Iterator[tuple[State, float, Event]]:
    """Every event of the run in `folder` from its beginning up to the step `upto`, with the state after it.
    Raises JournalError."""
    state = State()
    with Journal(folder / JOURNAL) as journal:
        for step in journal.read():
            if step.cursor > upto:
                return
            for event in step.events:
                state = evolve(state, event)
                yield state, step.at, event
