"""Hears the system's notices about changed files, in a thread, and tells which worktrees they are from."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping

import watchfiles

DEBOUNCE = 50
"""Milliseconds that changes are gathered at most."""
STEP = 10
"""Milliseconds of quiet that end the gathering."""
BEAT = 500
"""Milliseconds after which a quiet watcher gives a sign of life."""
STALLED = 1.5
"""Seconds without a sign of life after which notices may have been lost."""
FLOOD = 2_000
"""Changes at once from which on some may have been lost."""

Notices = Iterator[set[tuple[watchfiles.Change, str]]]
Notify = Callable[..., Notices]
"""As `watchfiles.watch`."""
Hear = Callable[["Listener", Collection[str] | None, str], None]


class Listener:
    """Hears of the worktrees `trees` (task to path). What it hears it tells in the event loop that it was
    made in: `hear(self, tasks, "")`, the first time as soon as nothing can be missed any more;
    `hear(self, None, why)` at its end."""

    def __init__(self, trees: Mapping[str, str], notify: Notify, hear: Hear) -> None:
        self.trees = trees
        self._names = {path: name for name, path in trees.items()}
        self._notify = notify
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._later: set[str] = set()
        threading.Thread(target=self._listen, name="wavetree-notices", daemon=True).start()

    def stop(self) -> None:
        """Hear no more; what is heard already may still be told."""
        self._stop.set()

    def _listen(self) -> None:
        why = ""
        try:
            self._listen_on()
        except FileNotFoundError:
            pass  # a worktree went away meanwhile
        except (OSError, RuntimeError) as error:  # watchfiles' own errors are RuntimeErrors
            why = str(error) or type(error).__name__
        self._tell(None, why)

    def _listen_on(self) -> None:
        notices = self._notify(
            *self._names,
            watch_filter=None,
            debounce=DEBOUNCE,
            step=STEP,
            rust_timeout=BEAT,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        first, before = True, time.monotonic()
        for changes in notices:
            stalled, before = time.monotonic() - before > STALLED and not first, time.monotonic()
            names = set(self.trees) if stalled or len(changes) > FLOOD else self._named(changes)
            if names or first:
                self._tell(names, "")
            first = False

    def _named(self, changes: Collection[tuple[watchfiles.Change, str]]) -> set[str]:
        """The tasks whose files changed, and in a quiet moment those that got a new folder a moment before:
        what was put into it at once is not always noticed."""
        if not changes:
            names, self._later = self._later, set()
            return names
        found: set[str] = set()
        for change, path in changes:
            if name := self._owner(path):
                found.add(name)
                if change is watchfiles.Change.added and os.path.isdir(path):  # noqa: PTH112
                    self._later.add(name)
        return found

    def _owner(self, path: str) -> str:
        """The task in whose worktree a path lies; empty for none, and for git's own files."""
        place = path
        while place not in self._names:
            place, slash, last = place.rpartition("/")
            if not slash or last == ".git":
                return ""
        return self._names[place]

    def _tell(self, names: Collection[str] | None, why: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is interested any more
            self._loop.call_soon_threadsafe(self._hear, self, names, why)
