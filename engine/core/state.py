"""The state of a run: what the journal's events add up to. Nothing here was measured; see `vitals`."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from engine.core.conflicts import ConflictRecord
from engine.core.gauged import Cause, GateVerdict, TaskError
from engine.core.holdings import Holdings, Room, after_waves
from engine.core.intents import GateRequested, Ground
from engine.core.messages import Message, Said
from engine.core.plan import Mode, Plan, Task
from engine.core.settled import Settled


class Phase(StrEnum):
    """Where a task is, finer than the words of the screen (see `word`)."""

    PENDING = "pending"
    MAKING = "making"  # its worktree is being made
    MADE = "made"  # waits for the other worktrees of its batch
    UNDOING = "undoing"  # a worktree of its batch could not be made; none of the batch stays
    SETUP = "setup"
    READY = "ready"  # set up; its agent starts next
    RUNNING = "running"
    COLLECTING = "collecting"
    COMPLETE = "complete"  # waits for the merge queue, or is in it
    MERGING = "merging"
    MERGED = "merged"
    FAILED = "failed"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    SKIPPED = "skipped"


LIVE = frozenset({Phase.MAKING, Phase.MADE, Phase.UNDOING, Phase.SETUP, Phase.READY, Phase.RUNNING})
"""Phases that occupy a slot."""
BUSY = LIVE | {Phase.COLLECTING, Phase.MERGING}
"""Phases in which an intent is open or about to be."""
MOVING = BUSY | {Phase.COMPLETE}
"""Phases between a task's start and its end."""
SETTLED = frozenset({Phase.MERGED, Phase.FAILED, Phase.BLOCKED, Phase.STOPPED, Phase.SKIPPED})
"""Phases that a wave does not wait for any longer."""
DEAD = frozenset({Phase.FAILED, Phase.BLOCKED, Phase.STOPPED})
"""Phases that no dependant can build on."""
WORKING = frozenset({Phase.RUNNING, Phase.COLLECTING, Phase.COMPLETE, Phase.MERGING})
"""Phases in which a task's worktree may hold changes that are not merged yet."""
DONE = frozenset({Phase.MERGED, Phase.SKIPPED})
"""Phases that satisfy a dependant."""


class Tree(StrEnum):
    """What is on disk of a task's present attempt."""

    NONE = "none"
    PRESENT = "present"
    REMOVING = "removing"
    REMOVED = "removed"
    KEPT = "kept"


class Approval(Struct, frozen=True):
    """Who has approved a branch, and for which team."""

    team: str
    by: str
    note: str = ""


class Reviewing(Struct, frozen=True):
    """A review of a branch: one approval of each of `teams` is needed; `overdue`: its time is over;
    `rejected` says by whom it was refused, and why."""

    teams: tuple[str, ...]
    approvals: tuple[Approval, ...] = ()
    overdue: bool = False
    rejected: str = ""


