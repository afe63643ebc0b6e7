"""What happened: the closed union `Event = Verdict | Intent | Outcome`.

A verdict is a decision that changes only the state. An intent asks the world for an effect and is on
disk before the effect begins. An outcome is the world's answer; `answers` names the intent it closes.
After a crash, the intents that no outcome closed are exactly what has to be checked and done again.
No event carries a time or an id of its own: the journal's record does.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.core.messages import Message
from engine.core.overlaps import Overlap, Pair
from engine.core.plan import Gate, Plan
from engine.core.settled import Settled


class TaskError(Struct, frozen=True):
    """A typed failure (M168, M169): two to four hints, each something a person can do. `files` are those
    that clash."""

    type: str
    message: str
    context: str = ""
    hints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class GateLevel(StrEnum):
    """M145: on each merge candidate, after a wave, at the end of the run."""

    TASK = "task"
    WAVE = "wave"
    RUN = "run"


class GateVerdict(StrEnum):
    """How a gate ended; only GREEN lets anything pass."""

    GREEN = "green"
    RED = "red"
    TIMEOUT = "timed out"
    BROKEN = "could not run"


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────


class RunCreated(Struct, frozen=True, tag=True):
    """A run begins: the plan whole, the base branch and its tip, and the integration branch. `order` is that
    in which tasks should start."""

    run: str
    plan: Plan
    repo: str
    base: str
    base_sha: str
    integration: str
    slots: int
    auto_approve: bool = False
    number: int = 1
    order: tuple[str, ...] = ()


class WaveOffered(Struct, frozen=True, tag=True):
    """Wave `wave` waits for a person; `digest` covers its tasks, files, slots and settings."""

    wave: int
    digest: str


class WaveApproved(Struct, frozen=True, tag=True):
    wave: int
    by: str
    role: str = ""
    digest: str = ""


class WaveRejected(Struct, frozen=True, tag=True):
    wave: int
    by: str
    reason: str = ""


class WaveEnded(Struct, frozen=True, tag=True):
    """Every task of the wave is settled; its gates and landing come next."""

    wave: int


class WaveClosed(Struct, frozen=True, tag=True):
    """The wave's gates are green (or it has none) and its landing was tried."""

    wave: int


class WaveReopened(Struct, frozen=True, tag=True):
    """A task of the wave was reset while its gates ran or it landed; it is not over yet."""

    wave: int


class TaskSkipped(Struct, frozen=True, tag=True):
    """Complete already when the run began (M084)."""

    task: str


class TaskFailed(Struct, frozen=True, tag=True):
    task: str
    attempt: int
    error: TaskError


class TaskCompleted(Struct, frozen=True, tag=True):
    """The agent's work stands up to the diff; `notes` are flags such as `no changes` (M099, M105)."""

    task: str
    attempt: int
    notes: tuple[str, ...] = ()


class TaskBlocked(Struct, frozen=True, tag=True):
    """`task` cannot start because `by` failed (M167)."""

    task: str
    by: str


class TaskStopped(Struct, frozen=True, tag=True):
    task: str
    attempt: int


class TaskReset(Struct, frozen=True, tag=True):
    """The task is pending again and its next start is the next attempt (retry, resume, undone start)."""

    task: str


class TaskHeld(Struct, frozen=True, tag=True):
    """A person wants this task to stand still; desired state, true until released."""

    task: str


class TaskReleased(Struct, frozen=True, tag=True):
    task: str


class ConflictHeld(Struct, frozen=True, tag=True):
    """`task` stands still because of the conflict, so that the other goes on alone; desired state, true until
    released (M121)."""

    conflict: str
    task: str


class ConflictReleased(Struct, frozen=True, tag=True):
    """The conflict holds `task` no longer; with `overruled`, who or what says so, it never does again."""

    conflict: str
    task: str
    overruled: str = ""


class TaskIsolated(Struct, frozen=True, tag=True):
    """The task goes on alone: it pauses nobody and is paused for nobody, and is merged after all others and
    only with a person's consent; desired state (M124)."""

    task: str
    by: str = ""
    note: str = ""


class TaskRejoined(Struct, frozen=True, tag=True):
    """The task is isolated no longer."""

    task: str
    by: str = ""
    note: str = ""


