"""Verdicts: decisions that change only the state."""

from __future__ import annotations

from msgspec import Struct

from engine.core.gauged import Cause, GateLevel, GateVerdict, TaskError
from engine.core.messages import Message
from engine.core.plan import Plan, Span
from engine.core.settled import Settled


class RunCreated(Struct, frozen=True, tag=True):
    """A run begins: the plan whole, the base branch and its tip, and the integration branch. `order` is that
    in which tasks should start; `log` is the implementation log when it is not the repository's own."""

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
    log: str = ""


class WaveOffered(Struct, frozen=True, tag=True):
    """Wave `wave` waits for a person; `digest` covers its tasks, files, slots and settings."""

    wave: int
    digest: str


class WaveApproved(Struct, frozen=True, tag=True):
    """A person, or auto-approve, lets the wave start, as it was shown under `digest`."""

    wave: int
    by: str
    role: str = ""
    digest: str = ""


class WaveRejected(Struct, frozen=True, tag=True):
    """A person refuses the wave; the run stops."""

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
    """The attempt has failed; its worktree is kept."""

    task: str
    attempt: int
    error: TaskError


class RetryQueued(Struct, frozen=True, tag=True):
    """A test of the task fails: it is tried again once somebody says that the cause is put right; `assignee`
    is told (M170)."""

    task: str
    attempt: int
    assignee: str = ""


class FixReported(Struct, frozen=True, tag=True):
    """Somebody says that the cause of the task's failing test is put right; its retry starts (M170)."""

    task: str
    by: str
    note: str = ""


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
    """The attempt was ended on demand; its worktree is kept."""

    task: str
    attempt: int


class TaskReset(Struct, frozen=True, tag=True):
    """The task is pending again and its next start is the next attempt (retry, resume, undone start)."""

    task: str


class TaskHeld(Struct, frozen=True, tag=True):
    """A person wants this task to stand still; desired state, true until released."""

    task: str


class TaskReleased(Struct, frozen=True, tag=True):
    """The person lets the task go on."""

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
    """The resource is given out again."""

    name: str
    by: str = ""


class TaskThrottled(Struct, frozen=True, tag=True):
    """The task stands still because the machine is under pressure (M072)."""

    task: str


class TaskUnthrottled(Struct, frozen=True, tag=True):
    """The machine has room again, and the task goes on."""

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


class CriteriaAgain(Struct, frozen=True, tag=True):
    """A person wants the commands of these criteria of the wave to be run once more (M148)."""

    wave: int
    numbers: tuple[int, ...]
    by: str = ""


class GateOverridden(Struct, frozen=True, tag=True):
    """A person lets the wave go on without what its gates want, and says why (M147)."""

    wave: int
    by: str
    reason: str


class GateRetried(Struct, frozen=True, tag=True):
    """The gates of a wave of which one was red run again, as `by` asked (M147)."""

    wave: int
    by: str


class ProcedureStarted(Struct, frozen=True, tag=True):
    """A recovery procedure: what called for it (`subject`: `wave N`, or a resource), the `response` that is
    carried out at once on `tasks`, and how it is settled and kept from coming again (M174)."""

    procedure: str
    response: str
    subject: str
    tasks: tuple[str, ...]
    resolution: str
    prevention: str


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


class GateJudged(Struct, frozen=True, tag=True):
    """A gate that the engine judges by itself has ended; `subject` is the task's id, or the wave's number."""

    level: GateLevel
    subject: str
    gate: str
    verdict: GateVerdict
    detail: str = ""


class TaskMoved(Struct, frozen=True, tag=True):
    """Before it started, the task went from wave `wave` to wave `to`, by the numbers that held until then; a
    `new` wave is put in front of the one that had that number (M215)."""

    task: str
    wave: int
    to: int
    new: bool = False
    by: str = ""
    note: str = ""


class EstimateSet(Struct, frozen=True, tag=True):
    """Before it started, somebody said how long the task will take (M215)."""

    task: str
    estimate: Span
    by: str = ""


class PullRequestSkipped(Struct, frozen=True, tag=True):
    """The task's branch gets no pull request, for this reason; it is merged all the same (M141)."""

    task: str
    why: str


class ReviewAsked(Struct, frozen=True, tag=True):
    """The task's branch is to be read before it merges, once for each of these teams; the empty name is
    anybody (M149)."""

    task: str
    attempt: int
    teams: tuple[str, ...]


class BranchReviewed(Struct, frozen=True, tag=True):
    """A person has read the branch for `team`, and lets it merge or not (M149)."""

    task: str
    attempt: int
    team: str
    by: str
    approved: bool
    note: str = ""


class StopAsked(Struct, frozen=True, tag=True):
    """Of one task, or with an empty name of the run."""

    task: str = ""
    by: str = ""


class MergeApproved(Struct, frozen=True, tag=True):
    """A person lets the finished branch into the merge queue, where merges ask first."""

    task: str
    by: str = ""


class SlotsSet(Struct, frozen=True, tag=True):
    """So many sessions may be alive at once from now on."""

    slots: int


class RunHalted(Struct, frozen=True, tag=True):
    """No new starts because of `error`; what runs is let finish."""

    error: TaskError


class RunEnded(Struct, frozen=True, tag=True):
    """`state`: done, failed or stopped. `reason` is a sentence for a person; `cause` is set when the run as a
    whole has failed (M176)."""

    state: str
    reason: str = ""
    cause: Cause | None = None


class RunResumed(Struct, frozen=True, tag=True):
    """The run is taken up again."""

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
    | RetryQueued
    | FixReported
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
    | CriteriaAgain
    | GateOverridden
    | GateRetried
    | ProcedureStarted
    | GateJudged
    | PullRequestSkipped
    | ReviewAsked
    | BranchReviewed
    | TaskMoved
    | EstimateSet
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
