"""Sync points on paper: participants, shares, failures (M153, M154, M174, M175)."""

from __future__ import annotations

from typing import Any

import pytest
from world_of_paper import Paper, plan, task, well

from engine.core.commands import ApprovePoint, ChooseProcedure
from engine.core.errors import Refused
from engine.core.intents import AgentRequested
from engine.core.outcomes import AgentReported, AgentStarted, CoordinationFailed, Report
from engine.core.participants import points
from engine.core.plan import Plan, Span
from engine.core.state import State
from engine.core.verdicts import FallbackApplied, PointPassed, ProcedureChosen, TasksSerialized
from engine.core.waiting import word
from engine.world.points import Clocks

PROCEDURES = ["Design iteration", "Architecture review", "Timeline adjustment"]


def protocols(**more: Any) -> dict[str, Any]:
    point = {"name": "review", "participants": ["a", "b"], "duration": "4 hours", **more}
    return {"coordination_protocols": {"synchronization_points": [point]}}


def at_work(made: Plan) -> Paper:
    """A run whose agents are at work."""
    paper = Paper(made, auto=False, slots=4)
    _all_but_agents(paper)
    paper.approve()
    _all_but_agents(paper)
    for number, intent in enumerate(paper.open, 1):
        assert isinstance(intent, AgentRequested)
        paper.tell(AgentStarted(intent.task, intent.attempt, 100 + number, "log"))
    return paper


def _all_but_agents(paper: Paper) -> None:
    while others := [one for one in paper.open if not isinstance(one, AgentRequested)]:
        paper.open.remove(others[0])
        for outcome in well(others[0]):
            paper.tell(outcome)


def arrive(paper: Paper, name: str, milestone: str = "review") -> None:
    paper.tell(AgentReported(name, 1, Report(milestones=(milestone,))))


def words(state: State) -> list[str]:
    return [word(state, one) for one in state.tasks.values()]


def test_the_first_waits_and_both_go_on_once_the_criteria_are_approved() -> None:
    """M153"""
    paper = at_work(plan(task("a"), task("b"), sections=protocols(success_criteria=["agreed"])))
    arrive(paper, "a")
    assert words(paper.state) == ["coordinating", "running"]
    arrive(paper, "b")
    assert words(paper.state) == ["coordinating", "coordinating"]
    paper.tell(ApprovePoint("review", "ann"))
    assert paper.events(PointPassed) == [PointPassed("review")]
    assert not any(one.at_points for one in paper.state.tasks.values())


def test_week_two_of_a_wave_of_four_weeks_is_a_quarter_of_it() -> None:
    """M153"""
    weeks = Span(4 * 7 * 86400.0, 4 * 7 * 86400.0)
    tasks = task("a", estimate=weeks), task("b", estimate=weeks)
    made = plan(*tasks, sections=protocols(trigger="Week 2 of wave 1"))
    assert points(made)[0][0].share == 0.25
    paper = at_work(made)
    paper.tell(AgentReported("a", 1, Report(progress=24)))
    assert words(paper.state) == ["running", "running"]
    paper.tell(AgentReported("a", 1, Report(progress=25)))
    assert words(paper.state) == ["coordinating", "running"]
    clocks = Clocks()
    assert clocks.look(paper.state, 0.0) == []
    (due,) = clocks.look(paper.state, 7 * 86400.0 - 1) or (None,)
    assert due is None or isinstance(due, CoordinationFailed)


def test_a_group_stands_for_its_teams_and_a_name_for_nobody_is_a_warning() -> None:
    """M153: backend_teams is backend_team_1; an architect holds no agent"""
    tasks = task("a", team="backend_team_1"), task("b", team="frontend_team_1"), task("c")
    made = plan(*tasks, sections=protocols(participants=["backend_teams", "architect", "nobody"]))
    (point,), warnings = points(made)
    assert point.tasks == ("a",)
    assert warnings == ("sync point 'review': no task or team is called 'nobody'",)
    everybody = plan(*tasks, sections=protocols(participants=["all_parallel_teams"]))
    assert points(everybody)[0][0].tasks == ("a", "b", "c")


def test_a_session_stands_for_its_task() -> None:
    """M153: by the name that the document gives it, else by its number"""
    tasks = task("a", session="session_002"), task("b")
    made = plan(*tasks, task("c"), sections=protocols(participants=["session_002", "session_003"]))
    assert points(made)[0][0].tasks == ("a", "c")
    assert points(made)[1] == ()


def test_a_missed_point_is_a_failure_that_offers_its_procedures() -> None:
    """M154, M174: with a clock set past four hours"""
    paper = at_work(plan(task("a"), task("b"), sections=protocols(failure_procedures=PROCEDURES)))
    clocks = Clocks()
    arrive(paper, "a")
    assert clocks.look(paper.state, 0.0) == []
    assert clocks.look(paper.state, 4 * 3600 - 1) == []
    (failure,) = clocks.look(paper.state, 4 * 3600 + 1)
    assert isinstance(failure, CoordinationFailed)
    assert (failure.procedure, failure.response) == ("coordination_failure", "alert and hold participants")
    paper.tell(failure)
    (alert,) = [one for one in paper.state.alerts if one.kind.value == "coordination"]
    assert alert.open
    assert all(one in alert.remedy for one in PROCEDURES)
    assert words(paper.state) == ["coordinating", "coordinating"], "also the one who has not come"
    with pytest.raises(Refused, match="no procedure"):
        paper.tell(ChooseProcedure("review", "Prayer"))
    paper.tell(ChooseProcedure("review", "design iteration", "ann"))
    assert paper.events(ProcedureChosen) == [ProcedureChosen("review", "Design iteration", "ann")]
    assert words(paper.state) == ["coordinating", "running"], "who is missing can still come"
    assert not any(one.open for one in paper.state.alerts if one.kind.value == "coordination")
    paper.tell(ApprovePoint("review", "ann"))
    assert paper.state.points[0].passed, "a person's word lets them go on without the one who is missing"


def test_a_second_failure_turns_the_rest_sequential() -> None:
    """M175"""
    two = protocols()
    second = {"name": "demo", "participants": ["a", "b"], "duration": "1 hour"}
    two["coordination_protocols"]["synchronization_points"].append(second)
    paper = at_work(plan(task("a"), task("b"), task("c"), sections=two))
    arrive(paper, "a")
    paper.tell(CoordinationFailed("review", 14400))
    assert not paper.events(FallbackApplied)
    arrive(paper, "b", "demo")
    paper.tell(CoordinationFailed("demo", 3600))
    (fallback,) = paper.events(FallbackApplied)
    assert isinstance(fallback, FallbackApplied)
    assert fallback.strategy == "convert_to_sequential"
    assert len(paper.events(TasksSerialized)) == 2
    assert all(one.passed for one in paper.state.points)


def test_who_is_over_or_cannot_start_yet_is_not_waited_for() -> None:
    """M153: nobody waits for one that waits for them"""
    made = plan(task("a"), task("b", "a"), sections=protocols())
    paper = at_work(made)
    arrive(paper, "a")
    assert paper.events(PointPassed) == [PointPassed("review")]