class TaskState(Struct, frozen=True):
    """One task's progress through a run. `attempt` counts from 1 at the first start. `head` holds the
    attempt's work once it was collected; `merge` is the commit that put it on the integration branch. `how`
    says in words how its agent ended when it did not end well; `interrupted`: with the machine; `never_ran`:
    it could not be started. `built_on` are the tasks that were not merged yet when it started from their
    commits. `held`: by a person; `held_by` are the conflicts for whose sake it stands still. `accused`: its
    merge went wrong in company, and is tried once more alone before it is put out. `stale`: what it stood
    still for is merged, and it goes on on top of that. `failing`: it says that a test fails and lives, paused
    for the sake of it; `retry_queued`: it is tried again once somebody says that this is put right. `schema`
    are the schema files it has changed so far, `placing` what is to be put into its worktree before it goes
    on, `inbox` what is to be delivered to it, `asked` its sync requests, `at_points` the sync points at which
    it waits. `unsure`: whether it stands still is not known, since an engine died that froze it or let it go
    on. `pull_request` says in words what became of it, `proposed` that there is one.
    `review`: its branch was to be read before it merges."""

    id: str
    wave: int
    phase: Phase = Phase.PENDING
    attempt: int = 0
    batch: int = 0
    branch: str = ""
    path: str = ""
    base: str = ""
    head: str = ""
    merge: str = ""
    pid: int = 0
    log: str = ""
    tree: Tree = Tree.NONE
    kept: str = ""
    accused: bool = False
    held: bool = False
    held_by: tuple[str, ...] = ()
    isolated: bool = False
    stale: bool = False
    restarting: bool = False
    failing: TaskError | None = None
    retry_queued: bool = False
    schema: tuple[str, ...] = ()
    placing: tuple[Settled, ...] = ()
    asked: tuple[str, ...] = ()
    at_points: tuple[str, ...] = ()
    inbox: tuple[Message, ...] = ()
    throttled: bool = False
    frozen: bool = False
    freezing: bool = False
    unsure: bool = False
    stopping: bool = False
    killing: bool = False
    merge_approved: bool = False
    progress: float | None = None
    says: str = ""
    tests: str = ""
    step: int | None = None
    cost_usd: float = 0.0
    question: str = ""
    milestones: tuple[str, ...] = ()
    commits: int = 0
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    exit_code: int | None = None
    how: str = ""
    interrupted: bool = False
    error: TaskError | None = None
    never_ran: bool = False
    blocked_by: str = ""
    pull_request: str = ""
    proposed: bool = False
    review: Reviewing | None = None
    built_on: tuple[Ground, ...] = ()


class Order(Struct, frozen=True):
    """`second` goes on when `first` has ended; `over` once it has. `delay` is the estimate of what that costs
    in seconds; `wave` is set when the pair is part of a wave made sequential."""

    first: str
    second: str
    delay: float | None = None
    wave: int = 0
    over: bool = False


class Verb(StrEnum):
    """What a person can decide about agents in conflict."""

    ISOLATE = "isolate"
    SERIALIZE = "serialize"
    SEQUENTIAL = "sequential"
    RELEASE = "release"
    RESTART = "restart"
    RESOLVE = "resolve"
    OVERRIDE = "override"
    MOVE = "move"


class Decision(Struct, frozen=True):
    """What was decided about agents in conflict, by whom and why; `number` counts up from 1 (M132)."""

    number: int
    verb: Verb
    tasks: tuple[str, ...]
    wave: int
    by: str = ""
    note: str = ""
    undone: bool = False
    conflict: str = ""


class WavePhase(StrEnum):
    """Where a wave is, from waiting for its turn to closed."""

    PENDING = "pending"
    OFFERED = "offered"  # waits for an approval
    OPEN = "open"
    SYNCING = "syncing"  # all tasks settled; the base is being compared
    GATING = "gating"
    ADVANCING = "advancing"
    LANDING = "landing"
    FAILED = "failed"  # its gate is red
    CLOSED = "closed"


class WaveState(Struct, frozen=True):
    """One wave. `candidate` is the commit its gates run on. `signed` are the roles that consented at its end,
    `ticked` the numbers of the criteria that a person found met, `met` and `unmet` of those whose command
    says so; `overridden` says why it went on without. `red` is the gate that was red, `responded`:
    those who depend on the wave were stopped for it. `recorded`: its results are in the implementation log;
    `unrecorded` says why they could not be written there."""

    number: int
    name: str
    tasks: tuple[str, ...]
    mode: Mode = Mode.PARALLEL
    slots: int = 0
    phase: WavePhase = WavePhase.PENDING
    digest: str = ""
    approved_by: str = ""
    candidate: str = ""
    gate: int = 0
    signed: tuple[str, ...] = ()
    ticked: tuple[int, ...] = ()
    met: tuple[int, ...] = ()
    unmet: tuple[int, ...] = ()
    overridden: str = ""
    red: str = ""
    responded: bool = False
    recorded: bool = False
    unrecorded: str = ""


