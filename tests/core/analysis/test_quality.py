"""The five criteria of a plan's quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.core.analysis.quality import Criterion, Verdict, quality
from engine.core.forecast import forecast
from engine.core.plan import Plan, Span, Task, Wave
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


def measured(plan: Plan) -> dict[str, Criterion]:
    return {one.name: one for one in quality(plan, forecast(plan, 3))}


def two(**sections: Any) -> Plan:
    tasks = tuple(Task(name, estimate=Span(0, 3600)) for name in ("a", "b"))
    return Plan("p", tasks, (Wave(1, "w", ("a", "b")),), sections=sections)


def verdict(plan: Plan, name: str) -> tuple[float | None, Verdict]:
    return measured(plan)[name].percent, measured(plan)[name].verdict


def test_the_execution_plan_is_half_complete_and_all_of_its_risks_are_covered() -> None:
    found = measured(load(DOCUMENTS / "001_execution_plan.json"))
    assert list(found) == [
        "Completeness",
        "Optimization",
        "Feasibility",
        "Risk Coverage",
        "Coordination Design",
    ]
    complete = found["Completeness"]
    assert (complete.percent, complete.verdict) == (50, Verdict.FAIL)
    assert complete.words == "3 of 6 phases are listed"
    assert (found["Risk Coverage"].percent, found["Risk Coverage"].verdict) == (100, Verdict.PASS)
    assert found["Optimization"].verdict is Verdict.FAIL
    assert found["Optimization"].words.endswith("target 65% by Parallel Execution Efficiency")
    assert found["Feasibility"].verdict is Verdict.NOTHING
    assert (found["Coordination Design"].percent, found["Coordination Design"].verdict) == (100, Verdict.PASS)


def test_nothing_passes_because_it_is_not_there() -> None:
    bare = two()
    bare = replace(bare, tasks=tuple(replace(task, estimate=None) for task in bare.tasks))
    found = measured(bare)
    assert found.pop("Completeness").words == "2 of 2 phases are in waves"
    assert {(one.percent, one.verdict) for one in found.values()} == {(None, Verdict.NOTHING)}


def test_the_target_of_time_savings_is_the_plans_own_else_thirty_percent() -> None:
    assert measured(two())["Optimization"].words == (
        "50.0% saved (1 h instead of 2 h), target > 30% by time savings"
    )

    def aims(target: str) -> Plan:
        return two(performance_metrics={"efficiency": [{"metric": "time_savings", "target": target}]})

    assert verdict(aims("> 49%"), "Optimization") == (50, Verdict.PASS)
    assert verdict(aims("> 50%"), "Optimization") == (50, Verdict.FAIL)
    assert verdict(aims("50%"), "Optimization") == (50, Verdict.PASS)
    assert verdict(aims("a lot"), "Optimization") == (None, Verdict.NOTHING)


def test_a_wave_over_the_capacity_of_a_team_fails_naming_both() -> None:
    plan = two(resource_analysis={"available_teams": [{"team_id": "backend"}]})
    plan = replace(plan, tasks=tuple(replace(task, team="backend", capacity=20) for task in plan.tasks))
    found = measured(plan)["Feasibility"]
    assert (found.percent, found.verdict) == (0, Verdict.FAIL)
    assert found.words == "wave 1 takes 40 of the 32 hours a week that team backend has for it"
    light = replace(plan, tasks=tuple(replace(task, capacity=10) for task in plan.tasks))
    assert verdict(light, "Feasibility") == (100, Verdict.PASS)


def test_a_risk_without_mitigation_and_a_sync_point_without_trigger_are_named() -> None:
    plan = two(
        risk_assessment={"technical_risks": [{"risk": "r1", "mitigation": "tests"}, {"risk": "r2"}]},
        coordination_protocols={
            "synchronization_points": [{"name": "s1", "participants": ["a"], "success_criteria": ["done"]}]
        },
    )
    found = measured(plan)
    assert (found["Risk Coverage"].percent, found["Risk Coverage"].verdict) == (50, Verdict.FAIL)
    assert found["Risk Coverage"].words == "1 of 2 risks have a mitigation; none has r2"
    assert found["Coordination Design"].words == "0 of 1 sync points are complete; s1 lacks a trigger"
    assert found["Coordination Design"].verdict is Verdict.FAIL
