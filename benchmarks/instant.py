"""Worlds that answer at once: what is left is the engine itself, with or without real processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from engine.core.gauged import GateVerdict
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CheckRequested,
    CleanupRequested,
    CollectRequested,
    FreezeRequested,
    GateRequested,
    IntegrationRequested,
    Intent,
    KillRequested,
    LandRequested,
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
    Frozen,
    GateEnded,
    IntegrationMade,
    Killed,
    Landed,
    Outcome,
    Recorded,
    SetupEnded,
    SyncMade,
    Thawed,
    Undone,
    WorktreeMade,
)
from engine.core.plan import Plan
from engine.core.state import State
from engine.core.verdicts import RunCreated
from engine.executors.local import LocalExecutor
from engine.world.checks import Checks
from engine.world.jobs import Jobs

Post = Callable[[Outcome], None]


def created(plan: Plan, repo: str = "/repo") -> RunCreated:
    """The first event of a run that needs no approval."""
    return RunCreated("r1", plan, repo, "main", "0" * 40, "wavetree/r1", plan.slots, auto_approve=True)


class Instant:
    """Effects that are there as soon as they are asked for."""

    async def do(self, intent: Intent, at: float, post: Post) -> None:
        """See `engine.loop.Effects`."""
        for outcome in answers(intent):
            post(outcome)

    async def merged_by_hand(self, state: State) -> list[Outcome]:
        return []

    async def heal(self, state: State) -> list[str]:
        """Nothing is ever half done here."""
        return []

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        """There is nothing to see."""

    async def look_out(self, see: Callable[[], State], post: Post) -> None:
        """There is nothing to see."""


class Shims(Instant):
    """The same, but agents are real processes under their shims; no git anywhere."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._executor = LocalExecutor()
        self._folder = folder
        checks = Checks("r1", f"bench-{folder.name}/r1", self._executor, plan.settings.stop_grace)
        self._jobs = Jobs(plan, folder, self._executor, checks)

    async def do(self, intent: Intent, at: float, post: Post) -> None:
        """See `engine.loop.Effects`."""
        if isinstance(intent, AgentRequested):
            place = self._folder / intent.task
            await asyncio.to_thread(place.mkdir)
            here = AgentRequested(intent.task, intent.attempt, str(place), intent.branch)
            await self._jobs.agent(here, post)
        else:
            await super().do(intent, at, post)

    def close(self) -> None:
        """Give the launcher back."""
        self._executor.close()


def answers(intent: Intent) -> tuple[Outcome, ...]:
    """What comes of an intent when all goes well."""
    key = intent.key
    match intent:
        case IntegrationRequested(sha=sha):
            return (IntegrationMade(key, sha),)
        case SyncRequested(wave=wave, tip=tip):
            return (SyncMade(key, wave, "0" * 40, tip),)
        case GateRequested(level=level, subject=subject, gate=gate):
            return (GateEnded(key, level, subject, gate.name, GateVerdict.GREEN),)
        case AbortRequested():
            return (Aborted(key),)
        case AdvanceRequested(subject=subject, new=new):
            return (Advanced(key, subject, new),)
        case LandRequested(wave=wave, new=new):
            return (Landed(key, wave, new),)
        case RecordRequested(wave=wave):
            return (Recorded(key, wave),)
        case CheckRequested():
            return (Checked(key, True),)
        case _:
            return _of_task(intent)


def _of_task(intent: Intent) -> tuple[Outcome, ...]:
    key = intent.key
    match intent:
        case WorktreeRequested(task=task, attempt=attempt):
            return (WorktreeMade(key, task, attempt),)
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
        case KillRequested(task=task, attempt=attempt):
            return (Killed(key, task, attempt),)
        case CollectRequested(task=task, attempt=attempt):
            return (Collected(key, task, attempt, f"{task:0>40}", 1, (f"{task}.txt",)),)
        case CandidateRequested(task=task, attempt=attempt):
            return (CandidateMade(key, task, attempt, f"{task:m>40}"),)
        case CleanupRequested(task=task, attempt=attempt):
            return (Cleaned(key, task, attempt),)
        case _:
            raise AssertionError(f"no answer to {intent}")
