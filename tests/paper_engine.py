"""An engine with a world on paper, and ways to wait for what it does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "core"))

from world_of_paper import plan, task, well

from engine.core.commands import Command, Resume
from engine.core.events import Event
from engine.core.intents import AgentRequested, Intent
from engine.core.outcomes import AgentStarted, Outcome
from engine.core.plan import Plan
from engine.core.state import State
from engine.core.verdicts import RunCreated
from engine.edge.journal import Journal
from engine.loop import Engine

Post = Callable[[Outcome], None]
WITHIN = 10.0


class PaperWorld:
    """Answers intents as `answers` says, and well where it says nothing; an intent whose kind is in
    `silent` gets no answer before the test posts one."""

    def __init__(self, *silent: type[Event]) -> None:
        self.silent = silent
        self.asked: list[Intent] = []
        self.posts: dict[str, Post] = {}
        self.healed = 0
        self.raising: type[Event] | None = None

    async def do(self, intent: Intent, at: float, post: Post) -> None:
        self.asked.append(intent)
        self.posts[intent.key] = post
        if self.raising is not None and isinstance(intent, self.raising):
            raise OSError(28, "No space left on device")
        await asyncio.sleep(0)
        if isinstance(intent, AgentRequested) and AgentRequested in self.silent:
            post(AgentStarted(intent.task, intent.attempt, 4711, "/log"))
        elif not isinstance(intent, self.silent):
            for outcome in well(intent):
                post(outcome)

    async def merged_by_hand(self, state: State) -> list[Outcome]:
        return []

    async def heal(self, state: State) -> list[str]:
        self.healed += 1
        return ["removed a stale lock"]

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        await asyncio.Event().wait()

    async def look_out(self, see: Callable[[], State], post: Post) -> None:
        await asyncio.Event().wait()

    def keys(self, kind: type[Event]) -> list[str]:
        return [intent.key for intent in self.asked if isinstance(intent, kind)]

    def post(self, outcome: Outcome) -> None:
        """Answer an intent that was met with silence."""
        self.posts[outcome.answers](outcome)  # type: ignore[union-attr]


def created(of: Plan, *, auto: bool = True) -> RunCreated:
    return RunCreated("r1", of, "/repo", "main", "base0", "wavetree/r1", of.slots, auto_approve=auto)


TWO = plan(task("a"), task("b", "a"), waves=[("a",), ("b",)])


@contextlib.asynccontextmanager
async def running(
    path: Path, world: PaperWorld, of: Plan = TWO, *, auto: bool = True, resume: Resume | None = None
) -> AsyncIterator[Engine]:
    """An engine at work; cancelled at the end, as abruptly as a kill for all that the journal knows."""
    with Journal(path, write=True) as journal:
        engine = Engine(journal, world, now=lambda: 100.0)
        work = asyncio.ensure_future(engine.run(created(of, auto=auto), resume))
        try:
            yield engine
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def to_the_end(path: Path, world: PaperWorld, of: Plan = TWO, resume: Resume | None = None) -> State:
    with Journal(path, write=True) as journal:
        async with asyncio.timeout(WITHIN):
            return await Engine(journal, world, now=lambda: 100.0).run(created(of), resume)


def written(path: Path) -> list[Event]:
    with Journal(path) as journal:
        return [event for record in journal.read() for event in record.events]


async def asking(engine: Engine, command: Command) -> asyncio.Task[str]:
    """A command that was sent and has been decided on."""
    sent = asyncio.ensure_future(engine.send(command))
    for _ in range(10):
        await asyncio.sleep(0)
    return sent
