"""M193, M194, M109: who is told what, on paper."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from test_conflicts import begun, clash, see
from world_of_paper import Paper, plan, task

from engine.core.evolve import evolve
from engine.core.intents import AgentRequested
from engine.core.notifying import Notification, Wishes, interval, progress, told, wishes
from engine.core.outcomes import AgentExited, AgentStarted
from engine.core.plan import Plan, Settings
from engine.core.state import State

ALL = Wishes(waves=True)


def heard(paper: Paper, wish: Wishes = ALL) -> list[Notification]:
    state, found = State(), []
    for events in paper.log:
        for event in events:
            before, state = state, evolve(state, event)
            found += told(before, state, event, wish)
    return found


def test_an_ended_wave_and_the_end_are_told_once_each() -> None:
    paper = Paper(plan(task("a"), task("b", "a"), waves=[("a",), ("b",)]))
    paper.run()
    assert [(one.title, one.message, one.level, one.sound, one.agent_id) for one in heard(paper)] == [
        ("Wave complete", "wave 1 wave 1: 1 of 1 merged", "info", False, "orchestrator"),
        ("Wave complete", "wave 2 wave 2: 1 of 1 merged", "info", False, "orchestrator"),
        (
            "Parallel Execution Complete",
            "run r1: 2 of 2 merged; all 2 tasks are merged",
            "info",
            False,
            "orchestrator",
        ),
    ]
    assert [one.title for one in heard(paper, Wishes())] == ["Parallel Execution Complete"]


def test_a_wave_that_waits_for_a_person_is_told() -> None:
    paper = Paper(plan(task("a")), auto=False)
    paper.run()
    assert [one.title for one in heard(paper)] == ["Approval needed"]


def test_a_failing_task_alerts_its_assignee_or_else_the_orchestrator() -> None:
    """M193"""
    paper = Paper(plan(task("a", assignee="kim"), task("b")))

    def crash(intent: object) -> object:
        if isinstance(intent, AgentRequested):
            started = AgentStarted(intent.task, intent.attempt, 1, "/log")
            return (started, AgentExited(intent.key, intent.task, intent.attempt, 1))
        return None

    paper.run(crash)  # type: ignore[arg-type]
    failed = [one for one in heard(paper) if one.title == "Task failed"]
    assert [(one.agent_id, one.level) for one in failed] == [("kim", "error"), ("orchestrator", "error")]
    assert heard(paper)[-1].title == "Parallel Execution Failed"


def test_a_conflict_is_told_when_it_comes_and_not_again_while_it_lasts() -> None:
    paper = begun("a", "b")
    see(paper, clash("a", "b"))
    see(paper, clash("a", "b"))
    conflicts = [one for one in heard(paper) if one.title == "Conflict"]
    assert [one.level for one in conflicts] == ["warning"]
    assert conflicts[0].message.startswith("c1: a and b in ")
    assert not [one for one in heard(paper, Wishes(conflicts=False)) if one.title == "Conflict"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("daily", 86400), ("per_block_completion", 0), ("disabled", 0), ("", 0), ("soon", None)],
)
def test_how_often_progress_is_told(text: str, seconds: float | None) -> None:
    """M109"""
    assert interval(text) == seconds


def test_what_is_wished_for_stands_in_the_settings_or_in_a_document() -> None:
    section = {
        "integration_setup": {
            "development_workflow": {
                "progress_updates": "per_block_completion",
                "conflict_reporting": "immediate",
                "metrics_tracking": "enabled",
            }
        }
    }
    documented = Plan(name="p", tasks=(), waves=(), sections=section)
    assert wishes(documented) == Wishes(conflicts=True, waves=True, metrics=True)
    own = Settings(progress_updates="30m", conflict_reporting="disabled", metrics_tracking="disabled")
    assert wishes(replace(documented, settings=own)) == Wishes(conflicts=False, every=1800)


def test_a_progress_report_says_how_far_each_agent_is_and_what_it_said() -> None:
    """M152"""
    paper = begun("a", "b")
    state = paper.state
    state = replace(state, tasks={**state.tasks, "a": replace(state.tasks["a"], progress=40, says="testing")})
    assert progress(state, ("b says: half done",)).message.splitlines() == [
        "run r1: 0 of 2 merged",
        "a: 40 % testing",
        "b: at work",
        "b says: half done",
    ]


@pytest.mark.parametrize(("said", "every"), [("daily", 86400.0), ("Hourly", 3600.0), ("when asked", 0.0)])
def test_a_documents_reporting_frequency_says_how_often_progress_is_told(said: str, every: float) -> None:
    """M117: unless the settings say something else"""
    sections = {"monitoring_and_control": {"progress_tracking": {"reporting_frequency": said}}}
    assert wishes(plan(task("a"), sections=sections)).every == every
    own = plan(task("a"), sections=sections, settings=Settings(progress_updates="30m"))
    assert wishes(own).every == 1800.0
