"""When the sheet of a waiting wave opens by itself: announced first, once, and not while keys are typed."""

from __future__ import annotations

from collections.abc import Callable

QUIET = 1.0
"""Seconds without a key between the announcement in the header and the sheet."""


class Announcement:
    """Remembers which offer was announced and since when nothing was typed; `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._digest = ""
        self._since = 0.0
        self._over = True

    def is_due(self, digest: str) -> bool:
        """Whether the sheet of the offer with that digest (empty: none waits) should open now."""
        if digest != self._digest:
            self._digest, self._since, self._over = digest, self._clock(), False
        return bool(digest) and not self._over and self._clock() - self._since >= QUIET

    def opened(self) -> None:
        """The sheet was opened; for this offer it does not open by itself again."""
        self._over = True

    def typed(self) -> None:
        """A key was typed: the sheet waits again."""
        self._since = self._clock()
