"""Errors are for someone: the plan's author, the person at the keys, or the operator of the machine.

WavetreeError
├── PlanError        the plan's author: what is wrong in a file, all of it at once        (exit 2)
├── UsageError       the person: a command that cannot be carried out as typed           (exit 2)
│   └── Refused      the person: the engine understood and says no, with the reason      (exit 2)
├── PreflightError   the person: the repository is not ready for a run                    (exit 4)
└── EngineError      the operator: journal, socket, git or processes failed              (exit 1)
    ├── JournalError     the record on disk is damaged or from a newer version
    ├── GitError         git refused; carries the arguments and git's own words
    └── EngineGone       nobody answers on the engine's socket
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Fault(Struct, frozen=True):
    """One thing wrong in a file: where it is, what was found, what is accepted."""

    message: str
    file: str = ""
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class WavetreeError(Exception):
    """Base of every error a person may see; `remedy` says what to type or change."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class PlanError(WavetreeError):
    """The plan cannot be used; `faults` has every reason, not only the first."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class UsageError(WavetreeError):
    """What was typed cannot be done as it stands."""

    exit_code = 2


class Refused(UsageError):
    """The engine understood a command and says no."""


class PreflightError(WavetreeError):
    """The repository or the machine is not ready for a run; nothing was changed."""

    exit_code = 4

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class EngineError(WavetreeError):
    """Something under the engine failed: journal, socket, git, processes."""


class JournalError(EngineError):
    """The journal is damaged or was written by a newer version."""


class EngineGone(EngineError):
    """Nobody answers on the engine's socket."""


class GitError(EngineError):
    """git ended with an error: `args_` is the command, `text` git's own words."""

    def __init__(self, args_: Sequence[str], code: int, text: str) -> None:
        super().__init__(f"git {' '.join(args_[:3])}: {text.strip() or f'exit code {code}'}")
        self.args_ = tuple(args_)
        self.code = code
        self.text = text
