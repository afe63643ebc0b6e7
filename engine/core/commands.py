"""What can be asked of a run: the closed union `Command`; imperative names, frozen data."""

from __future__ import annotations

from msgspec import Struct

from engine.core.plan import Span
from engine.core.settled import Settled


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


class Isolate(Struct, frozen=True, tag=True):
    """Let a task go on alone: it pauses nobody and is merged last, once a person consented (M124)."""

    task: str
    by: str = ""
    note: str = ""


class Serialize(Struct, frozen=True, tag=True):
    """Let `first` end and be merged before `second` goes on, on top of it (M127)."""

    first: str
    second: str
    by: str = ""
    note: str = ""


class SerializeWave(Struct, frozen=True, tag=True):
    """Let what is left of wave `wave` go on one task after the other (M123)."""

    wave: int
    by: str = ""
    note: str = ""


class Resolve(Struct, frozen=True, tag=True):
    """Settle a conflict by hand with the texts in `settled`, whose blobs are in the repository; `how` says in
    words what was chosen (M129)."""

    conflict: str
    settled: tuple[Settled, ...]
    how: str = ""
    by: str = ""
    note: str = ""


class Say(Struct, frozen=True, tag=True):
    """Write to the agent of a task, or with `all` to all of them (M151)."""

    task: str
    text: str
    by: str = ""


class FreezeResource(Struct, frozen=True, tag=True):
    """Nobody gets this resource until it is released; who has it keeps it (M076)."""

    name: str
    by: str = ""
    note: str = ""


class UnfreezeResource(Struct, frozen=True, tag=True):
    """The resource is given out again."""

    name: str
    by: str = ""


class Tick(Struct, frozen=True, tag=True):
    """Criteria `numbers` of wave `wave` are met (0: the present one; no numbers: all); those with a command
    are ticked by that, which is run again (M148)."""

    wave: int = 0
    numbers: tuple[int, ...] = ()
    by: str = ""
    note: str = ""


class Review(Struct, frozen=True, tag=True):
    """Approve or reject the branch of a task that waits in review, for `team` where several are asked; a
    rejection says why in `note` (M149)."""

    task: str
    approve: bool = True
    team: str = ""
    by: str = ""
    note: str = ""


class Override(Struct, frozen=True, tag=True):
    """Let wave `wave` (0: the present one) go on although a gate is red or a word is missing (M147)."""

    wave: int
    reason: str
    by: str = ""


class RetryGate(Struct, frozen=True, tag=True):
    """Run the gates of wave `wave` (0: the one with a red gate) again, without an end of the run (M147)."""

    wave: int = 0
    by: str = ""


class Release(Struct, frozen=True, tag=True):
    """Take back that a task is isolated, or waits for another's end."""

    task: str
    by: str = ""
    note: str = ""


class UndoDecision(Struct, frozen=True, tag=True):
    """Take back the newest decision on agents in conflict, or with `number` that one."""

    number: int = 0
    by: str = ""
    note: str = ""


class Retry(Struct, frozen=True, tag=True):
    """Try a task once more, as the next attempt from the present tip: one that failed, was stopped or is
    blocked; of one that runs the agent is ended first (M122)."""

    task: str
    by: str = ""
    note: str = ""


class Fixed(Struct, frozen=True, tag=True):
    """The cause of the task's failing test is put right; the retry that is queued starts (M170)."""

    task: str
    by: str = ""
    note: str = ""


class StopTask(Struct, frozen=True, tag=True):
    """End one task's agent with everything it started; its worktree is kept."""

    task: str


class ApprovePoint(Struct, frozen=True, tag=True):
    """The criteria of a sync point, named by its name or id, are met (M153)."""

    point: str
    by: str = ""


class ChooseProcedure(Struct, frozen=True, tag=True):
    """Do this about a missed sync point: one of its failure procedures (M154)."""

    point: str
    procedure: str
    by: str = ""


class Stop(Struct, frozen=True, tag=True):
    """No new starts; end every agent; the run can be resumed (M094)."""

    by: str = ""


class SetSlots(Struct, frozen=True, tag=True):
    """How many sessions may be alive at once, at least 1."""

    slots: int


class Move(Struct, frozen=True, tag=True):
    """Put a task that has not started into another wave; 0: out of its own, into a later one (M215)."""

    task: str
    wave: int = 0
    by: str = ""
    note: str = ""


class Estimate(Struct, frozen=True, tag=True):
    """Say how long a task that has not started will take (M215)."""

    task: str
    estimate: Span
    by: str = ""


class Resume(Struct, frozen=True, tag=True):
    """Take up a run that was stopped, rejected or ended with failures (M162). With `resolved` that conflict
    is settled first, so that its task is merged instead of being done anew; with `override` a red gate is
    passed over. `role` is the person's."""

    by: str = ""
    auto_approve: bool = False
    resolved: Resolve | None = None
    override: Override | None = None
    role: str = ""


class InRole(Struct, frozen=True, tag=True):
    """What a person asks for who has chosen a role (M150)."""

    role: str
    command: Command


Command = (
    Approve
    | ApproveMerge
    | Reject
    | Pause
    | Unpause
    | Isolate
    | Serialize
    | Move
    | Estimate
    | SerializeWave
    | Resolve
    | Say
    | FreezeResource
    | UnfreezeResource
    | Tick
    | Override
    | Review
    | RetryGate
    | Release
    | UndoDecision
    | Retry
    | Fixed
    | StopTask
    | Stop
    | SetSlots
    | ApprovePoint
    | ChooseProcedure
    | Resume
    | InRole
)
