"""What documents say of their own plans against what is computed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from six_agents import DOCUMENTS, story

from engine.core.analysis.totals import contradictions, percent
from engine.core.clashes import clashes
from engine.core.forecast import forecast
from engine.core.plan import Plan, Span, Task, Wave
from engine.importers.loading import load


def words(plan: Plan) -> list[str]:
    return [one.words for one in contradictions(plan, forecast(plan, 3), clashes(plan))]


def two(sections: dict[str, Any] | None = None, **extra: Any) -> Plan:
    tasks = tuple(Task(name, files=(name,), estimate=Span(0, 3600)) for name in ("a", "b"))
    return Plan("p", tasks, (Wave(1, "w", ("a", "b"), extra=extra),), sections=sections or {})


def test_the_execution_plan_contradicts_itself_in_these_figures() -> None:
    assert words(load(DOCUMENTS / "001_execution_plan.json")) == [
        "total_phases 6 != 3 listed",
        "total_waves 3 != 2 listed",
        "time_savings_percentage 33% != 36.4% computed",
        "time_savings_percentage 33% != 65% that Parallel Execution Efficiency aims at",
        "total_estimated_duration 12 weeks != 11 weeks computed",
        "parallel_estimated_duration 8 weeks != 7 weeks computed",
        "wave 1 Blocks 4 dependent phases != 2 computed",
        "wave 1 risk_level medium != low computed",
    ]


def test_the_story_says_medium_of_a_block_whose_tasks_share_nothing() -> None:
    assert words(story()) == ["wave 2 conflict_risk medium != low computed"]


def test_figures_that_fit_are_no_contradiction() -> None:
    context = {
        "total_phases": 2,
        "total_estimated_duration": "2 hours",
        "parallel_estimated_duration": "60 minutes",
        "time_savings_percentage": "50%",
    }
    sections = {"project_context": context, "wave_execution_plan": {"total_waves": "1"}}
    assert words(two(sections, estimated_duration="1 hour", conflict_risk="Low")) == []


def test_a_duration_is_compared_in_the_unit_it_was_said_in() -> None:
    assert words(two(duration="90 minutes")) == ["wave 1 duration 90 minutes != 60 minutes computed"]
    assert words(two(duration="1h 30m")) == ["wave 1 duration 1h 30m != 1 h computed"]
    assert words(two(duration="about as long as it takes")) == []


def test_durations_are_not_compared_when_estimates_are_missing_or_work_is_done() -> None:
    said = two({"project_context": {"total_estimated_duration": "9 hours"}}, duration="9 hours")
    for task in (replace(said.tasks[0], estimate=None), replace(said.tasks[0], complete=True)):
        assert words(replace(said, tasks=(task, said.tasks[1]))) == []
    assert len(words(said)) == 2


def test_the_risk_of_a_wave_with_unknown_files_is_not_contradicted() -> None:
    said = two(conflict_risk="high")
    assert words(said) == ["wave 1 conflict_risk high != low computed"]
    assert words(replace(said, tasks=(replace(said.tasks[0], files=()), said.tasks[1]))) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [("33%", 33), ("> 30%", 30), (6, 6), ("≥ 12.5 %", 12.5), ("many", None), (None, None), (True, None)],
)
def test_a_figure_is_read_from_its_text(text: object, number: float | None) -> None:
    assert percent(text) == number
