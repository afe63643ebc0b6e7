"""Notices agents that do nothing any more, and looks at what usually holds one up (M111)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.core.outcomes import StuckSeen
from engine.core.state import DONE, Phase, State, TaskState
from engine.core.vitals import SessionVitals, Vitals

Prints = Mapping[str, tuple[int, int]]
"""Of each changed file its time in nanoseconds and its size."""
TAIL = 16 * 1024
"""Bytes of a log in which to look for an error."""
_ERROR = re.compile(r"\b(error|exception|traceback|fatal|denied|timed? ?out|refused)\b", re.IGNORECASE)


class Watch:
    """Remembers since when each attempt has been idle: no output, no progress of its process, no change of
    its files. `log` gives an attempt's output file, `after` is how many seconds are too
    many."""

    def __init__(self, after: float, log: Callable[[TaskState], Path]) -> None:
        self._after = after
        self._log = log
        self._files: dict[tuple[str, int], tuple[object, float]] = {}
        self._told: set[tuple[str, int]] = set()

    def look(self, state: State, vitals: Vitals, prints: Callable[[str], Prints]) -> list[StuckSeen]:
        """The attempts that have just become stuck, or are so no longer. `prints` tells how the changed files
        in a worktree look now; it is asked only about agents without output."""
        found = []
        for task in state.moving:
            seen = vitals.sessions.get(task.id)
            if task.phase is not Phase.RUNNING or task.frozen or seen is None:
                continue
            key = (task.id, task.attempt)
            idle = self._idle(key, task, seen, vitals.at, prints)
            if idle >= self._after and key not in self._told:
                self._told.add(key)
                found.append(StuckSeen(*key, round(idle), checks(state, task, seen, vitals, self._log(task))))
            elif idle < self._after and key in self._told:
                self._told.discard(key)
                found.append(StuckSeen(*key, 0))
        return found

    def _idle(
        self,
        key: tuple[str, int],
        task: TaskState,
        seen: SessionVitals,
        now: float,
        prints: Callable[[str], Prints],
    ) -> float:
        """Seconds since the last sign of life."""
        if seen.output_age < self._after:
            self._files.pop(key, None)
            return seen.output_age
        files = prints(task.path)
        look = (files, seen.commits)
        known = self._files.get(key)
        if known is None:
            newest = max((changed for changed, _ in files.values()), default=0) / 1e9
            self._files[key] = (look, max(now - seen.output_age, newest))
        elif known[0] != look:
            self._files[key] = (look, now)
        return min(seen.output_age, now - self._files[key][1])


def checks(state: State, task: TaskState, seen: SessionVitals, vitals: Vitals, log: Path) -> tuple[str, ...]:
    """The documents' five checks with their results: resources, dependencies, error messages, network,
    service."""
    unmet = [need.task for need in state.spec(task.id).needs if state.tasks[need.task].phase not in DONE]
    return (
        f"resources: CPU {vitals.cpu:.0f} %, memory {vitals.ram:.0f} %, the agent {seen.cpu:.0f} % of a core",
        f"dependencies: {'waits for ' + ', '.join(unmet) if unmet else 'all are merged'}",
        f"error messages: {last_error(log) or 'none in its last output'}",
        f"network: {vitals.network:.0f} bytes a second on the machine",
        f"service: {seen.processes} processes of it are alive",
    )


def last_error(log: Path) -> str:
    """The last line of a log that looks like an error; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            lines: Sequence[str] = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if _ERROR.search(line)), "")
