"""The plan as frozen data: what an importer makes from a file and everything after it reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, TypeVar

from msgspec import Struct, field

from engine.core.parts import Part
from engine.core.simulation import Simulation


class Span(Struct, frozen=True, eq=False):
    """A duration in seconds, from `least` to `most`; schedules use `most` (M004). `unit` is the one it was
    said in; it makes no difference."""

    least: float
    most: float
    unit: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.least, self.most) == (other.least, other.most)

    def __hash__(self) -> int:
        return hash((self.least, self.most))


class Level(StrEnum):
    """How much: of an urgency, a probability, an impact, a risk."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Need(Struct, frozen=True):
    """What must be there before a task starts: another task merged, or a milestone of it reached."""

    task: str
    milestone: str | None = None


class Gate(Struct, frozen=True):
    """A check: a command run with bash; green is exit 0 within `timeout` seconds, all else is red. An
    `action` of documents without a command is judged by the engine (M146). With a `matrix` the command is run
    once for each combination of its values, which it finds in variables of those names (M196)."""

    name: str
    run: str
    timeout: float = 600.0
    action: str = ""
    matrix: dict[str, tuple[str, ...]] = {}

    @property
    def cells(self) -> tuple[dict[str, str], ...]:
        """The combinations of the matrix; without one a single empty one."""
        return tuple(
            dict(zip(self.matrix, values, strict=True)) for values in itertools.product(*self.matrix.values())
        )


class SignOff(Struct, frozen=True):
    """What people have to say before a wave counts as done: each of these roles consents, each criterion is
    ticked (M147, M148)."""

    name: str
    roles: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


class ReviewRule(Struct, frozen=True):
    """A branch is read by a person before it merges, within `limit` seconds; a file of several teams by each
    of them when it is `cross_team` (M149)."""

    limit: float = 86400.0
    cross_team: bool = True


class Gates(Struct, frozen=True):
    """Gates by level (M145): `task` on each merge candidate, `wave` after a wave, `run` at the end;
    `sign_off` are words of people after each wave; `actions` are the commands of the documents' actions,
    `criteria` those by which criteria are ticked, each by the criterion's text (M148). `review` asks for a
    review of each branch."""

    task: tuple[Gate, ...] = ()
    wave: tuple[Gate, ...] = ()
    run: tuple[Gate, ...] = ()
    sign_off: tuple[SignOff, ...] = ()
    actions: dict[str, str] = {}
    criteria: dict[str, str] = {}
    review: ReviewRule | None = None


class AgentSpec(Struct, frozen=True):
    """A named agent: `command` is an argument vector with the placeholders {prompt} {prompt_file}
    {worktree} {task}; `kind` is the built-in or preset it starts from; `context` are files of the repository
    whose text each of its tasks is given (M090)."""

    name: str
    kind: str = "command"
    command: tuple[str, ...] = ()
    env: dict[str, str] = {}
    context: tuple[str, ...] = ()


class Setup(Struct, frozen=True):
    """What a worktree needs before an agent starts in it: files copied or linked from the main
    checkout (ignored ones such as `.env`), then a command run with bash."""

    copy: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    run: str = ""
    timeout: float = 1800.0


class Task(Struct, frozen=True):
    """The smallest unit that one agent carries out in one worktree.

    `agent` is empty until somebody says who does it. `files` may name parts of files
    (`src/api.py::Users.get`, `docs/a.md#L10-40`). `conflicts_with` names tasks that it never runs beside
    (M003). `resources` are amounts of counted things; `capacity` is what it takes of its team's hours a week.
    `status` is a state of the glossary. `extra` holds keys of other tools, kept for export."""

    id: str
    title: str = ""
    description: str = ""
    type: str = "feature"
    agent: str = "shell"
    run: str = ""
    prompt: str = ""
    needs: tuple[Need, ...] = ()
    conflicts_with: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    estimate: Span | None = None
    resources: dict[str, float] = {}
    steps: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    urgency: Level | None = None
    points: float | None = None
    labels: tuple[str, ...] = ()
    epic: str = ""
    sprint: str = ""
    assignee: str = ""
    team: str = ""
    skills: tuple[str, ...] = ()
    capacity: float = 0.0
    session: str = ""
    simulate: Simulation | None = None
    timeout: float | None = None
    status: str = ""
    complete: bool = False
    extra: dict[str, Any] = {}


class Mode(StrEnum):
    """M058: side by side, one after the other, or side by side after all of the waves it needs."""

    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"
    INTEGRATION = "integration"


