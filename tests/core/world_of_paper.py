"""A world that exists only on paper: it answers intents at once, so the core can be run to its end."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from engine.core.commands import Approve, Command
from engine.core.decide import step
from engine.core.events import Event
from engine.core.gauged import GateVerdict
from engine.core.graph import estimate
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CheckRequested,
    CleanupRequested,
    CollectRequested,
    DeliverRequested,
    FreezeRequested,
    GateRequested,
    IntegrationRequested,
    Intent,
    KillRequested,
    LandRequested,
    PlaceRequested,
    PullRequestRequested,
    RebaseRequested,
    RecordRequested,
    SetupRequested,
    SyncRequested,
    ThawRequested,
    UndoRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    Aborted,
    Advanced,
    AgentExited,
    AgentStarted,
    CandidateMade,
    Checked,
    Cleaned,
    Collected,
    Delivered,
    Frozen,
    GateEnded,
    IntegrationMade,
    Killed,
    Landed,
    Outcome,
    Placed,
    PullRequestEnded,
    Rebased,
    Recorded,
    SetupEnded,
    SyncMade,
    Thawed,
    Undone,
    WorktreeMade,
)
from engine.core.plan import Need, Plan, Task, Wave
from engine.core.state import RunPhase, State
from engine.core.verdicts import RunCreated

Answer = Callable[[Intent], Iterable[Outcome] | None]


def plan(*tasks: Task, waves: Iterable[tuple[str, ...]] = (), **more: object) -> Plan:
    """A plan of these tasks, in one wave unless waves are given."""
    groups = tuple(waves) or (tuple(task.id for task in tasks),)
    made = tuple(Wave(number, f"wave {number}", group) for number, group in enumerate(groups, 1))
    return Plan(name="paper", tasks=tasks, waves=made, **more)  # type: ignore[arg-type]


def task(id: str, *needs: str, **more: object) -> Task:
    return Task(id, run="true", needs=tuple(Need(need) for need in needs), **more)  # type: ignore[arg-type]


class Paper:
    """A run on paper. Intents wait in `open` until `answer` is called; `log` has every step's events."""

    def __init__(self, plan: Plan, *, auto: bool = True, slots: int = 0) -> None:
        self.state = State()
        self.open: list[Intent] = []
        self.log: list[tuple[Event, ...]] = []
        created = RunCreated(
            "r1", plan, "/repo", "main", "base0", "wavetree/r1", slots or plan.slots, auto_approve=auto
        )
        self.tell(created)

    def tell(self, message: Command | Outcome | RunCreated) -> tuple[Event, ...]:
        self.state, events = step(self.state, message)
        self.log.append(events)
        self.open.extend(event for event in events if isinstance(event, Intent))
        return events

    def take(self, kind: type) -> Intent:
        """The first open intent of that kind, taken out to be answered by the test itself."""
        for intent in self.open:
            if isinstance(intent, kind):
                self.open.remove(intent)
                return intent
        raise AssertionError(f"no open {kind.__name__}; open: {self.open}")

    def run(self, answer: Answer = lambda intent: None, limit: int = 100_000) -> State:
        """Answer intents in order until none is open: by `answer`, or well where it says None."""
        while self.open and limit:
            limit -= 1
            intent = self.open.pop(0)
            outcomes = answer(intent)
            for outcome in well(intent) if outcomes is None else outcomes:
                self.tell(outcome)
        assert limit, "the run does not end"
        return self.state

    def events(self, kind: type) -> list[Event]:
        return [event for events in self.log for event in events if isinstance(event, kind)]

    def approve(self, wave: int = 0) -> None:
        self.tell(Approve(wave, by="someone"))


def well(intent: Intent) -> tuple[Outcome, ...]:
    """What the world answers when all goes well."""
    key = intent.key
    match intent:
        case IntegrationRequested(sha=sha):
            return (IntegrationMade(key, sha),)
        case WorktreeRequested(task=task, attempt=attempt, base=base, on=on):
            start = "+".join([base, *(ground.branch for ground in on)])
            return (WorktreeMade(key, task, attempt, start, tuple(ground.task for ground in on)),)
        case UndoRequested(task=task, attempt=attempt):
            return (Undone(key, task, attempt),)
        case SetupRequested(task=task, attempt=attempt):
            return (SetupEnded(key, task, attempt, True),)
        case AgentRequested(task=task, attempt=attempt):
            return (AgentStarted(task, attempt, 4711, "/log"), AgentExited(key, task, attempt, 0))
        case FreezeRequested(task=task, attempt=attempt):
            return (Frozen(key, task, attempt, 1),)
        case ThawRequested(task=task, attempt=attempt):
            return (Thawed(key, task, attempt),)
        case RebaseRequested(task=task, attempt=attempt, tip=tip):
            return (Rebased(key, task, attempt, tip),)
        case PlaceRequested(task=task, attempt=attempt, settled=settled):
            return (Placed(key, task, attempt, tuple(one.file for one in settled)),)
        case PullRequestRequested(task=task, attempt=attempt):
            return (PullRequestEnded(key, task, attempt, True, "https://example.org/1"),)
        case DeliverRequested(task=task, attempt=attempt):
            return (Delivered(key, task, attempt),)
        case KillRequested(task=task, attempt=attempt):
            return (Killed(key, task, attempt),)
        case CollectRequested(task=task, attempt=attempt):
            return (Collected(key, task, attempt, f"head-{task}-{attempt}", 1, (f"{task}.txt",)),)
        case CandidateRequested(task=task, attempt=attempt, tip=tip):
            return (CandidateMade(key, task, attempt, f"{tip}+{task}"),)
        case SyncRequested(wave=wave, tip=tip):
            return (SyncMade(key, wave, "base0", tip),)
        case GateRequested(level=level, subject=subject, gate=gate):
            return (GateEnded(key, level, subject, gate.name, GateVerdict.GREEN),)
        case AbortRequested():
            return (Aborted(key),)
        case AdvanceRequested(subject=subject, new=new):
            return (Advanced(key, subject, new),)
        case LandRequested(wave=wave, new=new):
            return (Landed(key, wave, new),)
        case CleanupRequested(task=task, attempt=attempt):
            return (Cleaned(key, task, attempt),)
        case RecordRequested(wave=wave):
            return (Recorded(key, wave, 1),)
        case CheckRequested():
            return (Checked(key, True),)


def minutes(plan: Plan, slots: int) -> tuple[float, dict[str, tuple[float, float]]]:
    """The length of a run whose agents take what the plan estimates at most (10 minutes where it is silent)
    and in which nothing else takes any time; and each task's start and end."""
    paper = Paper(plan, slots=slots)
    clock = 0.0
    agents: list[tuple[float, int, AgentRequested]] = []
    spans: dict[str, tuple[float, float]] = {}
    while paper.open or agents:
        while paper.open:
            intent = paper.open.pop(0)
            if isinstance(intent, AgentRequested):
                end = clock + estimate(plan.task(intent.task)) / 60
                spans[intent.task] = (clock, end)
                paper.tell(AgentStarted(intent.task, intent.attempt, 4711, "/log"))
                heapq.heappush(agents, (end, len(spans), intent))
            else:
                for outcome in well(intent):
                    paper.tell(outcome)
        if agents:
            clock, _, ended = heapq.heappop(agents)
            paper.tell(AgentExited(ended.key, ended.task, ended.attempt, 0))
    assert paper.state.phase is RunPhase.DONE, paper.state.reason
    return clock, spans
