"""The loop with a world on paper: written down before it is done, acknowledged after its effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from paper_engine import TWO, WITHIN, PaperWorld, Post, asking, created, running, to_the_end, until, written
from world_of_paper import plan, task, well

from engine.core.commands import Approve, Pause, Stop, StopTask, Unpause
from engine.core.errors import EngineGone, JournalError, Refused
from engine.core.events import Event
from engine.core.intents import (
    AgentRequested,
    CollectRequested,
    FreezeRequested,
    IntegrationRequested,
    Intent,
    KillRequested,
    ThawRequested,
    WorktreeRequested,
)
from engine.core.outcomes import AgentExited, Collected, Frozen, Thawed
from engine.core.state import Phase, RunPhase, State
from engine.core.verdicts import RunCreated, TaskFailed
from engine.edge.journal import Journal, Record
from engine.loop import Engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def test_a_run_goes_to_its_end_and_the_journal_has_all_of_it(path: Path) -> None:
    state = await to_the_end(path, PaperWorld())
    assert state.phase is RunPhase.DONE
    events = written(path)
    assert isinstance(events[0], RunCreated)
    assert [event.task for event in events if isinstance(event, AgentRequested)] == ["a", "b"]


async def test_an_effect_begins_when_its_intent_can_be_read_from_the_disk(path: Path) -> None:
    class Looking(PaperWorld):
        async def do(self, intent: Intent, at: float, post: Post) -> None:
            assert intent in written(path)
            await super().do(intent, at, post)

    assert (await to_the_end(path, Looking())).phase is RunPhase.DONE


async def test_a_pause_is_acknowledged_when_the_agent_stands_still(path: Path) -> None:
    world = PaperWorld(AgentRequested, FreezeRequested, ThawRequested)
    async with running(path, world) as engine:
        await until(lambda: bool(world.keys(AgentRequested)) and bool(engine.state.tasks["a"].pid))
        sent = await asking(engine, Pause(("a",)))
        assert world.keys(FreezeRequested) == ["freeze:a:1"]
        assert not sent.done()
        world.post(Frozen("freeze:a:1", "a", 1, 3))
        assert await sent == "paused: a"
        released = await asking(engine, Unpause())
        assert not released.done()
        world.post(Thawed("thaw:a:1", "a", 1))
        assert await released == "going on: all"


async def test_unpausing_is_not_acknowledged_while_a_freeze_is_under_way(path: Path) -> None:
    world = PaperWorld(AgentRequested, FreezeRequested, ThawRequested)
    async with running(path, world) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        await asking(engine, Pause())
        released = await asking(engine, Unpause())
        assert not released.done()
        world.post(Frozen("freeze:a:1", "a", 1, 3))
        await until(lambda: world.keys(ThawRequested) == ["thaw:a:1"])
        assert not released.done()
        world.post(Thawed("thaw:a:1", "a", 1))
        assert await released == "going on: all"


async def test_a_stop_is_acknowledged_when_the_run_has_ended(path: Path) -> None:
    world = PaperWorld(AgentRequested, KillRequested)
    async with running(path, world) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        sent = await asking(engine, Stop("ada"))
        assert world.keys(KillRequested) == ["kill:a:1"]
        assert not sent.done()
        world.post(AgentExited("agent:a:1", "a", 1, 130, 2))
        for outcome in well(KillRequested("a", 1)):
            world.post(outcome)
        assert (await sent).startswith("the run is stopped")
        assert engine.state.phase is RunPhase.STOPPED
        assert engine.state.tasks["a"].phase is Phase.STOPPED
        with pytest.raises(EngineGone):
            await engine.send(Stop())


async def test_the_stop_of_a_task_is_acknowledged_when_its_work_is_kept(path: Path) -> None:
    world = PaperWorld(AgentRequested, KillRequested, CollectRequested)
    async with running(path, world) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        sent = await asking(engine, StopTask("a"))
        world.post(AgentExited("agent:a:1", "a", 1, 130, 2))
        for outcome in well(KillRequested("a", 1)):
            world.post(outcome)
        await until(lambda: bool(world.keys(CollectRequested)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not sent.done()
        (asked,) = (intent for intent in world.asked if isinstance(intent, CollectRequested))
        for outcome in well(asked):
            world.post(outcome)
        assert (await sent).startswith("a is stopped")
        assert engine.state.tasks["a"].phase is Phase.STOPPED


async def test_a_refusal_changes_nothing_and_reaches_only_who_asked(path: Path) -> None:
    async with running(path, PaperWorld(), auto=False) as engine:
        await until(lambda: bool(engine.state.waves) and engine.state.waves[0].phase.value == "offered")
        before = len(written(path))
        with pytest.raises(Refused, match="no task 'x'"):
            await engine.send(StopTask("x"))
        with pytest.raises(Refused, match="has changed"):
            await engine.send(Approve(1, digest="something else"))
        assert len(written(path)) == before
        assert await engine.send(Approve(1)) == "wave 1 approved"


async def test_of_two_approvals_at_once_one_counts_and_the_other_is_told(path: Path) -> None:
    async with running(path, PaperWorld(AgentRequested), auto=False) as engine:
        await until(lambda: bool(engine.state.waves) and engine.state.waves[0].phase.value == "offered")
        answers = await asyncio.gather(
            engine.send(Approve(1, "ada")), engine.send(Approve(1, "bob")), return_exceptions=True
        )
        assert answers[0] == "wave 1 approved"
        assert isinstance(answers[1], Refused)
        assert engine.state.waves[0].approved_by == "ada"


async def test_what_was_asked_while_the_run_ended_is_answered(path: Path) -> None:
    world = PaperWorld(AgentRequested, CollectRequested)
    async with running(path, world, plan(task("a"))) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        world.post(AgentExited("agent:a:1", "a", 1, 0))
        await until(lambda: bool(world.keys(CollectRequested)))
        asked = [asyncio.ensure_future(engine.send(Pause()))]
        world.post(Collected("collect:a:1", "a", 1, "head", 1, ("a.txt",)))
        while not engine.state.ended:
            asked.append(asyncio.ensure_future(engine.send(Unpause())))
            await asyncio.sleep(0)
        async with asyncio.timeout(WITHIN):
            answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, str | Refused | EngineGone) for answer in answers)


@pytest.mark.parametrize("kind", [AgentRequested, CollectRequested, WorktreeRequested, IntegrationRequested])
async def test_an_effect_that_raises_fails_its_task_and_not_the_engine(path: Path, kind: type[Event]) -> None:
    world = PaperWorld()
    world.raising = kind
    state = await to_the_end(path, world, plan(task("a")))
    assert state.phase is RunPhase.FAILED
    said = state.reason + " ".join(
        event.error.message for event in written(path) if isinstance(event, TaskFailed)
    )
    assert kind is CollectRequested or "No space left on device" in said
    assert state.tasks["a"].phase is not Phase.RUNNING


async def test_a_watch_that_raises_does_not_stop_the_run(path: Path) -> None:
    class Blind(PaperWorld):
        async def watch(self, see: Callable[[], State], post: Post) -> None:
            raise OSError("no /proc")

    assert (await to_the_end(path, Blind())).phase is RunPhase.DONE


async def test_a_journal_that_cannot_be_written_ends_the_engine_and_tells_who_asked(path: Path) -> None:
    class Full(Journal):
        full = False

        def extend(self, at: float, steps: Sequence[tuple[Event, ...]]) -> list[Record]:
            if self.full:
                raise JournalError("disk full")
            return super().extend(at, steps)

    with Full(path, write=True) as journal:
        engine = Engine(journal, PaperWorld(AgentRequested), now=lambda: 100.0)
        work = asyncio.ensure_future(engine.run(created(TWO)))
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        journal.full = True
        with pytest.raises(JournalError):
            await engine.send(Pause())
        with pytest.raises(JournalError):
            await work
        assert not engine.state.tasks["a"].held
    assert (await to_the_end(path, PaperWorld())).phase is RunPhase.DONE


async def test_what_comes_in_at_once_is_a_step_each_but_written_down_in_one_go(path: Path) -> None:
    class Counted(Journal):
        groups: ClassVar[list[int]] = []

        def extend(self, at: float, steps: Sequence[tuple[Event, ...]]) -> list[Record]:
            self.groups.append(len(steps))
            return super().extend(at, steps)

    world = PaperWorld(AgentRequested)
    both = plan(task("a"), task("b"), slots=2)
    with Counted(path, write=True) as journal:
        engine = Engine(journal, world, now=lambda: 100.0)
        work = asyncio.ensure_future(engine.run(created(both)))
        await until(lambda: all(task.pid for task in engine.state.tasks.values()) and bool(engine.state.run))
        journal.groups.clear()
        world.post(AgentExited("agent:a:1", "a", 1, 0))
        world.post(AgentExited("agent:b:1", "b", 1, 0))
        assert (await work).phase is RunPhase.DONE
    assert journal.groups[0] == 2
    last = [record.events[0] for record in Journal(path).read()][-sum(journal.groups) :]
    assert [type(event) for event in last[:2]] == [AgentExited, AgentExited]
