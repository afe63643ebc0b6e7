"""Frozen moments of runs, and a client that stands still: what the tests of the screen look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import git
from msgspec.structs import replace

from engine import (
    Alert,
    AlertKind,
    Attempt,
    Chronicle,
    Command,
    ConflictKind,
    ConflictRecord,
    Doing,
    Gate,
    Gates,
    Level,
    Need,
    Notification,
    Overlap,
    Part,
    PastRun,
    Phase,
    Plan,
    Resolve,
    RunPhase,
    RunReport,
    Score,
    SessionVitals,
    Settings,
    Sides,
    Span,
    State,
    Task,
    TaskState,
    TaskTimes,
    Timeline,
    UsageError,
    Vitals,
    Wave,
    WavePhase,
    WaveTimes,
    WavetreeError,
    run_metrics,
)
from engine.core.evolve import evolve
from engine.core.gauged import TaskError
from engine.core.settled import Settled
from engine.core.verdicts import RunCreated
from engine.edge.mergetool import lay_out

NOW = 1_000_000.0
MINUTE = 60.0
GB = 2**30


def span(least: float, most: float) -> Span:
    return Span(least * MINUTE, most * MINUTE)


def story() -> Plan:
    """Six tasks in three waves: two of three, one at the end."""
    tasks = (
        Task("doctype-designer", "Design the doctypes", agent="claude", files=("doctype/*.json",),
             estimate=span(15, 18)),
        Task("api-architect", "Sketch the API", agent="codex", files=("docs/api.md",), estimate=span(10, 15)),
        Task("ui-layout-designer", "Lay out the pages", agent="claude", files=("public/*.css",),
             estimate=span(10, 12)),
        Task("api-developer", "Write the endpoints", agent="claude", needs=(Need("doctype-designer"),
             Need("api-architect")), files=("api/*.py", "hooks.py", "src/config.ts"), estimate=span(15, 20),
             steps=("routes", "models", "handlers", "tests", "docs"), resources={"build": 1, "ram": 4 * GB}),
        Task("vue-spa-architect", "Build the single-page app", agent="codex", needs=(Need("api-architect"),
             Need("ui-layout-designer")), files=("public/js/components/*.vue", "src/config.ts"),
             estimate=span(20, 25), steps=("shell", "router", "components", "state", "tests")),
        Task("workflow-specialist", "Join the workflows", agent="claude", needs=(Need("api-developer"),
             Need("vue-spa-architect")), files=("workflow/*.py",), estimate=span(10, 15)),
    )  # fmt: skip
    return Plan(
        name="avatar-week",
        tasks=tasks,
        waves=(
            Wave(1, "Foundation", tuple(task.id for task in tasks[:3])),
            Wave(2, "Implementation", tuple(task.id for task in tasks[3:5])),
            Wave(3, "Integration", ("workflow-specialist",)),
        ),
        base="main",
        slots=3,
        gates=Gates(task=(Gate("unit", "make test"),), wave=(Gate("integration_test", "make it"),)),
        settings=Settings(start_cpu_percent=60, max_cpu_percent=80),
    )


def begun(plan: Plan) -> State:
    """The run of a plan, just created, on a machine that was looked at and is free."""
    event = RunCreated("r7", plan, "/repo", "main", "a" * 40, "wavetree/r7", plan.slots, number=7)
    return replace(evolve(State(), event), integrated=True, load="free", load_why="")


def with_task(state: State, task: str, **changes: object) -> State:
    return replace(state, tasks={**state.tasks, task: replace(state.tasks[task], **changes)})


def with_wave(state: State, number: int, **changes: object) -> State:
    waves = tuple(replace(w, **changes) if w.number == number else w for w in state.waves)
    return replace(state, waves=waves)


@dataclass
class Still:
    """A client that stands still; commands are kept in `sent`, `refuses` is raised by the next one."""

    state: State
    timeline: Timeline = field(default_factory=Timeline)
    vitals: Vitals = field(default_factory=Vitals)
    engine_alive: bool = True
    logs: dict[str, Path] = field(default_factory=dict)
    diffs: dict[str, str] = field(default_factory=dict)
    sent: list[Command] = field(default_factory=list)
    refuses: WavetreeError | None = None
    clashing: tuple[Sides, ...] = ()
    told: list[Notification] = field(default_factory=list)

    def refresh(self) -> bool:
        return False

    async def send(self, command: Command) -> str:
        if self.refuses is not None:
            raise self.refuses
        self.sent.append(command)
        return "as you said"

    async def measure(self) -> None:
        return None

    def news(self) -> tuple[Notification, ...]:
        new, self.told = tuple(self.told), []
        return new

    def log_path(self, task: str) -> Path | None:
        return self.logs.get(task)

    def diff(self, task: str) -> str:
        return self.diffs.get(task, "")

    def track(self) -> Score:
        return Score()

    def attempts_before(self, task: str) -> tuple[Attempt, ...]:
        now = self.state.tasks[task].attempt
        return tuple(
            Attempt(task, number, NOW - 600, NOW - 500, NOW - 200, "failed") for number in range(1, now)
        )

    async def sides(self, conflict: str) -> tuple[Sides, ...]:
        return self.clashing

    def mergetool(self, one: Sides, folder: Path) -> list[str]:
        git.Repo.init(folder / "checkout").close()
        return lay_out(folder / "checkout", one, folder)

    async def chosen(
        self, conflict: str, contents: Mapping[str, bytes | None], sides: tuple[Sides, ...], **more: str
    ) -> Command:
        assert sides == self.clashing
        settled = tuple(Settled(file, "", "", "", (text or b"").decode()) for file, text in contents.items())
        return Resolve(conflict, settled, **more)


def offered() -> Still:
    """Wave 1 waits for its approval; nothing has started."""
    state = with_wave(begun(story()), 1, phase=WavePhase.OFFERED, digest="7f3a5512e0c4b9d1")
    times = Timeline(created=NOW - 30, last=NOW, waves={1: WaveTimes(offered=NOW - 30)})
    return Still(state, times, machine())


def machine(**sessions: SessionVitals) -> Vitals:
    return Vitals(
        at=NOW, cpu=30, ram=50, ram_total=24 * GB, disk=4.2e6, network=25e6, network_percent=20,
        disk_free=180 * GB, sessions=sessions,
    )  # fmt: skip


def midway() -> Still:
    """Wave 2 is at work: one agent reports, one is paused, one task of wave 1 was resolved after an alert."""
    state = begun(story())
    for task in state.waves[0].tasks:
        state = with_task(
            state,
            task,
            phase=Phase.MERGED,
            attempt=1,
            commits=2,
            merge="c0ffee12" * 5,
            branch=f"feature/{task}",
        )
    state = with_wave(state, 1, phase=WavePhase.CLOSED)
    state = with_wave(state, 2, phase=WavePhase.OPEN)
    state = with_task(
        state, "api-developer", phase=Phase.RUNNING, attempt=1, branch="feature/api-developer", pid=4242,
        progress=80.0, says="testing", tests="12/15", commits=5, step=4, path="/repo-wt/api-developer",
    )  # fmt: skip
    state = with_task(
        state, "vue-spa-architect", phase=Phase.RUNNING, attempt=2, branch="feature/vue-spa-architect",
        step=3, commits=3, tests="8/8", held=True, frozen=True,
    )  # fmt: skip
    state = replace(
        state,
        alerts=(
            Alert(1, AlertKind.FAILURE, "it ended with exit code 1", ("vue-spa-architect",), open=False),
            Alert(
                2, AlertKind.TRESPASS, "an agent changed files outside its worktree", ("api-developer",),
                ("src/config.ts", "README.md"), remedy="git status in the main checkout shows them",
            ),
        ),
    )  # fmt: skip
    tasks = {task: TaskTimes(NOW - 3000, NOW - 2990, NOW - 2000, NOW - 1990) for task in state.waves[0].tasks}
    tasks["api-developer"] = TaskTimes(requested=NOW - 730, started=NOW - 720, reported=NOW)
    tasks["vue-spa-architect"] = TaskTimes(
        requested=NOW - 610, started=NOW - 600, reported=NOW - 200, paused_since=NOW - 120
    )
    times = Timeline(created=NOW - 3100, last=NOW, tasks=tasks, alerts=(NOW - 1200, NOW - 120))
    vitals = machine(**{
        "api-developer": SessionVitals(cpu=38, rss=312 * 2**20, processes=4, commits=5, changed=3),
        "vue-spa-architect": SessionVitals(cpu=0, rss=900 * 2**20, processes=6, commits=3),
    })  # fmt: skip
    return Still(state, times, vitals)


def clashing() -> Still:
    """Wave 2 at work, and two of its agents have changed the same two places of a file."""
    still = midway()
    pair = ("api-developer", "vue-spa-architect")
    record = ConflictRecord(
        "c1",
        ConflictKind.CONFLICT,
        Level.HIGH,
        pair,
        (1, 2),
        (Overlap(*pair, "src/config.ts", True),),
        later="vue-spa-architect",
        alert=3,
    )
    text = "vue-spa-architect and api-developer change the same place: src/config.ts (lines 3-4 and 3)"
    alert = Alert(3, AlertKind.CONFLICT, text, pair, ("src/config.ts",), "wavetree conflicts c1", True, "c1")
    still.state = replace(still.state, conflicts={"c1": record}, alerts=(*still.state.alerts, alert))
    still.timeline = replace(still.timeline, alerts=(*still.timeline.alerts, NOW - 40))
    parts = (
        Part("import { url } from './env'\n\n"),
        Part("", "const retries = 1\n", "const retries = 3\n", "const retries = 5\nconst wait = 200\n", True),
        Part("export const avatar = url\n"),
        Part("", "", "export const size = 64\n", "export const width = 64\n", True),
    )
    still.clashing = (Sides("src/config.ts", *pair, ("0", "1", "2"), b"", b"", b"", parts),)
    return still


def failed() -> Still:
    """Ended with a failure: its error has hints, a dependant is blocked."""
    still = midway()
    error = TaskError(
        "ValidationError", "DATABASE_URL missing", "database.py:12",
        ("set DATABASE_URL in .env", "add .env to setup.copy in the plan"),
    )  # fmt: skip
    state = with_task(
        still.state,
        "api-developer",
        phase=Phase.FAILED,
        error=error,
        exit_code=1,
        kept="failed: ValidationError",
    )
    state = with_task(state, "vue-spa-architect", phase=Phase.MERGED, frozen=False, held=False)
    state = with_task(state, "workflow-specialist", phase=Phase.BLOCKED, blocked_by="api-developer")
    alert = Alert(3, AlertKind.FAILURE, "api-developer: DATABASE_URL missing", ("api-developer",),
                  remedy="set DATABASE_URL in .env")  # fmt: skip
    state = replace(state, phase=RunPhase.FAILED, reason="1 of 6 tasks failed", alerts=(alert,))
    still.state = state
    still.timeline = replace(still.timeline, ended=NOW - 60, alerts=(NOW - 900, NOW - 800, NOW - 90))
    still.engine_alive = False
    return still


def thirty() -> Still:
    """Thirty tasks in five waves, two needs each."""
    names = [[f"task-{wave}{place}" for place in range(6)] for wave in range(1, 6)]
    tasks = []
    for wave, column in enumerate(names):
        for place, name in enumerate(column):
            needs = (names[wave - 1][place], names[wave - 1][(place * 5 + 2) % 6]) if wave else ()
            tasks.append(
                Task(name, f"the task {name}", needs=tuple(Need(need) for need in dict.fromkeys(needs)),
                     estimate=span(5, 10 + place))
            )  # fmt: skip
    waves = tuple(Wave(n, f"Layer {n}", tuple(column)) for n, column in enumerate(names, start=1))
    state = begun(Plan("thirty", tuple(tasks), waves, base="main", slots=4))
    for name in names[0]:
        state = with_task(state, name, phase=Phase.MERGED, attempt=1)
    state = with_wave(with_wave(state, 1, phase=WavePhase.CLOSED), 2, phase=WavePhase.OPEN)
    for name in names[1][:4]:
        state = with_task(state, name, phase=Phase.RUNNING, attempt=1, branch=f"feature/{name}")
    tasks_at = {name: TaskTimes(NOW - 300, NOW - 300) for name in names[1][:4]}
    return Still(state, Timeline(created=NOW - 900, last=NOW, tasks=tasks_at), machine())


HOSTILE = "[@click=app.quit]\x1b]52;c;cGFzdGU=\x07[/]\x1b[2J\u202eevil[red]"


def hostile() -> Still:
    """Every foreign string tries to steer the terminal or the markup."""
    plan = story()
    task = replace(plan.tasks[3], title=HOSTILE, steps=(HOSTILE,) * 5)
    plan = replace(plan, name=HOSTILE, tasks=(*plan.tasks[:3], task, *plan.tasks[4:]),
                   waves=(plan.waves[0], replace(plan.waves[1], name=HOSTILE), plan.waves[2]))  # fmt: skip
    still = midway()
    old = still.state
    state = replace(old, plan=plan, specs={task.id: task for task in plan.tasks}, base=HOSTILE)
    state = with_wave(state, 2, name=HOSTILE)
    state = with_task(state, "api-developer", says=HOSTILE, branch=HOSTILE, tests=HOSTILE, question=HOSTILE)
    alert = Alert(3, AlertKind.QUESTION, HOSTILE, ("api-developer",), (HOSTILE,), remedy=HOSTILE)
    still.state = replace(state, alerts=(*old.alerts, alert))
    return still


T0 = 1_700_000_000.0


def told(paused: float) -> Chronicle:
    first = Attempt("a", 1, T0, began=T0, ended=T0 + 60, outcome="merged")
    first.spans = [(Doing.ACTIVE, T0, T0 + 60), (Doing.MERGE, T0 + 60, T0 + 80)]
    second = Attempt("b", 2, T0, began=T0, ended=T0 + 80, outcome="merged")
    second.spans = [(Doing.ACTIVE, T0, T0 + 80 - paused), (Doing.PAUSED, T0 + 80 - paused, T0 + 80)]
    tasks = {name: TaskState(name, 1) for name in "ab"}
    return Chronicle([first, second], created=T0, ended=T0 + 80, state=State(run="r1", slots=2, tasks=tasks))


class Shelf:
    """Three runs, one of them damaged."""

    def runs(self) -> list[PastRun]:
        return [
            PastRun("r3", "", "damaged", 0.0, 0, 0, 0),
            PastRun("r2", "second", "done", T0 + 1000, 2, 2, 0),
            PastRun("r1", "first", "failed", T0, 2, 1, 1),
        ]

    def open(self, run: str) -> Still:
        if run == "r3":
            raise UsageError("the journal of r3 is damaged")
        return failed()

    def report(self, run: str) -> RunReport:
        if run == "r3":
            raise UsageError("the journal of r3 is damaged")
        seen = told(20 if run == "r1" else 0)
        batch = {
            "success": run == "r2",
            "done": 2,
            "monitoring_result": {"completed": 2, "failed": 0, "total": 2},
        }
        return RunReport(batch, seen, Timeline(), run_metrics(seen))
