"""The eight points of a story (M033)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.core.analysis.story_check import story_check
from engine.core.plan import FileRule, Gate, Gates, Need, Plan, Resolution, Task, Wave
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
PARTS = {
    "agent_dependency_analysis": "Agent dependencies mapped correctly",
    "file_conflict_analysis": "File conflicts identified and mitigation planned",
    "parallel_block_design": "Parallel execution blocks properly defined",
    "parallel_quality_gates": "Quality gates adapted for parallel execution",
    "performance_metrics": "Performance metrics defined",
    "risk_assessment": "Risk assessment completed",
    "conflict_resolution": "Fallback strategies documented",
    "integration_setup": "Integration with parallel execution system configured",
}


def story(*without: str) -> Plan:
    return load(*(DOCUMENTS / f"000_{name}.yaml" for name in PARTS if name not in without))


def unchecked(plan: Plan) -> list[tuple[str, str]]:
    return [(point.name, point.why) for point in story_check(plan) if not point.shown]


def test_the_whole_story_shows_eight_of_eight() -> None:
    assert len(story_check(story())) == 8
    assert unchecked(story()) == []
    assert [point.why for point in story_check(story())] == [
        "3 blocks",
        "6 dependencies",
        "2 clashes, none of them open",
        "3 gates",
        "5 metrics",
        "4 risks",
        "3 fallback strategies",
        "coordinator_config, analyzer_config, github_config",
    ]


@pytest.mark.parametrize("part", PARTS)
def test_a_story_without_one_part_lacks_exactly_its_point(part: str) -> None:
    assert [name for name, _ in unchecked(story(part))] == [PARTS[part]]


def test_a_plan_of_nothing_shows_no_point() -> None:
    assert not any(point.shown for point in story_check(Plan("p", (), ())))


def test_agents_in_one_block_that_clash_need_a_rule_or_a_lock() -> None:
    tasks = (Task("a", files=("x",)), Task("b", files=("x",)))
    plan = Plan("p", tasks, (Wave(1, "Work", ("a", "b")),))
    name = PARTS["file_conflict_analysis"]
    assert (name, "no mitigation: a and b in x") in unchecked(plan)
    ruled = replace(plan, file_rules=(FileRule("x", Resolution.SEQUENTIAL_ACCESS),))
    assert name not in [point for point, _ in unchecked(ruled)]


def test_dependencies_that_cannot_hold_are_named() -> None:
    name = PARTS["agent_dependency_analysis"]
    late = Plan(
        "p", (Task("a", needs=(Need("b"),)), Task("b")), (Wave(1, "One", ("a",)), Wave(2, "Two", ("b",)))
    )
    assert (name, "a needs b, whose block comes later") in unchecked(late)
    knot = replace(late, tasks=(late.tasks[0], replace(late.tasks[1], needs=(Need("a"),))))
    assert (name, "cycle: a -> b -> a") in unchecked(knot)
    lost = replace(late, tasks=(replace(late.tasks[0], needs=(Need("c"),)), late.tasks[1]))
    assert (name, "a needs c, which is no agent of the story") in unchecked(lost)


def test_a_gate_of_the_plan_that_runs_counts_as_adapted() -> None:
    gated = replace(story("parallel_quality_gates"), gates=Gates(wave=(Gate("tests", "true"),)))
    assert unchecked(gated) == []
