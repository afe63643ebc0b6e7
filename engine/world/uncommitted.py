"""Counts the files that agents at work have changed and not committed yet, in a small share of the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from engine.core.errors import GitError
from engine.core.state import TaskState
from engine.edge.git_repository import Repository

SHARE = 0.05
"""The most of the time that counting may take."""
AT_ONCE = 0.1
"""Seconds after which the worktrees that are left wait for the next look."""
NOTES = ("HEAD", "index")
"""What git writes anew when something is committed or staged."""

Stirred = Callable[[], frozenset[str] | None]
"""The tasks whose worktrees may have changed since it was asked last; None where nobody watches them."""
Stamp = tuple[int, ...]


def nobody_knows() -> None:
    """Nobody watches the worktrees."""


class Uncommitted:
    """The last counts of a run's live worktrees, by task. Counted again is one that has `stirred`, or whose
    git has noted something."""

    def __init__(
        self,
        repository: Repository,
        stirred: Stirred = nobody_knows,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._git = repository
        self._stirred = stirred
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._stamps: dict[str, Stamp] = {}
        self._seen: dict[str, float] = {}
        self._due: set[str] = set()
        self._rest_until = 0.0

    def count(self, task: str) -> int:
        """How many files of the task were not committed at the last look; 0 before there was one."""
        return self._counts.get(task, 0)

    async def look(self, tasks: Iterable[TaskState]) -> None:
        """Count again in the worktrees of `tasks` that may have changed, those not seen for longest first;
        those that do not fit into the time wait for the next look. What is not among them is forgotten."""
        live = {task.id: task for task in tasks}
        self._counts = {name: number for name, number in self._counts.items() if name in live}
        self._seen = {name: at for name, at in self._seen.items() if name in live}
        stirred = self._stirred()
        self._due |= live.keys() if stirred is None else stirred
        begun = self._clock()
        if begun < self._rest_until:
            return
        stamps = {name: stamp(Path(task.path)) for name, task in live.items()}
        due = [name for name in live if name in self._due or self._stamps.get(name) != stamps[name]]
        for name in sorted(due, key=lambda name: self._seen.get(name, 0.0)):
            self._due.discard(name)
            self._stamps[name] = stamps[name]
            self._counts[name] = await self._counted(live[name])
            self._seen[name] = ended = self._clock()
            self._rest_until = ended + (ended - begun) * (1 / SHARE - 1)
            if ended - begun >= AT_ONCE:
                return

    async def _counted(self, task: TaskState) -> int:
        try:
            return len(await self._git.changed(Path(task.path)))
        except (GitError, OSError):
            return 0


def stamp(worktree: Path) -> Stamp:
    """When git has last written its notes on a worktree; empty where there are none."""
    try:
        return tuple(note.stat().st_mtime_ns for note in _notes(worktree))
    except OSError:
        return ()


@lru_cache(1_000)
def _notes(worktree: Path) -> tuple[Path, ...]:
    """Where git has them: each attempt has a path of its own, and keeps its notes. Raises OSError."""
    folder = (worktree / ".git").read_text().removeprefix("gitdir:").strip()
    return tuple(Path(worktree, folder, name) for name in NOTES)
