"""What every kind of event speaks of: how a task failed, and how a gate ended."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class TaskError(Struct, frozen=True):
    """A typed failure (M168, M169): two to four hints, each something a person can do. `files` are those
    that clash."""

    type: str
    message: str
    context: str = ""
    hints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class GateLevel(StrEnum):
    """M145: on each merge candidate, after a wave, at the end of the run; or for one criterion of a wave's
    checklist, which it ticks (M148)."""

    TASK = "task"
    WAVE = "wave"
    RUN = "run"
    CRITERION = "criterion"


class GateVerdict(StrEnum):
    """How a gate ended. Only GREEN is a pass; SKIPPED stops nothing either, as there was nothing to run."""

    GREEN = "green"
    SKIPPED = "skipped"
    RED = "red"
    TIMEOUT = "timed out"
    BROKEN = "could not run"
