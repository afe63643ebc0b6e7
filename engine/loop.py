"""The loop: decide, write down, tell, act. The only place that starts asyncio tasks."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Protocol

from engine.core.acknowledging import effect_of, sentence
from engine.core.commands import Command, Resume
from engine.core.decide import step
from engine.core.errors import EngineGone, JournalError, WavetreeError
from engine.core.events import Event, answered
from engine.core.evolve import evolve
from engine.core.intents import Intent
from engine.core.outcomes import AgentReported, Outcome, Recovered
from engine.core.state import RunPhase, State
from engine.core.verdicts import RunCreated
from engine.edge.journal import Journal, Record
from engine.world.failures import failed

log = logging.getLogger("wavetree.engine")

Post = Callable[[Outcome], None]
Message = tuple[Command | Outcome | RunCreated, asyncio.Future[str] | None]
"""What came in, and who waits for an answer to it."""


class Effects(Protocol):
    """What the loop needs of a world."""

    async def do(self, intent: Intent, at: float, post: Post) -> None:
        """Carry out `intent`, recorded at time `at`, and post what came of it. What it raises is posted as
        the intent's own bad ending."""
        ...

    async def heal(self, state: State) -> list[str]:
        """Put right what a killed engine left half done; sentences about what was."""
        ...

    async def merged_by_hand(self, state: State) -> Sequence[Outcome]:
        """What a person has merged since the engine could not."""
        ...

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        """Look at the machine and at places no agent may write, until cancelled."""
        ...

    async def look_out(self, see: Callable[[], State], post: Post) -> None:
        """Look at how the live branches fit together, until cancelled."""
        ...


