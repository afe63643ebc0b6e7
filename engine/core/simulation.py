"""What the built-in simulated agent is told to do (M101)."""

from __future__ import annotations

from msgspec import Struct


class Write(Struct, frozen=True):
    """A text for a file."""

    path: str
    text: str


class Replace(Struct, frozen=True):
    """In a file, `new` in place of `old`."""

    path: str
    old: str
    new: str


class SimulatedStep(Struct, frozen=True):
    """One thing a simulated agent does `at` seconds after its start; every key that is set is done."""

    at: float = 0.0
    write: Write | None = None
    append: Write | None = None
    replace: Replace | None = None
    delete: str | None = None
    commit: str | None = None
    progress: float | None = None
    says: str | None = None
    tests: str | None = None
    milestone: str | None = None
    step: int | None = None
    cost_usd: float | None = None
    spawn: float | None = None
    output: str | None = None


class SimulatedError(Struct, frozen=True, rename={"recovery_hints": "recoveryHints"}):
    """The typed failure a simulated agent reports (M168, M169)."""

    type: str
    message: str
    context: str = ""
    recovery_hints: tuple[str, ...] = ()
    test: str = ""


class Simulation(Struct, frozen=True):
    """What the built-in simulated agent does (M101): a real process that edits real files."""

    duration: float = 1.0
    do: tuple[SimulatedStep, ...] = ()
    exit: int = 0
    error: SimulatedError | None = None
    hang: bool = False
