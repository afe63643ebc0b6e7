"""Hands changes of tickets to a command, or leaves them in an outbox, one file each (M195)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.core.state import State
from engine.core.tracking import TicketChange, status_of, tracked
from engine.exporters.ticket_file import DONE, with_done
from engine.feeding import fed

log = logging.getLogger("wavetree.outgoing")

OUTBOX = "outbox"
PATIENCE = 10.0
"""Seconds that the command may take for one change."""


class Outgoing:
    """What leaves one run; `folder` is the run's folder, `checkout` where the command runs."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self._outbox = folder / OUTBOX
        self._checkout = checkout
        self._complained = False

    def keep(self, changes: Iterable[TicketChange]) -> None:
        """Write each change into the outbox, as one file that is there whole or not at all; the same change
        once more is the same file."""
        for change in changes:
            self._outbox.mkdir(mode=0o700, exist_ok=True)
            place = self._outbox / f"{change.id}.json"
            new = place.with_suffix(".new")
            new.write_bytes(msgspec.json.format(msgspec.json.encode(change), indent=2) + b"\n")
            new.replace(place)

    async def hand_out(self, changes: deque[TicketChange], command: tuple[str, ...]) -> None:
        """Give each change, which is in the outbox, to the command on its standard input; what it takes
        leaves the outbox. What it does not take, and all when there is no command, stays there."""
        if not command:
            changes.clear()
        while changes:
            change = changes.popleft()
            place = self._outbox / f"{change.id}.json"
            try:
                why = await fed(command, msgspec.json.encode(change) + b"\n", self._checkout, PATIENCE)
            except asyncio.CancelledError:  # the run is over; the command had its time
                place.unlink(missing_ok=True)
                raise
            if not why:
                place.unlink(missing_ok=True)
            elif not self._complained:
                self._complained = True
                log.warning("%s: %s", command[0], why)


def mark_files(state: State) -> None:
    """Say in ticket files that are not part of the repository's history which tickets are merged. What is in
    the history is marked by a commit, before the wave lands."""
    done = [task.id for task in state.tasks.values() if status_of(task) == DONE]
    for name in state.plan.trackers if done and tracked(state.plan) else ():
        place = Path(name)
        if not place.is_absolute():
            continue
        try:
            text, changed = with_done(place.read_bytes().decode("utf-8"), done)
            if changed:
                new = place.with_name(f"{place.name}.new")
                new.write_bytes(text.encode("utf-8"))
                new.replace(place)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s not marked: %s", place, error)