class MergeStage(StrEnum):
    """Where a merge of the train is."""

    CANDIDATE = "candidate"
    GATE = "gate"
    ADVANCE = "advance"


class Merge(Struct, frozen=True):
    """One merge of the train: its candidate is made on top of `tip`, which is the commit of the merge ahead
    of it. `gate` is the index of the gate that runs or runs next, in the worktree of that `slot`; `shared`: a
    gate of another merge ran at the same time; `rides`: the task behind it whose gates test it too, in one
    batch."""

    task: str
    stage: MergeStage
    tip: str
    sha: str = ""
    gate: int = 0
    slot: int = 0
    shared: bool = False
    rides: str = ""


class GateResult(Struct, frozen=True):
    """How one gate ended: on which `subject`, a task's id or a wave's number, with what verdict."""

    level: str
    subject: str
    gate: str
    verdict: GateVerdict
    detail: str = ""
    log: str = ""
    seconds: float = 0.0


class AlertKind(StrEnum):
    """What an alert is about."""

    CONFLICT = "conflict"
    GATE = "gate"
    FAILURE = "failure"
    TRESPASS = "trespass"
    LANDING = "landing"
    QUESTION = "question"
    NO_CHANGES = "no changes"
    HALT = "halt"
    STUCK = "stuck"
    LATE = "late"
    ESCALATION = "escalation"
    COORDINATION = "coordination"
    REVIEW = "review"
    NOTICE = "notice"
    METRIC = "metric"


class Alert(Struct, frozen=True):
    """Something a person should see; `number` counts up from 1; `open` until it is settled. `conflict` is the
    id of the record it belongs to."""

    number: int
    kind: AlertKind
    text: str
    tasks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    remedy: str = ""
    open: bool = True
    conflict: str = ""


class PointState(Struct, frozen=True):
    """One sync point. `tasks` are the participants; `triggers` what they reach it by, `share` the part of the
    estimate after which they are there without saying so, when there is one, and `due` those for which it is
    over. `lasts` is its duration in seconds, 0 without one. `chosen`: the procedure after it was missed."""

    id: str
    name: str
    tasks: tuple[str, ...]
    triggers: tuple[str, ...] = ()
    share: float = 0.0
    lasts: float = 0.0
    criteria: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    approved: str = ""
    missed: bool = False
    chosen: str = ""
    passed: bool = False


class RunPhase(StrEnum):
    """Where the run is; `checking` is the last look at the repository before its end."""

    NEW = "new"
    ACTIVE = "active"
    STOPPING = "stopping"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = frozenset({RunPhase.DONE, RunPhase.FAILED, RunPhase.STOPPED})


