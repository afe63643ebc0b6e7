"""Outcomes: the world's answers; `answers` names the intent that one closes."""

from __future__ import annotations

from msgspec import Struct

from engine.core.gauged import GateLevel, GateVerdict, TaskError
from engine.core.naming import NameClash
from engine.core.overlaps import Overlap, Pair


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
    """The worktree and its branch are gone again."""

    answers: str
    task: str
    attempt: int


class SetupEnded(Struct, frozen=True, tag=True):
    """The plan's set-up command has ended in the worktree; when it is not `ok`, `error` says why and `log`
    is its output."""

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


class TestFailed(Struct, frozen=True, tag=True):
    """The agent says that a test fails, and may still be alive. Closes nothing (M170)."""

    __test__ = False

    task: str
    attempt: int
    error: TaskError


class AgentExited(Struct, frozen=True, tag=True):
    """The agent and everything it started are gone. `code` is None when the exit was not recorded
    (killed together with its shim); `error` is a failure of starting it or one it typed itself.
    `interrupted`: it went down while no engine was there, as when the machine is switched off; `never_ran`:
    no process of it could be started."""

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
    never_ran: bool = False


class Frozen(Struct, frozen=True, tag=True):
    """`processes` were stopped; -1 when there was nothing left to stop."""

    answers: str
    task: str
    attempt: int
    processes: int


class Thawed(Struct, frozen=True, tag=True):
    """The task's processes go on."""

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
    """The messages are in the task's inbox."""

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
    """The merge commit `sha` is there, off to the side; no branch has it yet."""

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
    """`sha` holds the integration tip and the base's tip `base_sha`; it equals the tip when nothing moved.
    `unmarked` are the finished tasks of which the roadmap did not say so (M142), `ticked` those of which a
    ticket file says it now (M195)."""

    answers: str
    wave: int
    base_sha: str
    sha: str
    unmarked: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()


class SyncClashed(Struct, frozen=True, tag=True):
    """The base branch, at `base_sha`, has moved in a way that does not fit what is merged; nothing was
    changed."""

    answers: str
    wave: int
    base_sha: str
    files: tuple[str, ...]


class PullRequestEnded(Struct, frozen=True, tag=True):
    """How the command for a pull request ended: `made`, with its address where it printed one; else why not.
    Without the program on this machine there is no command (`missing`)."""

    answers: str
    task: str
    attempt: int
    made: bool
    detail: str = ""
    log: str = ""
    missing: bool = False


class ReviewOverdue(Struct, frozen=True, tag=True):
    """The task's branch has waited in review for longer than the limit: so many seconds (M149)."""

    task: str
    attempt: int
    seconds: float


class GateEnded(Struct, frozen=True, tag=True):
    """A gate of `level` has ended on its `subject`, a task's id or a wave's number. `detail` says in a
    line what was wrong, `test` which test failed where its output tells."""

    answers: str
    level: GateLevel
    subject: str
    gate: str
    verdict: GateVerdict
    detail: str = ""
    log: str = ""
    seconds: float = 0.0
    test: str = ""


class Aborted(Struct, frozen=True, tag=True):
    """The gate was ended before its time."""

    answers: str


class Advanced(Struct, frozen=True, tag=True):
    """The integration branch is at `new` now; `subject` is what was merged by that, a task or a wave."""

    answers: str
    subject: str
    new: str


class AdvanceRefused(Struct, frozen=True, tag=True):
    """The integration branch is at `actual`, moved by somebody else."""

    answers: str
    subject: str
    actual: str


class Landed(Struct, frozen=True, tag=True):
    """The base branch is at `sha` now, with `commits` new ones."""

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
    """The task's worktree and branch are removed."""

    answers: str
    task: str
    attempt: int


class CleanupKept(Struct, frozen=True, tag=True):
    """They are kept, for this reason."""

    answers: str
    task: str
    attempt: int
    reason: str


class Checked(Struct, frozen=True, tag=True):
    """The repository was looked at for damage; when it is not `ok`, `detail` is what git says."""

    answers: str
    ok: bool
    detail: str = ""


class Recorded(Struct, frozen=True, tag=True):
    """The wave's results are in the log, `added` of them new; or `error` says why they could not be written.
    `problems` are sentences on where log and git say something else than the journal (M166), `warnings` those
    on metrics that are beyond a threshold of the plan by now (M117)."""

    answers: str
    wave: int
    added: int = 0
    problems: tuple[str, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()


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


class NamesSeen(Struct, frozen=True, tag=True):
    """All names that two agents at work both add, in different files; `attempts` are those looked at
    (M053)."""

    clashes: tuple[NameClash, ...]
    attempts: dict[str, int] = {}


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


class LateSeen(Struct, frozen=True, tag=True):
    """The wave will take so many percent longer than was planned; `cause` in words (M068)."""

    wave: int
    percent: float
    cause: str


class LoadSeen(Struct, frozen=True, tag=True):
    """The machine's load crossed a limit, or is still beyond one: `free`, `no new starts` or `throttled`
    (D02); `why` in words."""

    level: str
    cpu: float
    why: str = ""


class StartsWaited(Struct, frozen=True, tag=True):
    """For so many seconds nothing could start as the machine was too busy, with no agent at work (M176)."""

    seconds: float
    why: str


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
    | TestFailed
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
    | PullRequestEnded
    | ReviewOverdue
    | GateEnded
    | Aborted
    | Advanced
    | AdvanceRefused
    | Landed
    | LandRefused
    | Cleaned
    | CleanupKept
    | Checked
    | Recorded
    | TrespassSeen
    | OverlapsSeen
    | NamesSeen
    | PathsSeen
    | StuckSeen
    | Escalated
    | PointDue
    | CoordinationFailed
    | MergedByHand
    | LateSeen
    | LoadSeen
    | StartsWaited
    | EffectFailed
    | Recovered
)
