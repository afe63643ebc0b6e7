"""Agents that went down together with the machine are started again; all others are judged (M162, M112)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.commands import Pause, Resume, Stop, StopTask
from engine.core.errors import Refused
from engine.core.intents import AgentRequested, CollectRequested, Intent, WorktreeRequested
from engine.core.outcomes import AgentExited, AgentStarted, Collected, Outcome
from engine.core.state import Phase, RunPhase, WavePhase
from engine.core.verdicts import TaskFailed, TaskReset, TaskStopped, WaveApproved


def lost(task: str, attempt: int = 1, *, interrupted: bool = True) -> AgentExited:
    reason = "killed together with its shim; no exit was recorded"
    return AgentExited(f"agent:{task}:{attempt}", task, attempt, None, reason=reason, interrupted=interrupted)


def at_work(*tasks: str) -> Paper:
    """A run whose agents have been started and say nothing yet."""
    paper = Paper(plan(*(task(name) for name in tasks), slots=len(tasks)))

    def start(intent: Intent) -> Iterable[Outcome] | None:
        if isinstance(intent, AgentRequested):
            return (AgentStarted(intent.task, intent.attempt, 4711, "/log"),)
        return None

    paper.run(start)
    assert {seen.phase for seen in paper.state.tasks.values()} == {Phase.RUNNING}
    return paper


def test_an_interrupted_attempt_is_collected_kept_and_followed_by_the_next() -> None:
    paper = at_work("a", "b")
    paper.tell(lost("a"))
    collect = paper.take(CollectRequested)
    assert isinstance(collect, CollectRequested)
    assert not collect.commit
    events = paper.tell(Collected(collect.key, "a", 1, "head", 1, ("a.txt",)))
    assert [type(event) for event in events[1:3]] == [TaskStopped, TaskReset]
    paper.tell(AgentExited("agent:b:1", "b", 1, 0))
    state = paper.run()
    assert state.phase is RunPhase.DONE
    assert (state.tasks["a"].attempt, state.tasks["b"].attempt) == (2, 1)
    assert paper.events(TaskFailed) == []


@pytest.mark.parametrize("command", [Stop(), StopTask("a")])
def test_an_interrupted_attempt_that_was_to_be_stopped_stays_stopped(command: Stop | StopTask) -> None:
    paper = at_work("a", "b")
    paper.tell(lost("a"))
    collect = paper.take(CollectRequested)
    if isinstance(command, Stop):
        paper.tell(command)
    else:
        paper = at_work("a", "b")
        paper.tell(command)
        paper.tell(lost("a"))
        collect = paper.take(CollectRequested)
    paper.tell(Collected(collect.key, "a", 1, "head", 0))
    assert paper.state.tasks["a"].phase is Phase.STOPPED


def test_a_held_task_that_was_interrupted_waits_for_its_release() -> None:
    paper = at_work("a", "b")
    paper.tell(Pause(("a",)))
    paper.tell(lost("a"))
    collect = paper.take(CollectRequested)
    paper.tell(Collected(collect.key, "a", 1, "head", 0))
    seen = paper.state.tasks["a"]
    assert (seen.phase, seen.held) == (Phase.PENDING, True)


@pytest.mark.parametrize(
    ("exited", "words"),
    [
        (lost("a", interrupted=False), "killed together with its shim; no exit was recorded"),
        (AgentExited("agent:a:1", "a", 1, 137, 9, "ended by SIGKILL"), "ended by SIGKILL"),
        (AgentExited("agent:a:1", "a", 1, 3, reason="exit code 3"), "exit code 3"),
        (AgentExited("agent:a:1", "a", 1, 3), "exit code 3"),
        (AgentExited("agent:a:1", "a", 1, None), "no exit was recorded"),
    ],
)
def test_a_crash_says_how_the_agent_ended(exited: AgentExited, words: str) -> None:
    paper = at_work("a")
    paper.tell(exited)
    collect = paper.take(CollectRequested)
    paper.tell(Collected(collect.key, "a", 1, "head", 0))
    error = paper.state.tasks["a"].error
    assert error is not None
    assert (error.type, error.message) == ("InstanceCrash", f"shell instance crashed ({words})")


def test_a_run_that_goes_on_may_be_told_to_approve_its_waves_itself() -> None:
    paper = Paper(plan(task("a"), task("b", "a"), waves=[("a",), ("b",)]), auto=False)
    paper.run()
    assert paper.state.waves[0].phase is WavePhase.OFFERED
    with pytest.raises(Refused, match="going on"):
        paper.tell(Resume())
    paper.tell(Resume(auto_approve=True))
    assert paper.run().phase is RunPhase.DONE
    assert [event.by for event in paper.events(WaveApproved)] == ["auto-approve", "auto-approve"]
    assert {seen.attempt for seen in paper.state.tasks.values()} == {1}


def test_waves_that_approve_themselves_disturb_nothing_that_runs() -> None:
    paper = Paper(plan(task("a"), task("b"), slots=2), auto=False)
    paper.run()
    paper.approve()
    paper.take(WorktreeRequested)
    before = paper.state
    paper.tell(Resume(auto_approve=True))
    assert paper.state == replace(before, auto_approve=True)
    with pytest.raises(Refused, match="going on"):
        paper.tell(Resume(auto_approve=True))
