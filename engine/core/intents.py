"""Intents: effects that are asked of the world, on disk before they begin."""

from __future__ import annotations

from msgspec import Struct

from engine.core.gauged import GateLevel
from engine.core.messages import Message
from engine.core.plan import Gate
from engine.core.settled import Settled


class IntegrationRequested(Struct, frozen=True, tag=True):
    """Make the integration branch at `sha`, or find where it is when it exists already."""

    branch: str
    sha: str

    @property
    def key(self) -> str:
        return "integration"


class Ground(Struct, frozen=True):
    """An unmerged task's branch from which another task starts, its milestone being reached (M060). `base` is
    where its own commits begin when all before them is merged and they alone are wanted; else empty."""

    task: str
    attempt: int
    branch: str
    base: str = ""


class WorktreeRequested(Struct, frozen=True, tag=True):
    """Make the worktree `path` on the new branch `branch` at commit `base`, with what the branches in `on`
    hold at that moment; copy and link set-up files."""

    task: str
    attempt: int
    batch: int
    branch: str
    path: str
    base: str
    on: tuple[Ground, ...] = ()

    @property
    def key(self) -> str:
        return f"worktree:{self.task}:{self.attempt}"


class UndoRequested(Struct, frozen=True, tag=True):
    """Take back a worktree and branch in which no agent was ever started (M082)."""

    task: str
    attempt: int
    branch: str
    path: str
    base: str

    @property
    def key(self) -> str:
        return f"undo:{self.task}:{self.attempt}"


class SetupRequested(Struct, frozen=True, tag=True):
    """Run the plan's set-up command in the worktree."""

    task: str
    attempt: int
    path: str

    @property
    def key(self) -> str:
        return f"setup:{self.task}:{self.attempt}"


class AgentRequested(Struct, frozen=True, tag=True):
    """Start the task's agent in its worktree; open until the agent has ended."""

    task: str
    attempt: int
    path: str
    branch: str

    @property
    def key(self) -> str:
        return f"agent:{self.task}:{self.attempt}"


class FreezeRequested(Struct, frozen=True, tag=True):
    """Stop every process of the task's agent where it is."""

    task: str
    attempt: int

    @property
    def key(self) -> str:
        return f"freeze:{self.task}:{self.attempt}"


class ThawRequested(Struct, frozen=True, tag=True):
    """Let them go on."""

    task: str
    attempt: int

    @property
    def key(self) -> str:
        return f"thaw:{self.task}:{self.attempt}"


class RebaseRequested(Struct, frozen=True, tag=True):
    """Put the branch of a task that stands still, and what is not committed in its worktree, on top of `tip`.
    What was there before stays reachable (M127)."""

    task: str
    attempt: int
    branch: str
    path: str
    base: str
    tip: str
    settled: tuple[Settled, ...] = ()

    @property
    def key(self) -> str:
        return f"rebase:{self.task}:{self.attempt}"


class PlaceRequested(Struct, frozen=True, tag=True):
    """Put what a person chose into the worktree of a task that stands still, where the file is still as it
    was then. What was there stays reachable (M129)."""

    task: str
    attempt: int
    path: str
    settled: tuple[Settled, ...]

    @property
    def key(self) -> str:
        return f"place:{self.task}:{self.attempt}"


class DeliverRequested(Struct, frozen=True, tag=True):
    """Put these messages into the inbox of a running attempt, each once however often this is done."""

    task: str
    attempt: int
    messages: tuple[Message, ...]

    @property
    def key(self) -> str:
        return f"deliver:{self.task}:{self.attempt}:{self.messages[0].id}"


class KillRequested(Struct, frozen=True, tag=True):
    """End the task's processes: INT, TERM, KILL with grace times."""

    task: str
    attempt: int

    @property
    def key(self) -> str:
        return f"kill:{self.task}:{self.attempt}"


class CollectRequested(Struct, frozen=True, tag=True):
    """Look at what the attempt left: commits, uncommitted changes, result file. Everything becomes
    reachable from a rescue ref; with `commit` the left-over changes become a commit of the branch."""

    task: str
    attempt: int
    branch: str
    path: str
    base: str
    commit: bool

    @property
    def key(self) -> str:
        return f"collect:{self.task}:{self.attempt}"


