"""When each attempt of a run did what: one fold over the journal that metrics, charts and replay share.

All times are seconds since the epoch; a span is a pair of them. What had not ended when the journal did ends
there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.core.events import Event
from engine.core.gauged import GateLevel
from engine.core.intents import (
    CandidateRequested,
    CleanupRequested,
    GateRequested,
    RebaseRequested,
    SetupRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    Advanced,
    AgentExited,
    AgentStarted,
    CandidateMade,
    Clashed,
    Cleaned,
    CleanupKept,
    Frozen,
    GateEnded,
    MergedByHand,
    RebaseClashed,
    Rebased,
    SetupEnded,
    Thawed,
    WorktreeFailed,
    WorktreeMade,
)
from engine.core.state import State
from engine.core.verdicts import RunEnded, TaskCompleted, TaskFailed, TaskStopped, WaveApproved, WaveOffered

Span = tuple[float, float]


class Doing(StrEnum):
    """What an attempt is at; all but `active` and `person` is coordination (D30)."""

    WORKTREE = "worktree"
    SETUP = "set-up"
    ACTIVE = "active"
    PAUSED = "paused"  # for a conflict, or as serialized
    PERSON = "held by a person"
    WAITING = "waits to merge"
    GATE = "gate"
    MERGE = "merge"
    CLEANUP = "clean-up"


@dataclass
class Attempt:
    """One attempt: `spans` say what it was at, in order; `began` and `ended` are its agent's lifetime, 0.0
    for none. `outcome` is `merged`, `failed`, `stopped` or empty."""

    task: str
    number: int
    requested: float
    began: float = 0.0
    ended: float = 0.0
    outcome: str = ""
    clashed: bool = False
    crashed: bool = False
    spans: list[tuple[Doing, float, float]] = field(default_factory=list)
    at: Doing | None = None
    since: float = 0.0

    def turn(self, doing: Doing | None, at: float) -> None:
        """From `at` on it is at something else."""
        if self.at is not None and at > self.since:
            self.spans.append((self.at, self.since, at))
        self.at, self.since = doing, at

    def seconds(self, *doing: Doing) -> float:
        """How long it was at these things in sum."""
        return sum(end - start for what, start, end in self.spans if what in doing)

    @property
    def life(self) -> Span:
        return (self.began, self.ended)


@dataclass
class Chronicle:
    """A run's `attempts` in the order of their starts; the spans in which a wave waited for a person; when
    the run was created and ended; the state it ended in."""

    attempts: list[Attempt] = field(default_factory=list)
    offered: list[Span] = field(default_factory=list)
    gates: list[Span] = field(default_factory=list)
    created: float = 0.0
    ended: float = 0.0
    state: State = field(default_factory=State)

    @property
    def begun(self) -> float:
        """The first worktree; the run's creation when there was none."""
        return min((attempt.requested for attempt in self.attempts), default=self.created)

    @property
    def done(self) -> float:
        """The last thing any attempt did."""
        return max((end for attempt in self.attempts for _, _, end in attempt.spans), default=self.ended)

    def wall(self) -> float:
        """Seconds from the first worktree to the last merge, without the time in which nothing was done
        because a person had to approve (M177)."""
        busy = union([(start, end) for attempt in self.attempts for _, start, end in attempt.spans])
        return max(0.0, self.done - self.begun - sum(_free(span, busy) for span in self.offered))

    def waited(self) -> float:
        """Seconds in which a wave waited for a person."""
        return sum(end - start for start, end in union(self.offered))


def _free(span: Span, busy: list[Span]) -> float:
    """Seconds of a span in which nothing else went on."""
    start, end = span
    return (end - start) - sum(max(0.0, min(end, stop) - max(start, begin)) for begin, stop in busy)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def chronicle(history: Iterable[tuple[State, float, Event]]) -> Chronicle:
    """The chronicle of a run's history: the state after each event, its time, the event."""
    told = Chronicle()
    open_: dict[str, Attempt] = {}
    offers: dict[int, float] = {}
    gates: dict[str, float] = {}
    for state, at, event in history:
        told.state, told.ended = state, at
        told.created = told.created or at
        match event:
            case WaveOffered(wave=wave):
                offers.setdefault(wave, at)
            case WaveApproved(wave=wave) if wave in offers:
                told.offered.append((offers.pop(wave), at))
            case GateRequested(level=level) if level is not GateLevel.TASK:
                gates[event.key] = at
            case GateEnded(level=level, answers=key) if level is not GateLevel.TASK and key in gates:
                told.gates.append((gates.pop(key), at))
            case WorktreeRequested(task=task, attempt=number):
                open_[task] = Attempt(task, number, at)
                open_[task].turn(Doing.WORKTREE, at)
                told.attempts.append(open_[task])
            case RunEnded():
                _close(open_, at)
            case _:
                _follow(state, at, event, open_)
    _close(open_, told.ended)
    told.offered += [(since, told.ended) for since in offers.values()]
    return told


def _close(open_: dict[str, Attempt], at: float) -> None:
    for attempt in open_.values():
        attempt.turn(None, at)
        if attempt.began and not attempt.ended:
            attempt.ended = at


def _follow(state: State, at: float, event: Event, open_: dict[str, Attempt]) -> None:
    task = (
        event.subject
        if isinstance(event, Advanced | GateRequested | GateEnded)
        else getattr(event, "task", "")
    )
    attempt = open_.get(task)
    if attempt is None:
        return
    match event:
        case WorktreeMade() | SetupEnded() | WorktreeFailed():
            attempt.turn(None, at)
        case SetupRequested():
            attempt.turn(Doing.SETUP, at)
        case AgentStarted() if not attempt.began:
            attempt.began = at
            attempt.turn(Doing.ACTIVE, at)
        case Frozen():
            attempt.turn(Doing.PERSON if state.tasks[task].held else Doing.PAUSED, at)
        case Thawed():
            attempt.turn(Doing.ACTIVE, at)
        case AgentExited(code=code):
            attempt.ended = attempt.ended or at
            attempt.crashed = code != 0
            attempt.turn(Doing.WORKTREE, at)
        case TaskCompleted():
            attempt.turn(Doing.WAITING, at)
        case CandidateRequested() | CandidateMade() | RebaseRequested():
            attempt.turn(Doing.MERGE, at)
        case Rebased() | RebaseClashed():
            attempt.turn(Doing.PAUSED, at)
        case Clashed():
            attempt.clashed = True
        case GateRequested():
            attempt.turn(Doing.GATE, at)
        case GateEnded():
            attempt.turn(Doing.MERGE, at)
        case Advanced() | MergedByHand():
            attempt.outcome = "merged"
            attempt.turn(None, at)
        case TaskFailed():
            attempt.outcome = "failed"
            attempt.turn(None, at)
        case TaskStopped():
            attempt.outcome = attempt.outcome or "stopped"
            attempt.turn(None, at)
        case CleanupRequested():
            attempt.turn(Doing.CLEANUP, at)
        case Cleaned() | CleanupKept():
            attempt.turn(None, at)
        case _:
            pass
