"""What goes on beside a run's engine and is no affair of the run's: looks at its journal, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from engine.core.errors import WavetreeError

LOOK_EVERY = 0.2
"""Seconds between two looks."""


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