class PullRequestRequested(Struct, frozen=True, tag=True):
    """Run the command that makes a pull request of the task's branch, in the task's worktree (M141)."""

    task: str
    attempt: int
    path: str
    command: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"pull:{self.task}:{self.attempt}"


class CandidateRequested(Struct, frozen=True, tag=True):
    """Make the commit that merges `head` into `tip`, off to the side."""

    task: str
    attempt: int
    branch: str
    base: str
    head: str
    tip: str
    settled: tuple[Settled, ...] = ()

    @property
    def key(self) -> str:
        return f"candidate:{self.task}:{self.attempt}:{self.tip}"


class SyncRequested(Struct, frozen=True, tag=True):
    """Compare the base branch with `tip`; when it has moved on its own, make the commit merging it in. Where
    a `roadmap` does not say of those in `done` that they are complete, `mark` them in one more commit; where
    ticket files (`trackers`) do not say of those in `merged` that they are done, in another one."""

    wave: int
    tip: str
    settled: tuple[Settled, ...] = ()
    roadmap: str = ""
    done: tuple[str, ...] = ()
    mark: bool = True
    trackers: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"sync:{self.wave}:{self.tip}"


class GateRequested(Struct, frozen=True, tag=True):
    """Run one gate on commit `sha` in the gate worktree of that slot. `subject` is the task id, or the wave's
    number; `along` are the tasks ahead of it that are tested with it, in one batch. As many as `builds` of
    its matrix may run at once."""

    level: GateLevel
    subject: str
    gate: Gate
    sha: str
    turn: int
    slot: int = 1
    along: tuple[str, ...] = ()
    builds: int = 1

    @property
    def key(self) -> str:
        return f"gate:{self.level.value}:{self.subject}:{self.gate.name}:{self.turn}"


class AbortRequested(Struct, frozen=True, tag=True):
    """End the gate whose key is `gate`: the run stops, or what it tests will never land."""

    gate: str

    @property
    def key(self) -> str:
        return f"abort:{self.gate}"


class AdvanceRequested(Struct, frozen=True, tag=True):
    """Move the integration branch from `old` to `new`, only if it still is at `old`."""

    subject: str
    old: str
    new: str

    @property
    def key(self) -> str:
        return f"advance:{self.new}"


class LandRequested(Struct, frozen=True, tag=True):
    """Fast-forward the base branch to `new`."""

    wave: int
    new: str

    @property
    def key(self) -> str:
        return f"land:{self.wave}:{self.new}"


class CleanupRequested(Struct, frozen=True, tag=True):
    """Remove a merged task's worktree and branch, unless something in it is not reachable from a ref. The
    branch of a pull request stays (`proposed`)."""

    task: str
    attempt: int
    branch: str
    path: str
    head: str
    proposed: bool = False

    @property
    def key(self) -> str:
        return f"cleanup:{self.task}:{self.attempt}"


class RecordRequested(Struct, frozen=True, tag=True):
    """Add all results of a wave that has ended to the implementation log, in one act (M159)."""

    wave: int

    @property
    def key(self) -> str:
        return f"record:{self.wave}"


class CheckRequested(Struct, frozen=True, tag=True):
    """Check the repository's integrity at the end of the run (M093)."""

    turn: int

    @property
    def key(self) -> str:
        return f"check:{self.turn}"


Intent = (
    IntegrationRequested
    | WorktreeRequested
    | UndoRequested
    | SetupRequested
    | AgentRequested
    | FreezeRequested
    | ThawRequested
    | RebaseRequested
    | PlaceRequested
    | DeliverRequested
    | KillRequested
    | CollectRequested
    | PullRequestRequested
    | CandidateRequested
    | SyncRequested
    | GateRequested
    | AbortRequested
    | AdvanceRequested
    | LandRequested
    | CleanupRequested
    | RecordRequested
    | CheckRequested
)
