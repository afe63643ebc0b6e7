"""Counts the files that agents at work have changed and not committed yet, in a small share of the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.core.errors import GitError
from engine.core.state import TaskState
from engine.edge.git_repository import Repository

SHARE = 0.05
"""The most of the time that counting may take."""
AT_ONCE = 0.1
"""Seconds after which the worktrees that are left wait for the next look."""


class Uncommitted:
    """The last counts of a run's live worktrees, by task."""

    def __init__(self, repository: Repository, clock: Callable[[], float] = time.monotonic) -> None:
        self._git = repository
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._seen: dict[str, float] = {}
        self._rest_until = 0.0

    def count(self, task: str) -> int:
        """How many files of the task were not committed at the last look; 0 before there was one."""
        return self._counts.get(task, 0)

    async def look(self, tasks: Iterable[TaskState]) -> None:
        """Count again in the worktrees of `tasks`, those not seen for longest first; those that do not fit
        into the time wait for the next look. What is not among them is forgotten."""
        live = {task.id: task for task in tasks}
        self._counts = {name: number for name, number in self._counts.items() if name in live}
        self._seen = {name: at for name, at in self._seen.items() if name in live}
        begun = self._clock()
        if begun < self._rest_until:
            return
        for name in sorted(live, key=lambda name: self._seen.get(name, 0.0)):
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