class TasksSerialized(Struct, frozen=True, tag=True):
    """`second` stands still, or does not start, until `first` has ended; when that is merged, `second` goes
    on on top of it. Desired state (M127). `delay` is the estimate of what that costs in seconds, where there
    is one; `wave` is set when the pair is part of a wave made sequential (M123)."""

    first: str
    second: str
    by: str = ""
    note: str = ""
    delay: float | None = None
    wave: int = 0


class SerializeLifted(Struct, frozen=True, tag=True):
    """`second` waits for `first` no longer."""

    first: str
    second: str
    by: str = ""
    note: str = ""


class RestartAsked(Struct, frozen=True, tag=True):
    """End the attempt that runs and start the next one from the present tip; what it did is kept (M122)."""

    task: str
    by: str = ""
    note: str = ""


class FallbackApplied(Struct, frozen=True, tag=True):
    """What the rules did not settle is settled by `strategy` in `wave`, because of these conflicts, by a
    person or as the plan says (M123, M124, M125). With `proposed` it is left to a person (M126)."""

    strategy: str
    wave: int
    conflicts: tuple[str, ...] = ()
    by: str = ""
    note: str = ""
    proposed: bool = False


class DecisionUndone(Struct, frozen=True, tag=True):
    """A person takes back their decision of this number; the verdicts that do so follow."""

    number: int
    by: str = ""
    note: str = ""


class ConflictResolved(Struct, frozen=True, tag=True):
    """A person has settled the conflict: where these texts meet, this comes out; `how` in words (M129).
    Not `whole`: other files of it are still to be settled."""

    conflict: str
    settled: tuple[Settled, ...]
    by: str = ""
    note: str = ""
    how: str = ""
    whole: bool = True


class ResolutionLifted(Struct, frozen=True, tag=True):
    """What a person had chosen for the conflict is taken back; it is open again."""

    conflict: str


class MessageSent(Struct, frozen=True, tag=True):
    """An agent, a person or the engine has something to tell (M151)."""

    message: Message


class MessageRejected(Struct, frozen=True, tag=True):
    """What `sender` said cannot be sent, for this reason."""

    sender: str
    reason: str


class ResourceFrozen(Struct, frozen=True, tag=True):
    """Nobody gets the resource from now on; desired state (M076)."""

    name: str
    by: str = ""
    note: str = ""


class ResourceUnfrozen(Struct, frozen=True, tag=True):
    name: str
    by: str = ""


class TaskThrottled(Struct, frozen=True, tag=True):
    """The task stands still because the machine is under pressure (M072)."""

    task: str


class TaskUnthrottled(Struct, frozen=True, tag=True):
    task: str


class WaveSigned(Struct, frozen=True, tag=True):
    """A person consents to a wave that is over, for `role`, in their own role `acting` (M147, M150)."""

    wave: int
    role: str
    by: str
    acting: str = ""


class CriteriaTicked(Struct, frozen=True, tag=True):
    """A person says that these criteria of the wave are met (M148)."""

    wave: int
    numbers: tuple[int, ...]
    by: str
    note: str = ""


class GateOverridden(Struct, frozen=True, tag=True):
    """A person lets the wave go on without what its gates want, and says why (M147)."""

    wave: int
    by: str
    reason: str


class SchemaClashSeen(Struct, frozen=True, tag=True):
    """`changer` has changed these schema files while `user`, which uses them, is at work (M120)."""

    changer: str
    user: str
    files: tuple[str, ...]


class PointReached(Struct, frozen=True, tag=True):
    """`task` is at the sync point and waits there for the others (M153)."""

    point: str
    task: str


class PointApproved(Struct, frozen=True, tag=True):
    """A person finds the criteria of the sync point met."""

    point: str
    by: str


class PointPassed(Struct, frozen=True, tag=True):
    """All go on from the sync point; `why` when it was not met."""

    point: str
    why: str = ""


class ProcedureChosen(Struct, frozen=True, tag=True):
    """What a person does about a missed sync point, one of its failure procedures (M154)."""

    point: str
    procedure: str
    by: str