class State(Struct, frozen=True, dict=True):
    """A run, whole. `tip` is where the integration branch was last put by the engine; `landed` where the
    base was last put. `queue` holds finished tasks in the order they finished, `train` the merges in progress
    each on top of the one ahead of it, `testing` what was asked of each gate that runs, by its key. `open`
    has the keys of intents without an outcome; `turn` counts gate runs and resumes; `rank` is each task's
    critical-path length in seconds, under wave barriers within its wave; the larger starts first. `pressure`
    counts the looks at which the machine was beyond a run limit, less those at which it was free again;
    `starved` says for how long it let nothing start. `cause`: why the run as a whole has failed.
    `recent` are the last messages."""

    run: str = ""
    number: int = 0
    plan: Plan = Plan(name="", tasks=(), waves=())
    repo: str = ""
    base: str = ""
    base_sha: str = ""
    integration: str = ""
    integrated: bool = False
    tip: str = ""
    landed: str = ""
    slots: int = 1
    auto_approve: bool = False
    phase: RunPhase = RunPhase.NEW
    reason: str = ""
    halted: TaskError | None = None
    tasks: dict[str, TaskState] = {}
    waves: tuple[WaveState, ...] = ()
    queue: tuple[str, ...] = ()
    train: tuple[Merge, ...] = ()
    testing: dict[str, GateRequested] = {}
    results: tuple[GateResult, ...] = ()
    alerts: tuple[Alert, ...] = ()
    conflicts: dict[str, ConflictRecord] = {}
    orders: tuple[Order, ...] = ()
    decisions: tuple[Decision, ...] = ()
    settled: tuple[Settled, ...] = ()
    frozen_resources: tuple[str, ...] = ()
    contended: tuple[str, ...] = ()
    escalated: tuple[tuple[str, int], ...] = ()
    points: tuple[PointState, ...] = ()
    outbox: tuple[Said, ...] = ()
    sent: int = 0
    recent: tuple[Message, ...] = ()
    open: tuple[str, ...] = ()
    aborted: tuple[str, ...] = ()
    batch: int = 0
    turn: int = 0
    specs: dict[str, Task] = {}
    rank: dict[str, float] = {}
    holdings: Holdings = Holdings()
    load: str = "free"
    load_why: str = ""
    pressure: int = 0
    starved: str = ""
    cause: Cause | None = None
    checked: bool | None = None
    check_detail: str = ""
    land_refused: str = ""
    engines: int = 0

    def spec(self, task_id: str) -> Task:
        """The plan's task of that id."""
        return self.specs[task_id]

    @property
    def ended(self) -> bool:
        return self.phase in ENDED

    @property
    def merge(self) -> Merge | None:
        """The merge that lands next."""
        return self.train[0] if self.train else None

    @property
    def current_wave(self) -> WaveState | None:
        """The first wave that is not closed, or None when all are."""
        return next((wave for wave in self.waves if wave.phase is not WavePhase.CLOSED), None)

    @cached_property
    def moving(self) -> tuple[TaskState, ...]:
        """The tasks between their start and their end, in the plan's order: what most rules look at."""
        return tuple(task for task in self.tasks.values() if task.phase in MOVING)

    @cached_property
    def dead(self) -> frozenset[str]:
        """The tasks that no dependant can build on."""
        return frozenset(task.id for task in self.tasks.values() if task.phase in DEAD)

    @cached_property
    def behind_red(self) -> frozenset[str]:
        """The tasks that need, directly or through others, what a wave with a red gate has merged (M174)."""
        merged = {name for wave in self.waves if wave.red for name in wave.tasks}
        found, size = set(merged), 0
        while len(found) > size:
            size = len(found)
            found |= {one.id for one in self.specs.values() if any(need.task in found for need in one.needs)}
        return frozenset(found - merged)

    @cached_property
    def room(self) -> Room:
        """What is free of resources and locks. It is to be asked only: who enters takes a `new_room`."""
        return self.new_room()

    def new_room(self) -> Room:
        """What is free of resources and locks, for one who lets tasks enter."""
        return Room(
            self.holdings,
            (task.id for task in self.sessions()),
            (task.id for task in self.moving),
        )

    @cached_property
    def held_by_conflicts(self) -> tuple[TaskState, ...]:
        """The tasks that stand still so that another goes on alone."""
        return tuple(task for task in self.tasks.values() if task.held_by)

    def sessions(self) -> list[TaskState]:
        """The tasks that occupy a slot."""
        return [task for task in self.moving if task.phase in LIVE]


def unfinished_before(state: State, wave: WaveState) -> tuple[int, ...]:
    """The waves that an integration wave waits for, under dependency start too (M058)."""
    if wave.mode is not Mode.INTEGRATION:
        return ()
    before = after_waves(state.plan)[wave.number]
    return tuple(
        number
        for number in before
        if any(state.tasks[name].phase not in SETTLED for name in state.waves[number - 1].tasks)
    )


def live_in(state: State, wave: WaveState) -> int:
    """How many sessions of the wave are alive."""
    return sum(task.wave == wave.number for task in state.sessions())
