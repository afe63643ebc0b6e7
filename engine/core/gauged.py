"""What every kind of event speaks of: how a task failed, and how a gate ended."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ErrorType(StrEnum):
    """The kinds of failures (M168). Whatever else an agent calls one is an ImplementationError."""

    VALIDATION = "ValidationError"
    DEPENDENCY = "DependencyError"
    IMPLEMENTATION = "ImplementationError"
    ENVIRONMENT = "EnvironmentError"
    TEST = "Test Failure"
    CRASH = "InstanceCrash"
    TIMEOUT = "Timeout"
    CONFLICT = "MergeConflict"

    @classmethod
    def _missing_(cls, value: object) -> ErrorType:
        """`testfailure`, `test_failure` and `Test Failure` are one."""
        word = _squeezed(str(value))
        return next((one for one in cls if _squeezed(one.value) == word), cls.IMPLEMENTATION)


def _squeezed(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()


class TaskError(Struct, frozen=True):
    """A typed failure (M168, M169): two to four hints, each something a person can do. `files` are those
    that clash, `gate` is the gate that found it, `test` the failing test's name where it is known."""

    type: ErrorType
    message: str
    context: str = ""
    hints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    gate: str = ""
    test: str = ""


class Cause(StrEnum):
    """What makes a run fail as a whole (M176); a run of which some tasks failed has finished all the same."""

    VALIDATION = "task validation failed"
    RESOURCES = "resources unavailable"
    WORKTREE = "worktree creation failed"
    SPAWN = "all instances failed to spawn"
    CORRUPTION = "repository corruption detected"


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