class Wave(Struct, frozen=True):
    """Tasks released together; `number` counts from 1. `needs` are the numbers of waves that an integration
    wave comes after, all before it when empty. `slots` bounds its sessions, 0: only the plan does. `criteria`
    are its checklist, `watch` what to look at beside its declared files (M053)."""

    number: int
    name: str
    tasks: tuple[str, ...]
    mode: Mode = Mode.PARALLEL
    needs: tuple[int, ...] = ()
    slots: int = 0
    criteria: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    extra: dict[str, Any] = {}


class Resolution(StrEnum):
    """What the scheduler does with the tasks of a shared file (M046)."""

    SEQUENTIAL_ACCESS = "sequential_access"  # one at a time, until the one before is merged
    FINAL_MERGE_STEP = "final_merge_step"  # combined once at the end
    DEPENDENCY_ORDER = "dependency_order"  # the dependant after the dependency
    PARALLEL_SAFE = "parallel_safe"  # no conflict


class FileRule(Struct, frozen=True):
    """A path or pattern that several tasks share, how grave that is, and what is done about it (M005);
    without `tasks` it concerns every task of the plan."""

    file: str
    resolution: Resolution
    level: Level = Level.HIGH
    tasks: tuple[str, ...] = ()


class OnConflict(StrEnum):
    """What a plan does with tasks that declare the same file or part (D05): nothing but show it, put only
    such pairs one after the other, or all tasks."""

    SHOW = "show"
    SPLIT = "split"
    SEQUENTIAL = "sequential"


class Supply(Struct, frozen=True):
    """How much of a resource there is at once, bytes for sizes; one unit makes it exclusive (M075, M076).
    `alternative` names the resource that serves when none is free (M066)."""

    count: float
    alternative: str = ""


class Machine(Struct, frozen=True):
    """What agents may share out among them, in cores and bytes of memory: given, or measured when 0;
    `reserved_*` stays with the machine (M074)."""

    cores: float = 0.0
    ram: float = 0.0
    reserved_cores: float = 0.0
    reserved_ram: float = 0.0


class ConflictRule(Struct, frozen=True):
    """What is done at once about a kind of conflict, and what brings the tasks back (M020)."""

    rule: str
    action: str
    recovery: str = ""


RULES = (
    ConflictRule("same_file_modification", "pause_second_agent", "merge_changes_manually"),
    ConflictRule("dependent_schema_change", "pause_dependent_agents", "restart_after_dependency_complete"),
)
"""The rules of a plan that names none (M020)."""


FALLBACK_STRATEGIES = ("convert_to_sequential", "isolate_conflicting_agents", "pause_and_manual_resolve")
FALLBACK_TRIGGERS = ("multiple_conflicts_detected", "single_agent_conflict", "critical_conflict_detected")
"""In the order of the words for several, one and a critical one."""


class Fallback(Struct, frozen=True):
    """What is done when the rules do not settle what agents clash in, and when (M123, M124, M125)."""

    strategy: str
    trigger: str


class Deadline(Struct, frozen=True):
    """The end by which the plan should be done, an ISO date or a duration from its start as typed; `hard`
    stops a plan that would end later, otherwise it is warned of (M036)."""

    by: str
    hard: bool = False


class Story(Struct, frozen=True):
    """What a plan was made for: the user story behind it, with the answers it was made from (M018)."""

    id: str = ""
    title: str = ""
    role: str = ""
    functionality: str = ""
    value: str = ""
    complexity: str = ""
    answers: dict[str, str] = {}


class StartPolicy(StrEnum):
    """M059: `wave` waits for the whole wave before; `dependency` only for a task's own needs."""

    WAVE = "wave"
    DEPENDENCY = "dependency"


class Land(StrEnum):
    """When the base branch is fast-forwarded to what was merged and gated."""

    WAVE = "wave"
    END = "end"
    NEVER = "never"


class MergeOrder(StrEnum):
    """M134: merge in the order of completion or of the plan; a dependency always goes first."""

    COMPLETION = "completion"
    PLAN = "plan"


