"""Watches worktrees for changes: at once by the system's notices, in turns where it has none left to give.

A notice only says that a worktree is worth a look. It may say too much (git decides what is ignored), and
it is not the only reason for a look: notices get lost when very many come at once, and when the limit of
watches is reached later on. So each worktree also has its turn once in a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from pathlib import Path

import watchfiles

from engine.edge.git_site import real
from engine.edge.live_notices import Listener, Notify

TURN = 300.0
"""Seconds within which each worktree has its turn anyway."""
SLOW_TURN = 2.0
"""The same where there are no notices, unless the worktrees are too many for"""
SHORTEST = 0.1
"""seconds between two turns, of whatever worktrees."""
AGAIN = 30.0
"""Seconds after which notices are tried again."""

Identity = tuple[str, int]
"""The path of a folder, and which folder it is: one that was made anew is another."""


class Watch:
    """Tells which of the worktrees that it is to `keep` an eye on may have changed. `degraded` says why that
    is noticed late; empty when it is not. `by_turn` are those of the last told whose turn it was, of which
    nothing was noticed. Belongs to the event loop in which `keep` is called."""

    def __init__(self, notify: Notify = watchfiles.watch) -> None:
        self.degraded = ""
        self.by_turn: frozenset[str] = frozenset()
        self._notify = notify
        self._turned: set[str] = set()
        self._trees: dict[str, Identity] = {}
        self._heard: dict[str, Identity] = {}
        self._changed: set[str] = set()
        self._bell = asyncio.Event()
        self._turns: list[str] = []
        self._next_turn = time.monotonic() + TURN
        self._retry = 0.0
        self._current: Listener | None = None
        self._coming: tuple[Listener, dict[str, Identity]] | None = None
        self._closed = False

    @property
    def hears(self) -> bool:
        """Whether notices of all worktrees that are to be watched would be heard now."""
        return self._current is not None and self._heard == self._trees

    def keep(self, trees: Mapping[str, Path]) -> None:
        """From now on watch these worktrees, by the names of their tasks. New ones count as changed; those
        that are not there are left out."""
        before = self._trees
        self._trees = {name: found for name, path in trees.items() if (found := identity(path))}
        if before != self._trees:
            self._mark(name for name, tree in self._trees.items() if before.get(name) != tree)
            self._listen()

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        """The tasks whose worktrees may have changed, whenever there are any; ends after `close`."""
        while not self._closed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._next_turn - time.monotonic())):
                    await self._bell.wait()
            if time.monotonic() >= self._next_turn:
                self._take_turn()
            self._bell.clear()
            changed = frozenset(self._changed & self._trees.keys())
            self.by_turn = frozenset(self._turned)
            self._turned.clear()
            self._changed.clear()
            if changed:
                yield changed

    def close(self) -> None:
        """Stop watching."""
        self._closed = True
        for listener in (self._current, self._coming[0] if self._coming else None):
            if listener:
                listener.stop()
        self._current = self._coming = None
        self._bell.set()

    def _mark(self, names: Iterable[str]) -> None:
        marked = set(names)
        self._changed |= marked
        self._turned -= marked
        if self._changed:
            self._bell.set()

    def _take_turn(self) -> None:
        """Let the next worktree have its turn, and try again to get notices where there are none."""
        self._turns = self._turns or [*self._trees]
        if self._turns:
            name = self._turns.pop()
            quiet = not self.degraded and name not in self._changed
            self._mark([name])
            self._turned |= {name} if quiet else set()
        if self._heard != self._trees and time.monotonic() > self._retry:
            self._listen()
        self._plan_turn()

    def _plan_turn(self) -> None:
        period = SLOW_TURN if self.degraded else TURN
        self._next_turn = time.monotonic() + max(SHORTEST, period / max(1, len(self._trees)))

    def _listen(self) -> None:
        """Begin to listen to the present worktrees. The listener before goes on until the new one hears, so
        that nothing falls between them."""
        if self._coming or self._closed or not self._trees:
            return
        self._retry = time.monotonic() + AGAIN
        paths = {name: path for name, (path, _) in self._trees.items()}
        self._coming = Listener(paths, self._notify, self._hear), dict(self._trees)

    def _hear(self, listener: Listener, names: Collection[str] | None, why: str) -> None:
        """What a listener has to tell."""
        if self._coming and listener is self._coming[0]:
            trees, self._coming = self._coming[1], None
            if names is not None:
                self._begin(listener, trees)
        elif listener is self._current and names is None:
            self._current, self._heard = None, {}
        if names is not None:
            self._mark(names)
        elif why and not self._closed:
            self._degrade(why)

    def _begin(self, listener: Listener, trees: dict[str, Identity]) -> None:
        """A listener hears: what was not heard of before may have changed unnoticed."""
        if self._current:
            self._current.stop()
        self._mark(name for name, tree in trees.items() if self._heard.get(name) != tree)
        self._current, self._heard, self.degraded = listener, trees, ""
        self._plan_turn()
        if trees != self._trees:
            self._listen()

    def _degrade(self, why: str) -> None:
        """There are no notices of all worktrees: from now on each has its turn more often."""
        if self._current:
            self._current.stop()
        self._current, self._heard = None, {}
        self.degraded = (
            f"changes are noticed up to {max(SLOW_TURN, SHORTEST * len(self._trees)):g} s late, because the "
            f"system gives no notices of them: {why}. On Linux a higher fs.inotify.max_user_watches or "
            f"max_user_instances helps"
        )
        self._plan_turn()
        self._bell.set()


def identity(path: Path) -> Identity | None:
    """Which folder is at a path; None when there is none."""
    place = real(path)
    try:
        return str(place), place.lstat().st_ino
    except OSError:
        return None
