"""The loop after a crash: what was open is done again, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from paper_engine import TWO, PaperWorld, Post, asking, created, running, to_the_end, until, written
from world_of_paper import plan, task

from engine.core.commands import Pause, Resume, Stop
from engine.core.intents import AgentRequested, IntegrationRequested, Intent, KillRequested
from engine.core.outcomes import AgentExited, Recovered
from engine.core.plan import Gate, Gates
from engine.core.state import Phase, RunPhase
from engine.edge.journal import Journal
from engine.loop import Engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def test_recovery_redoes_the_open_intents_and_no_other(path: Path) -> None:
    first = PaperWorld(AgentRequested)
    both = plan(task("a"), task("b"), slots=2)
    async with running(path, first, both) as engine:
        await until(lambda: {t.pid for t in engine.state.tasks.values()} == {4711})
        first.post(AgentExited("agent:a:1", "a", 1, 0))
        await until(lambda: engine.state.tasks["a"].phase is Phase.COMPLETE)
    second = PaperWorld(AgentRequested)
    async with running(path, second, both):
        await until(lambda: bool(second.asked))
        assert [intent.key for intent in second.asked] == ["agent:b:1"]
        assert second.asked[0] in first.asked
        assert second.healed == 1
    recovered = next(event for event in written(path) if isinstance(event, Recovered))
    assert (recovered.redone, recovered.notes) == (("agent:b:1",), ("removed a stale lock",))


async def test_a_redone_intent_is_told_the_time_at_which_it_was_first_written_down(path: Path) -> None:
    times = []

    class Clocked(PaperWorld):
        async def do(self, intent: Intent, at: float, post: Post) -> None:
            times.append(at)
            await super().do(intent, at, post)

    async with running(path, Clocked(IntegrationRequested)):
        await until(lambda: bool(times))
    with Journal(path, write=True) as journal:
        late = Engine(journal, Clocked(AgentRequested), now=lambda: 999.0)
        work = asyncio.ensure_future(late.run(created(TWO)))
        await until(lambda: len(times) > 2)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
    assert times[:3] == [100.0, 100.0, 999.0]


async def test_a_paused_agent_is_stopped_again_by_the_next_engine(path: Path) -> None:
    first = PaperWorld(AgentRequested)
    async with running(path, first) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        assert await engine.send(Pause(("a",))) == "paused: a"
    second = PaperWorld(AgentRequested)
    async with running(path, second) as engine:
        await until(lambda: bool(engine.state.tasks) and engine.state.tasks["a"].frozen)
        assert sorted(intent.key for intent in second.asked) == ["agent:a:1", "freeze:a:1"]


async def test_resuming_a_run_that_was_killed_while_it_stopped_lets_it_stop_and_go_on(path: Path) -> None:
    first = PaperWorld(AgentRequested, KillRequested)
    async with running(path, first) as engine:
        await until(lambda: bool(engine.state.tasks) and bool(engine.state.tasks["a"].pid))
        await asking(engine, Stop())

    class Ending(PaperWorld):
        async def do(self, intent: Intent, at: float, post: Post) -> None:
            if intent.key == "agent:a:1":
                post(AgentExited("agent:a:1", "a", 1, 130, 2))
            else:
                await super().do(intent, at, post)

    state = await to_the_end(path, Ending(), resume=Resume("ada"))
    assert state.phase is RunPhase.DONE
    assert (state.tasks["a"].attempt, state.tasks["b"].attempt) == (2, 1)


async def test_a_run_that_ends_badly_under_a_resume_is_not_taken_up_for_ever(path: Path) -> None:
    red = plan(task("a"), gates=Gates(run=(Gate("tests", "false"),)))
    world = PaperWorld()
    world.raising = AgentRequested
    assert (await to_the_end(path, world, red)).phase is RunPhase.FAILED
    again = PaperWorld()
    again.raising = AgentRequested
    assert (await to_the_end(path, again, red, resume=Resume())).phase is RunPhase.FAILED
    assert again.keys(AgentRequested) == ["agent:a:2"]


async def test_a_killed_run_that_is_resumed_with_approval_asks_no_more(path: Path) -> None:
    async with running(path, PaperWorld(), auto=False) as engine:
        await until(lambda: bool(engine.state.waves) and engine.state.waves[0].phase.value == "offered")
    async with running(path, PaperWorld(), resume=Resume("ada")) as engine:
        await until(lambda: engine.state.engines == 1)
        assert engine.state.waves[0].phase.value == "offered"
    state = await to_the_end(path, PaperWorld(), resume=Resume("ada", auto_approve=True))
    assert state.phase is RunPhase.DONE
