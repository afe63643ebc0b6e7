"""The whole analysis of a plan, and its plain data."""

from __future__ import annotations

import json

import pytest
from six_agents import DOCUMENTS, story

from engine.core.analysis import analyse
from engine.core.analysis.as_data import as_data
from engine.core.plan import Plan, Task, Wave
from engine.importers.loading import load


def test_the_analysis_of_the_story_has_the_figures_of_its_parts() -> None:
    found = analyse(story(), 3)
    assert found.forecast.seconds / 60 == 58
    assert (found.conflicts, found.unknown, found.obstacles, found.simpler) == (0, (), None, None)
    assert found.suitability.rating == "High"
    assert found.bottlenecks[0].words == "Blocks 3 dependent phases"


def test_its_plain_data_survives_json_and_has_what_planning_needs() -> None:
    data = as_data(analyse(story(), 3))
    assert json.loads(json.dumps(data)) == data
    assert data["critical_path"] == {
        "tasks": ["doctype-designer", "api-developer", "workflow-specialist"],
        "seconds": 3000,
    }
    assert data["durations"] == {
        "seconds": 3480,
        "sequential_seconds": 6300,
        "saved_percent": 44.8,
        "seconds_without_barriers": data["durations"]["seconds_without_barriers"],
    }
    vue = next(task for task in data["tasks"] if task["id"] == "vue-spa-architect")
    assert (vue["kind"], vue["slack"], vue["seconds"]) == ("dependent", 420, 1500)
    assert vue["needs"] == [{"task": "api-architect"}, {"task": "ui-layout-designer"}]
    assert vue["files"] == ["public/js/components/*.vue"]
    assert [phase["conflict_risk"] for phase in data["phases"]] == ["low"] * 3
    hooks = data["conflicts"]["files"][0]
    assert (hooks["file"], hooks["handled"], data["conflicts"]["open"]) == (
        "hooks.py",
        "handled by wave order",
        0,
    )


@pytest.mark.parametrize(
    "name", ["001_execution_plan.json", "003_tickets_dependencies.yaml", "003_epic-10.yaml", "004_ROADMAP.md"]
)
def test_every_kind_of_plan_is_analysed_into_json(name: str) -> None:
    plan = load(DOCUMENTS / name)
    data = as_data(analyse(plan, 3))
    assert json.loads(json.dumps(data)) == data
    assert [task["id"] for task in data["tasks"]] == [task.id for task in plan.tasks]


def test_milestones_and_what_does_not_suit_are_in_the_data() -> None:
    data = as_data(analyse(load(DOCUMENTS / "003_tickets_dependencies.yaml"), 3))
    assert data["tasks"][1]["needs"] == [{"task": "PROJ-123", "milestone": "schema done"}]
    assert data["not_for_parallel"][0]["name"] == "dependent tasks"
    assert data["conflicts"]["files_unknown"] == ["PROJ-123", "PROJ-124", "PROJ-126"]


def test_a_plan_whose_work_is_done_can_be_analysed() -> None:
    done = Plan("p", (Task("a", complete=True),), (Wave(1, "w", ("a",)),))
    data = as_data(analyse(done, 1))
    assert data["tasks"][0]["kind"] == "complete"
    assert (data["tasks"][0]["start"], data["durations"]["seconds"]) == (None, 0)
    assert data["suitability"]["rating"] == "None"
