"""M170: a failing test on paper: who is paused, who goes on, and that the run always ends."""

from __future__ import annotations

import pytest
from world_of_paper import Paper, plan, task

from engine.core.commands import Fixed, StopTask
from engine.core.errors import Refused
from engine.core.failing_tests import detected
from engine.core.gauged import ErrorType, TaskError
from engine.core.intents import AgentRequested, FreezeRequested, KillRequested
from engine.core.outcomes import AgentExited, AgentStarted, Frozen, Killed, TestFailed
from engine.core.plan import Plan
from engine.core.verdicts import RetryQueued, TaskStopped

ERROR = TaskError(ErrorType.TEST, "no", test="t")


def failing(made: Plan) -> Paper:
    """The agents run; that of `a` says that a test fails, and is paused."""
    paper = Paper(made)
    paper.run(
        lambda one: (AgentStarted(one.task, 1, 7, "/log"),) if isinstance(one, AgentRequested) else None
    )
    paper.tell(TestFailed("a", 1, ERROR))
    frozen = paper.take(FreezeRequested)
    paper.tell(Frozen(frozen.key, "a", 1, 1))
    return paper


def ended(paper: Paper, name: str, code: int | None = 0) -> None:
    paper.tell(AgentExited(f"agent:{name}:1", name, 1, code))
    paper.run()


def test_the_agent_is_paused_as_long_as_others_work_and_then_ended() -> None:
    paper = failing(plan(task("a"), task("b"), task("c", "a"), waves=[("a", "b"), ("c",)]))
    assert [one.task for one in paper.events(RetryQueued)] == ["a"]
    assert "Continuing b\n" in detected(paper.state, paper.state.tasks["a"])
    assert not paper.events(KillRequested)
    ended(paper, "b")
    killed = paper.events(KillRequested)
    assert [one.task for one in killed] == ["a"]
    ended(paper, "a", None)
    assert paper.state.phase.value == "failed"
    assert {name: one.phase.value for name, one in paper.state.tasks.items()} == {
        "a": "failed",
        "b": "merged",
        "c": "blocked",
    }
    assert "Blocked until then: c." in detected(paper.state, paper.state.tasks["a"])


def test_with_one_slot_the_others_still_get_their_turn() -> None:
    paper = failing(plan(task("a"), task("b"), slots=1))
    assert [one.task for one in paper.events(KillRequested)] == ["a"]
    ended(paper, "a", None)
    ended(paper, "b")
    assert {name: one.phase.value for name, one in paper.state.tasks.items()} == {
        "a": "failed",
        "b": "merged",
    }


def test_the_retry_starts_at_once_while_the_agent_lives() -> None:
    paper = failing(plan(task("a"), task("b")))
    paper.tell(Fixed("a", "kim"))
    killed = paper.take(KillRequested)
    paper.tell(Killed(killed.key, "a", 1))
    ended(paper, "a", None)
    assert paper.state.tasks["a"].attempt == 2
    with pytest.raises(Refused, match="a waits for no fix"):
        paper.tell(Fixed("a"))


def test_a_person_who_stops_the_task_stops_it() -> None:
    paper = failing(plan(task("a"), task("b")))
    paper.tell(StopTask("a"))
    ended(paper, "a", None)
    assert [one.task for one in paper.events(TaskStopped)] == ["a"]