class Handling(StrEnum):
    """Who settles a conflict (D03)."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    ESCALATE = "escalate"


SCHEMA_FILES = ("doctype/*/*.json", "**/doctype/*/*.json", "migrations/**", "**/migrations/**", "**/*.sql")
"""Where tables are described in a plan that does not say (M054)."""


IGNORED = (
    "*.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "bun.lockb",
    "go.sum",
    "CLAUDE.md",
    "AGENTS.md",
    "GEMINI.md",
    "*.min.js",
    "*.min.css",
    "*.js.map",
    "__generated__/**",
)
"""What is written beside the work, in a plan that does not say: lock files and what else a tool makes anew,
and notes to agents."""


class Conflicts(Struct, frozen=True):
    """`schema` are the files whose change concerns every task that needs the changer (M054); a pattern of
    `ignore` without a folder holds in every folder. `many` open conflicts in one wave are several."""

    handling: Handling = Handling.AUTOMATIC
    ignore: tuple[str, ...] = IGNORED
    on_conflict: OnConflict = OnConflict.SHOW
    rules: tuple[ConflictRule, ...] = RULES
    fallbacks: tuple[Fallback, ...] = ()
    many: int = 2
    schema: tuple[str, ...] = SCHEMA_FILES


class Settings(Struct, frozen=True):
    """A run's settings; times in seconds, sizes in bytes, rates in bytes per second."""

    land: Land = Land.WAVE
    auto_merge: bool = True
    merge_order: MergeOrder = MergeOrder.COMPLETION
    gate_slots: int = 2
    gate_batch: int = 1
    auto_coordinate: bool = True
    poll_interval: float = 10.0
    scan_interval: float = 30.0
    stop_grace: float = 3.0
    log_limit: int = 256 * 2**20
    quiet_after: float = 60.0
    stuck_after: float = 900.0
    start_cpu_percent: float | None = None
    max_cpu_percent: float | None = None
    start_memory_percent: float | None = None
    max_memory_percent: float | None = None
    max_ram_gb: float | None = None
    max_disk_io: float | None = None
    resource_wait: float = 3600.0
    timeout_factor: float | None = None
    link_speed: float = 125e6
    progress_updates: str = ""
    conflict_reporting: str = ""
    metrics_tracking: str = ""
    notify_command: tuple[str, ...] = ()
    bell: bool = False
    roadmap_autofix: bool = True
    pull_request: tuple[str, ...] = ()
    tracker_sync: bool = True
    tracker_command: tuple[str, ...] = ()
    role: str = ""


class Seen(Struct, frozen=True):
    """What was looked up in the repository for a plan: the lines of the parts that its tasks declare or that
    their texts name (`parts`, by entry), and what each task's text names (`named`, by task)."""

    parts: dict[str, Part] = {}
    named: dict[str, tuple[str, ...]] = {}


class Plan(Struct, frozen=True, dict=True):
    """Everything a run needs to know; waves are always filled in, task ids are unique.

    In a `draft` it may be open who does a task: it can be looked at, not run. `agent` does the tasks that
    name no agent. `supplies` are counted and exclusive resources, `start` the ISO date of the first day,
    `readiness` are bash commands that must succeed before a run (M079), `buffer` the share of team capacity
    that planning leaves free (M064), `analysis` the id of the dependency analysis it was made from (M009),
    `roadmap` the file that says of its tasks how far they are (M142), `trackers` the ticket files they are
    from; those in the repository's history by their path there, others by their whole path (M195).
    `sections` are parts of strategy documents by their top-level key, as the documents have them; `strategy`
    reads them. `seen` is what the repository told, in no file."""

    name: str
    tasks: tuple[Task, ...]
    waves: tuple[Wave, ...]
    base: str = ""
    slots: int = 3
    start_policy: StartPolicy = StartPolicy.WAVE
    draft: bool = False
    agent: str = ""
    agents: dict[str, AgentSpec] = {}
    setup: Setup = Setup()
    gates: Gates = Gates()
    readiness: tuple[str, ...] = ()
    conflicts: Conflicts = Conflicts()
    settings: Settings = field(default_factory=Settings)
    file_rules: tuple[FileRule, ...] = ()
    supplies: dict[str, Supply] = {}
    machine: Machine = Machine()
    buffer: float = 0.2
    start: str = ""
    deadline: Deadline | None = None
    story: Story | None = None
    analysis: str = ""
    roadmap: str = ""
    trackers: tuple[str, ...] = ()
    sections: dict[str, Any] = {}
    seen: Seen = Seen()

    @cached_property
    def by_id(self) -> dict[str, Task]:
        """The tasks by their ids."""
        return {task.id: task for task in self.tasks}

    def task(self, task_id: str) -> Task:
        """The task of that id; KeyError when the plan has none."""
        return self.by_id[task_id]


Found = TypeVar("Found")


def once(compute: Callable[[Plan], Found]) -> Callable[[Plan], Found]:
    """Remembers what was computed of a plan with the plan, which never changes."""
    name = f"_{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def remembered(plan: Plan) -> Found:
        if name not in plan.__dict__:
            plan.__dict__[name] = compute(plan)
        found: Found = plan.__dict__[name]
        return found

    return remembered