class StopAsked(Struct, frozen=True, tag=True):
    """Of one task, or with an empty name of the run."""

    task: str = ""
    by: str = ""


class MergeApproved(Struct, frozen=True, tag=True):
    task: str
    by: str = ""


class SlotsSet(Struct, frozen=True, tag=True):
    slots: int


class RunHalted(Struct, frozen=True, tag=True):
    """No new starts because of `error`; what runs is let finish."""

    error: TaskError


class RunEnded(Struct, frozen=True, tag=True):
    """`state`: done, failed or stopped. `reason` is a sentence for a person."""

    state: str
    reason: str = ""


class RunResumed(Struct, frozen=True, tag=True):
    by: str = ""
    auto_approve: bool = False


Verdict = (
    RunCreated
    | WaveOffered
    | WaveApproved
    | WaveRejected
    | WaveEnded
    | WaveClosed
    | WaveReopened
    | TaskSkipped
    | TaskFailed
    | TaskCompleted
    | TaskBlocked
    | TaskStopped
    | TaskReset
    | TaskHeld
    | TaskReleased
    | ConflictHeld
    | ConflictReleased
    | TaskIsolated
    | TaskRejoined
    | TasksSerialized
    | SerializeLifted
    | RestartAsked
    | FallbackApplied
    | DecisionUndone
    | SchemaClashSeen
    | WaveSigned
    | CriteriaTicked
    | GateOverridden
    | TaskThrottled
    | TaskUnthrottled
    | ResourceFrozen
    | ResourceUnfrozen
    | MessageSent
    | MessageRejected
    | ConflictResolved
    | ResolutionLifted
    | StopAsked
    | MergeApproved
    | SlotsSet
    | PointReached
    | PointApproved
    | PointPassed
    | ProcedureChosen
    | RunHalted
    | RunEnded
    | RunResumed
)

# ── intents ─────────────────────────────────────────────────────────────────────────────────────────


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
    task: str
    attempt: int

    @property
    def key(self) -> str:
        return f"freeze:{self.task}:{self.attempt}"


class ThawRequested(Struct, frozen=True, tag=True):
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
    """Compare the base branch with `tip`; when it has moved on its own, make the commit merging it in."""

    wave: int
    tip: str
    settled: tuple[Settled, ...] = ()

    @property
    def key(self) -> str:
        return f"sync:{self.wave}:{self.tip}"


class GateRequested(Struct, frozen=True, tag=True):
    """Run one gate on commit `sha` in the gate worktree. `subject` is the task id, or the wave's number."""

    level: GateLevel
    subject: str
    gate: Gate
    sha: str
    turn: int

    @property
    def key(self) -> str:
        return f"gate:{self.level.value}:{self.subject}:{self.gate.name}:{self.turn}"


class AbortRequested(Struct, frozen=True, tag=True):
    """End the gate whose key is `gate`, because the run stops."""

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
    """Remove a merged task's worktree and branch, unless something in it is not reachable from a ref."""

    task: str
    attempt: int
    branch: str
    path: str
    head: str

    @property
    def key(self) -> str:
        return f"cleanup:{self.task}:{self.attempt}"


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
    | CandidateRequested
    | SyncRequested
    | GateRequested
    | AbortRequested
    | AdvanceRequested
    | LandRequested
    | CleanupRequested
    | CheckRequested
)

# ── outcomes ────────────────────────────────────────────────────────────────────────────────────────


class IntegrationMade(Struct, frozen=True, tag=True):
    """The integration branch is at `tip`, which a person may have moved on between two engines."""

    answers: str
    tip: str = ""
    error: str = ""


class WorktreeMade(Struct, frozen=True, tag=True):
    """The branch starts at `base` (empty: at the one asked for), which holds the commits of the tasks
    `built_on`; `notes` say whose are missing, and why."""

    answers: str
    task: str
    attempt: int
    base: str = ""
    built_on: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class WorktreeFailed(Struct, frozen=True, tag=True):
    """git's own words in `error`; nothing of the worktree is left."""

    answers: str
    task: str
    attempt: int
    error: str


