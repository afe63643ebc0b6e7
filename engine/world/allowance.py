"""How long an agent may work, and what is said of one that was ended for going beyond it (M173)."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.core.durations import show
from engine.core.gauged import ErrorType, TaskError
from engine.core.plan import Settings, Task


def limit_of(task: Task, settings: Settings) -> float:
    """Seconds that the task's agent may work: its own timeout, else its estimate times the plan's factor; 0
    when neither is given."""
    if task.timeout is not None:
        return task.timeout
    if settings.timeout_factor is None or task.estimate is None:
        return 0.0
    return task.estimate.most * settings.timeout_factor


class Allowance:
    """Counts the seconds of one attempt's work. Pauses do not count, and a new engine counts anew."""

    def __init__(self, limit: float, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._begun = now()
        self._paused = 0.0
        self._since: float | None = None

    def pause(self) -> None:
        """The agent stands still from now on."""
        self._since = self._now() if self._since is None else self._since

    def go_on(self) -> None:
        """It works again."""
        if self._since is not None:
            self._paused += self._now() - self._since
            self._since = None

    @property
    def over(self) -> bool:
        """Whether it has worked for longer than it may; never while it stands still."""
        worked = self._now() - self._begun - self._paused
        return bool(self.limit) and self._since is None and worked > self.limit


def too_late(task: Task, limit: float, log: str) -> TaskError:
    """The failure of an agent that was ended at its limit."""
    own = task.timeout is not None
    what = f"the `timeout` of {task.id}" if own else f"the estimate of {task.id} or settings.timeout_factor"
    return TaskError(
        ErrorType.TIMEOUT,
        f"{task.id}: the agent had not ended after {show(limit)} and was stopped",
        "its `timeout`" if own else "its estimate times settings.timeout_factor; pauses do not count",
        (f"read its output: {log}", f"raise {what}, or take the work apart", f"wavetree retry {task.id}"),
    )
