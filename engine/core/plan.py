"""The plan as frozen data: what an importer makes from a file and everything after it reads."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class Span(Struct, frozen=True):
    """A duration in seconds, from `least` to `most`; schedules use `most` (M004)."""

    least: float
    most: float


class Need(Struct, frozen=True):
    """What must be there before a task starts: another task merged, or a milestone of it reached."""

    task: str
    milestone: str | None = None


class Gate(Struct, frozen=True):
    """A check: a command run with bash; green is exit 0 within `timeout` seconds, all else is red."""

    name: str
    run: str
    timeout: float = 600.0


class Gates(Struct, frozen=True):
    """Gates by level (M145): `task` on each merge candidate, `wave` after a wave, `run` at the end."""

    task: tuple[Gate, ...] = ()
    wave: tuple[Gate, ...] = ()
    run: tuple[Gate, ...] = ()


class AgentSpec(Struct, frozen=True):
    """A named agent: `command` is an argument vector with the placeholders {prompt} {prompt_file}
    {worktree} {task}; `kind` is the built-in or preset it starts from."""

    name: str
    kind: str = "command"
    command: tuple[str, ...] = ()
    env: dict[str, str] = {}


class Setup(Struct, frozen=True):
    """What a worktree needs before an agent starts in it: files copied or linked from the main
    checkout (ignored ones such as `.env`), then a command run with bash."""

    copy: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    run: str = ""
    timeout: float = 1800.0


class Write(Struct, frozen=True):
    path: str
    text: str


class Replace(Struct, frozen=True):
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


class Simulation(Struct, frozen=True):
    """What the built-in simulated agent does (M101): a real process that edits real files."""

    duration: float = 1.0
    do: tuple[SimulatedStep, ...] = ()
    exit: int = 0
    error: SimulatedError | None = None
    hang: bool = False


class Task(Struct, frozen=True):
    """The smallest unit that one agent carries out in one worktree."""

    id: str
    title: str = ""
    type: str = "feature"
    agent: str = "shell"
    run: str = ""
    prompt: str = ""
    needs: tuple[Need, ...] = ()
    files: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    estimate: Span | None = None
    resources: dict[str, float] = {}
    steps: tuple[str, ...] = ()
    simulate: Simulation | None = None
    timeout: float | None = None
    complete: bool = False


class Mode(StrEnum):
    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"


class Wave(Struct, frozen=True):
    """Tasks released together; `number` counts from 1."""

    number: int
    name: str
    tasks: tuple[str, ...]
    mode: Mode = Mode.PARALLEL


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


class Conflicts(Struct, frozen=True):
    handling: Handling = Handling.AUTOMATIC
    ignore: tuple[str, ...] = ()


class Settings(Struct, frozen=True):
    """A run's settings; times in seconds, sizes in bytes, rates in bytes per second."""

    land: Land = Land.WAVE
    auto_merge: bool = True
    merge_order: MergeOrder = MergeOrder.COMPLETION
    poll_interval: float = 10.0
    scan_interval: float = 30.0
    stop_grace: float = 3.0
    log_limit: int = 256 * 2**20
    quiet_after: float = 60.0
    start_cpu_percent: float | None = None
    max_cpu_percent: float | None = None
    link_speed: float = 125e6


class Plan(Struct, frozen=True):
    """Everything a run needs to know; waves are always filled in, task ids are unique."""

    name: str
    tasks: tuple[Task, ...]
    waves: tuple[Wave, ...]
    base: str = ""
    slots: int = 3
    start_policy: StartPolicy = StartPolicy.WAVE
    agents: dict[str, AgentSpec] = {}
    setup: Setup = Setup()
    gates: Gates = Gates()
    conflicts: Conflicts = Conflicts()
    settings: Settings = field(default_factory=Settings)

    def task(self, task_id: str) -> Task:
        """The task of that id; KeyError when the plan has none."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(task_id)