class Undone(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int


class SetupEnded(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int
    ok: bool
    error: str = ""
    log: str = ""


class AgentStarted(Struct, frozen=True, tag=True):
    """Alive under process id `pid`; `log` is the file its output goes to. Closes nothing."""

    task: str
    attempt: int
    pid: int
    log: str
    adopted: bool = False


class Words(Struct, frozen=True):
    """A message an agent wants to send: of a kind, to a task, `all` or `person` (M151)."""

    type: str
    to: str
    body: str


class Report(Struct, frozen=True, omit_defaults=True):
    """What an agent said of itself since the last report; None is unsaid (M103). `progress` is 0-100."""

    progress: float | None = None
    says: str | None = None
    tests: str | None = None
    step: int | None = None
    cost_usd: float | None = None
    milestones: tuple[str, ...] = ()
    question: str | None = None
    messages: tuple[Words, ...] = ()


class AgentReported(Struct, frozen=True, tag=True):
    """Closes nothing."""

    task: str
    attempt: int
    report: Report


class AgentExited(Struct, frozen=True, tag=True):
    """The agent and everything it started are gone. `code` is None when the exit was not recorded
    (killed together with its shim); `error` is a failure of starting it or one it typed itself.
    `interrupted`: it went down while no engine was there, as when the machine is switched off."""

    answers: str
    task: str
    attempt: int
    code: int | None
    signal: int | None = None
    reason: str = ""
    error: TaskError | None = None
    orphans: int = 0
    log: str = ""
    interrupted: bool = False


class Frozen(Struct, frozen=True, tag=True):
    """`processes` were stopped; -1 when there was nothing left to stop."""

    answers: str
    task: str
    attempt: int
    processes: int


class Thawed(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int


class Rebased(Struct, frozen=True, tag=True):
    """The task's worktree holds its work on top of `base` now; `files` have changed in it. `kept` is the ref
    that holds what was there."""

    answers: str
    task: str
    attempt: int
    base: str
    files: tuple[str, ...] = ()
    kept: str = ""


class RebaseClashed(Struct, frozen=True, tag=True):
    """The task's work does not fit on top of `tip`, or could not be put there: nothing was changed."""

    answers: str
    task: str
    attempt: int
    tip: str
    files: tuple[str, ...] = ()
    detail: str = ""


class Placed(Struct, frozen=True, tag=True):
    """These files of the worktree are as a person chose; `passed` had changed since and were left alone."""

    answers: str
    task: str
    attempt: int
    files: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


class Delivered(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int


class Killed(Struct, frozen=True, tag=True):
    """No process of the task is alive any more."""

    answers: str
    task: str
    attempt: int


class Collected(Struct, frozen=True, tag=True):
    """`head` holds all the attempt's work; `files` differ from its base. `left_over` files had not been
    committed by the agent. `problem` is why the work cannot be used; `issues` are remarks (M099)."""

    answers: str
    task: str
    attempt: int
    head: str
    commits: int
    files: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    problem: TaskError | None = None


class CandidateMade(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int
    sha: str


class Clashed(Struct, frozen=True, tag=True):
    """The merge needs a person; nothing was changed."""

    answers: str
    task: str
    attempt: int
    files: tuple[str, ...]
    detail: str = ""


class SyncMade(Struct, frozen=True, tag=True):
    """`sha` holds the integration tip and the base's tip `base_sha`; it equals the tip when nothing moved."""

    answers: str
    wave: int
    base_sha: str
    sha: str


class SyncClashed(Struct, frozen=True, tag=True):
    answers: str
    wave: int
    base_sha: str
    files: tuple[str, ...]


class GateEnded(Struct, frozen=True, tag=True):
    answers: str
    level: GateLevel
    subject: str
    gate: str
    verdict: GateVerdict
    detail: str = ""
    log: str = ""
    seconds: float = 0.0


class Aborted(Struct, frozen=True, tag=True):
    answers: str


class Advanced(Struct, frozen=True, tag=True):
    answers: str
    subject: str
    new: str


class AdvanceRefused(Struct, frozen=True, tag=True):
    """The integration branch is at `actual`, moved by somebody else."""

    answers: str
    subject: str
    actual: str


class Landed(Struct, frozen=True, tag=True):
    answers: str
    wave: int
    sha: str
    commits: int = 0


class LandRefused(Struct, frozen=True, tag=True):
    """The base was not touched; `remedy` is what to type."""

    answers: str
    wave: int
    reason: str
    remedy: str


class Cleaned(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int


class CleanupKept(Struct, frozen=True, tag=True):
    answers: str
    task: str
    attempt: int
    reason: str


class Checked(Struct, frozen=True, tag=True):
    answers: str
    ok: bool
    detail: str = ""


class TrespassSeen(Struct, frozen=True, tag=True):
    """Files changed where no agent may write: the base checkout or another's worktree (M104)."""

    place: str
    files: tuple[str, ...]
    suspects: tuple[str, ...]


class OverlapsSeen(Struct, frozen=True, tag=True):
    """What is news of how the live branches fit together: all `overlaps` of each pair of tasks for which
    something changed, and the pairs that overlap no longer. `attempts` are those looked at, `tip` the commit
    that was looked at as the integration branch's. `slow`: why looks are fewer than they should be."""

    overlaps: tuple[Overlap, ...]
    gone: tuple[Pair, ...] = ()
    attempts: dict[str, int] = {}
    tip: str = ""
    slow: str = ""


class MergedByHand(Struct, frozen=True, tag=True):
    """A person has merged the task's work, which the engine could not: the integration branch is at `tip` and
    contains it (M139)."""

    task: str
    attempt: int
    tip: str


class PathsSeen(Struct, frozen=True, tag=True):
    """Files that the attempt has changed and that were not told of before; `more` are left out (M131)."""

    task: str
    attempt: int
    files: tuple[str, ...]
    more: int = 0


class Escalated(Struct, frozen=True, tag=True):
    """`subject` (a conflict, `task:ID`, `wave:N`, `gate:ID`) goes to a role, at level 1 or 2, for this reason
    (M130)."""

    subject: str
    level: int
    role: str
    reason: str


class PointDue(Struct, frozen=True, tag=True):
    """The share of the estimate after which these tasks are at the sync point is over (M153)."""

    point: str
    tasks: tuple[str, ...]


class CoordinationFailed(Struct, frozen=True, tag=True):
    """The sync point was not met in `seconds`, its duration; `response` is done at once (M154, M174)."""

    point: str
    seconds: float
    procedure: str = "coordination_failure"
    response: str = "alert and hold participants"


class StuckSeen(Struct, frozen=True, tag=True):
    """The attempt has shown no sign of life for so many seconds; `checks` are what was looked at, with
    results (M111). 0 seconds: it has shown one again."""

    task: str
    attempt: int
    seconds: float
    checks: tuple[str, ...] = ()


class LoadSeen(Struct, frozen=True, tag=True):
    """The machine's load crossed a limit, or is still beyond one: `free`, `no new starts` or `throttled`
    (D02); `why` in words."""

    level: str
    cpu: float
    why: str = ""


class EffectFailed(Struct, frozen=True, tag=True):
    """An effect met something nobody foresaw; the run stops starting and says so."""

    answers: str
    error: str


class Recovered(Struct, frozen=True, tag=True):
    """A new engine took over: `redone` open intents were done again, `notes` say what was put right."""

    pid: int
    redone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Outcome = (
    IntegrationMade
    | WorktreeMade
    | WorktreeFailed
    | Undone
    | SetupEnded
    | AgentStarted
    | AgentReported
    | AgentExited
    | Frozen
    | Thawed
    | Rebased
    | RebaseClashed
    | Placed
    | Delivered
    | Killed
    | Collected
    | CandidateMade
    | Clashed
    | SyncMade
    | SyncClashed
    | GateEnded
    | Aborted
    | Advanced
    | AdvanceRefused
    | Landed
    | LandRefused
    | Cleaned
    | CleanupKept
    | Checked
    | TrespassSeen
    | OverlapsSeen
    | PathsSeen
    | StuckSeen
    | Escalated
    | PointDue
    | CoordinationFailed
    | MergedByHand
    | LoadSeen
    | EffectFailed
    | Recovered
)

Event = Verdict | Intent | Outcome


def answered(event: Event) -> str:
    """The key of the intent that `event` closes, or "" when it closes none."""
    return getattr(event, "answers", "")
