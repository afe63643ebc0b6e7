"""Remembers answers from one round to the next, and forgets those that a round did not ask for."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """What was asked for in this round or the one before."""

    def __init__(self) -> None:
        self._before: dict[K, V] = {}
        self._now: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The answer, kept for another round; None when there is none."""
        if key not in self._now and key in self._before:
            self._now[key] = self._before[key]
        return self._now.get(key)

    def put(self, key: K, value: V) -> V:
        self._now[key] = value
        return value

    def next(self) -> None:
        """A new round begins."""
        self._before, self._now = self._now, {}

    def clear(self) -> None:
        self._before, self._now = {}, {}
