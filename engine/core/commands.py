"""What can be asked of a run: the closed union `Command`; imperative names, frozen data."""

from __future__ import annotations

from msgspec import Struct


class Approve(Struct, frozen=True, tag=True):
    """Consent to wave `wave` (0: the one that waits). `digest` is what was shown to the person; when
    it is set and the wave has changed since, the approval is refused (M144)."""

    wave: int = 0
    by: str = ""
    role: str = ""
    digest: str = ""


class ApproveMerge(Struct, frozen=True, tag=True):
    """Let the finished branch of `task` into the merge queue when `auto_merge` is off (M135)."""

    task: str
    by: str = ""


class Reject(Struct, frozen=True, tag=True):
    """Refuse wave `wave` (0: the one that waits): the run stops and can be resumed."""

    wave: int = 0
    by: str = ""
    reason: str = ""


class Pause(Struct, frozen=True, tag=True):
    """Hold these tasks: what runs is frozen, what has not started does not start. Empty: all."""

    tasks: tuple[str, ...] = ()


class Unpause(Struct, frozen=True, tag=True):
    """Let these tasks go on. Empty: all."""

    tasks: tuple[str, ...] = ()


class Retry(Struct, frozen=True, tag=True):
    """Try a failed, stopped or blocked task once more, as the next attempt from the present tip."""

    task: str


class StopTask(Struct, frozen=True, tag=True):
    """End one task's agent with everything it started; its worktree is kept."""

    task: str


class Stop(Struct, frozen=True, tag=True):
    """No new starts; end every agent; the run can be resumed (M094)."""

    by: str = ""


class SetSlots(Struct, frozen=True, tag=True):
    """How many sessions may be alive at once, at least 1."""

    slots: int


class Resume(Struct, frozen=True, tag=True):
    """Take up a run that was stopped, rejected or ended with failures (M162)."""

    by: str = ""
    auto_approve: bool = False


Command = Approve | ApproveMerge | Reject | Pause | Unpause | Retry | StopTask | Stop | SetSlots | Resume
