"""How often shared contexts were read and how often they were there already (M090)."""

from __future__ import annotations

from msgspec import Struct


class ContextUse(Struct, frozen=True):
    """The context of one kind of agent in one wave: `reads` files were read in `seconds`, once; `hits` more
    tasks were given what was there."""

    wave: int
    agent: str
    reads: int = 0
    hits: int = 0
    seconds: float = 0.0

    @property
    def saved(self) -> float:
        """Seconds that were not spent on reading the same files again."""
        return self.hits * self.seconds