class Engine:
    """One run's engine: `run` until the run ends, `send` commands from anywhere in the loop."""

    def __init__(self, journal: Journal, world: Effects, now: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._world = world
        self._now = now
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[tuple[Callable[[State], bool], asyncio.Future[str], str]] = []
        self._since: dict[str, tuple[Intent, float]] = {}
        self._again: Resume | None = None
        self._over = False
        self.state = State()

    async def run(
        self,
        first: RunCreated,
        resume: Resume | None = None,
        notes: Sequence[str] = (),
        ready: Callable[[], Awaitable[None]] | None = None,
        beside: Callable[[], Awaitable[None]] | None = None,
    ) -> State:
        """Create the run, or take it up where its journal ends; return when it has ended. With `resume` a
        run that had ended, or was about to stop, goes on, and one that was killed may be told to approve
        its waves itself. `notes` are told when a run is taken up; `ready` is awaited when commands may come;
        `beside` goes on as long as the run does.

        Raises JournalError when the journal is damaged, or cannot be written: what was begun waits."""
        try:
            self._replay()
            if not self.state.run:
                self._process([(first, None)])
            elif self.state.ended and resume is not None:
                for outcome in await self._world.merged_by_hand(self.state):
                    self._process([(outcome, None)])
                self._process([(resume, None)])
            elif not self.state.ended:
                self._again = resume if self.state.phase is RunPhase.STOPPING else None
                await self._recover(notes)
                if resume is not None and self._again is None:
                    self._process([(resume, None)])
            for watch in (self._world.watch, self._world.look_out):
                self._spawn(watch(lambda: self.state, self._post))
            if beside is not None:
                self._spawn(beside())
            if ready is not None:
                await ready()
            while not self.state.ended:
                self._process(self._with_those_behind(await self._inbox.get()))
        finally:
            self._over = True
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._turn_away()
        return self.state

    async def send(self, command: Command) -> str:
        """Carry out a command; returns a sentence once its effect is there. Raises Refused when the answer
        is no, EngineGone when the run ended before."""
        if self._over:
            raise _ended()
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((command, future))
        return await future

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────

    def _turn_away(self) -> None:
        """Nobody waits for an engine that has ended."""
        while not self._inbox.empty():
            _, future = self._inbox.get_nowait()
            _answer(future, _ended())
        self._tell()
        for _, future, _ in self._waiting:
            _answer(future, _ended())

    def _replay(self) -> None:
        for record in self._journal.read():
            for event in record.events:
                self.state = evolve(self.state, event)
            self._note(record)

    def _note(self, record: Record) -> None:
        """Remember which intents are open, and since when: their time is part of what they ask for."""
        for event in record.events:
            if isinstance(event, AgentReported):  # most events are; they open and close nothing
                continue
            if isinstance(event, Intent):
                self._since[event.key] = (event, record.at)
            elif key := answered(event):
                self._since.pop(key, None)

    async def _recover(self, notes: Sequence[str]) -> None:
        """Heal, say so, and do every open intent again."""
        healed = await self._world.heal(self.state)
        before = [key for key in self.state.open if not key.startswith(("freeze:", "thaw:"))]
        self._process([(Recovered(os.getpid(), tuple(before), (*notes, *healed)), None)])
        for key in before:
            if key in self._since and key in self.state.open:
                self._act(*self._since[key])

    def _with_those_behind(self, first: Message) -> Iterator[Message]:
        yield first
        while not self._inbox.empty():
            yield self._inbox.get_nowait()

    def _process(self, messages: Iterable[Message]) -> None:
        """Decide on each, a step each; write the steps down in one go; act. What comes after the run's end
        is left alone."""
        state, steps, heard = self.state, [], []
        for message, future in messages:
            try:
                state, events = self._decided(state, message)
            except WavetreeError as error:
                _answer(future, error)
                continue
            if events:
                steps.append(events)
            if future is not None:
                heard.append((message, future))
            if state.ended:
                break
        records = self._written(steps, [future for _, future in heard])
        self.state = state
        for record in records:
            self._note(record)
            for event in record.events:
                if isinstance(event, Intent):
                    self._act(event, record.at)
        for message, future in heard:
            self._promise(message, future)
        self._tell()

    def _decided(
        self, state: State, message: Command | Outcome | RunCreated
    ) -> tuple[State, tuple[Event, ...]]:
        state, events = step(state, message)
        if state.ended and self._again is not None:  # one step: nobody sees the end in between
            state, more = step(state, self._again)
            self._again, events = None, events + more
        return state, events

    def _written(
        self, steps: Sequence[tuple[Event, ...]], futures: Iterable[asyncio.Future[str]]
    ) -> list[Record]:
        try:
            return self._journal.extend(self._now(), steps) if steps else []
        except JournalError as error:
            for future in futures:
                _answer(future, error)
            raise

    def _act(self, intent: Intent, at: float) -> None:
        self._spawn(self._carried_out(intent, at))

    async def _carried_out(self, intent: Intent, at: float) -> None:
        """Whatever an effect raises, its intent gets an answer: nothing may wait for it for ever."""
        try:
            await self._world.do(intent, at, self._post)
        except Exception as error:
            log.exception("%s", intent)
            self._post(failed(intent, str(error) or type(error).__name__))

    def _post(self, outcome: Outcome) -> None:
        self._inbox.put_nowait((outcome, None))

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a watch ended", exc_info=error)

    def _promise(self, message: object, future: asyncio.Future[str]) -> None:
        if isinstance(message, Command):
            self._waiting.append((effect_of(message), future, sentence(message)))

    def _tell(self) -> None:
        """Answer the commands whose effect is there now."""
        still = []
        for reached, future, words in self._waiting:
            if reached(self.state):
                _answer(future, words)
            else:
                still.append((reached, future, words))
        self._waiting = still


def _answer(future: asyncio.Future[str] | None, answer: str | WavetreeError) -> None:
    """Give whoever waits the answer; it may have gone away, or never have been there."""
    if future is None or future.done():
        return
    if isinstance(answer, str):
        future.set_result(answer)
    else:
        future.set_exception(answer)


def _ended() -> EngineGone:
    return EngineGone("the run has ended", "wavetree status")
