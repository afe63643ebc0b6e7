"""The metrics of runs against numbers worked out by hand (M177-M187)."""

from __future__ import annotations

import pytest

from engine.core.plan import Plan
from engine.core.record.chronicle import Attempt, Chronicle, Doing, union
from engine.core.record.metrics import (
    RULES,
    Metric,
    Outcome,
    Sample,
    judged,
    metrics,
    overlapping,
)
from engine.core.record.targets import Target, target_of, wanted
from engine.core.state import State

T0 = 1_700_000_000.0


def attempt(task: str, start: float, *spans: tuple[Doing, float], outcome: str = "merged") -> Attempt:
    """An attempt that is at these things one after the other, for so many seconds each."""
    made = Attempt(task, 1, T0 + start, outcome=outcome)
    at = T0 + start
    for doing, seconds in spans:
        made.spans.append((doing, at, at + seconds))
        at += seconds
    alive = [span for span in made.spans if span[0] in (Doing.ACTIVE, Doing.PAUSED, Doing.PERSON)]
    made.began, made.ended = (alive[0][1], alive[-1][2]) if alive else (0.0, 0.0)
    return made


def run(*attempts: Attempt, slots: int = 2, sections: dict[str, object] | None = None) -> Chronicle:
    end = max((end for one in attempts for _, _, end in one.spans), default=0.0)
    plan = Plan("p", (), (), sections=sections or {})
    return Chronicle([*attempts], created=T0, ended=end, state=State(plan=plan, slots=slots))


def of(name: str, told: Chronicle, **more: object) -> Metric:
    return next(one for one in metrics(told, **more) if one.name == name)  # type: ignore[arg-type]


def test_time_saved_is_measured_against_the_sum_of_what_finished_agents_worked() -> None:
    """M177: two tasks of 100 s active each, 110 s wall: 45.0 %"""
    told = run(
        attempt("a", 0, (Doing.ACTIVE, 100), (Doing.MERGE, 5)),
        attempt("b", 0, (Doing.ACTIVE, 100), (Doing.WAITING, 5), (Doing.MERGE, 5)),
    )
    saved = of("time_savings", told)
    assert (saved.value, saved.verdict) == (45.0, "pass")
    assert saved.inputs == {"sequential_time": 200, "parallel_time": 110, "waited_for_a_person": 0}
    assert of("time_savings", run()).verdict == "n/a"


def test_of_agents_that_hardly_worked_no_saving_is_told() -> None:
    """M177: a quarter of a second of work in a run of 2 s is not 700 % lost"""
    told = run(attempt("a", 0, (Doing.ACTIVE, 0.25), (Doing.MERGE, 1.75)))
    for name in ("time_savings", "time_reduction", "parallel_execution_efficiency", "velocity_increase"):
        assert (of(name, told).value, of(name, told).verdict) == (None, "n/a")
        assert of(name, told).inputs["sequential_time"] == 0.25


def test_time_in_which_a_person_had_to_approve_and_nothing_went_on_is_apart() -> None:
    """M177"""
    told = run(attempt("a", 0, (Doing.ACTIVE, 50)), attempt("b", 80, (Doing.ACTIVE, 50)))
    told.offered = [(T0 + 40, T0 + 80)]
    saved = of("time_savings", told)
    assert saved.inputs == {"sequential_time": 100, "parallel_time": 100, "waited_for_a_person": 40}


@pytest.mark.parametrize(("parallel", "saved", "faster"), [(3.5, 41.7, 71.4), (2.5, 58.3, 140.0)])
def test_velocity_is_another_metric_than_time_saved(parallel: float, saved: float, faster: float) -> None:
    """M181, D09: 6 h to 3.5 h is 41.7 % saved and 71.4 % faster"""
    hours = 3600.0
    parts = [parallel, min(parallel, 6 - parallel), max(0.0, 6 - 2 * parallel)]
    told = run(*(attempt(str(part), 0, (Doing.ACTIVE, part * hours)) for part in parts))
    assert (of("time_savings", told).value, of("velocity_increase", told).value) == (saved, faster)


def test_an_agent_that_was_paused_is_used_less() -> None:
    """M178: alive 100 s, paused 40 s: 60 %, below the target"""
    told = run(attempt("a", 0, (Doing.ACTIVE, 30), (Doing.PAUSED, 40), (Doing.ACTIVE, 30)))
    used = of("agent_utilization", told)
    assert (used.value, used.verdict) == (60.0, "fail")


def test_the_capacity_is_wall_time_by_slots() -> None:
    """M184: 2 slots, 100 s wall, active 170 s: 85 %"""
    told = run(attempt("a", 0, (Doing.ACTIVE, 100)), attempt("b", 0, (Doing.ACTIVE, 70)))
    assert (of("capacity_utilization", told).value, of("capacity_utilization", told).verdict) == (
        85.0,
        "pass",
    )


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(8, "ok"), (12, "above target"), (16, "warning"), (21, "critical")]
)
def test_coordination_has_levels(seconds: float, verdict: str) -> None:
    """M183"""
    told = run(
        attempt(
            "a", 0, (Doing.WORKTREE, seconds / 2), (Doing.ACTIVE, 100 - seconds), (Doing.GATE, seconds / 2)
        )
    )
    overhead = of("coordination_overhead", told)
    assert (overhead.value, overhead.verdict) == (float(seconds), verdict)


@pytest.mark.parametrize(
    ("value", "verdict"), [(66, "ok"), (55, "below target"), (45, "warning"), (39, "critical")]
)
def test_efficiency_has_levels(value: float, verdict: str) -> None:
    """M182"""
    rule = RULES["parallel_execution_efficiency"]
    assert judged(value, rule.target, rule.warning, rule.critical) == verdict


def test_only_attempts_beside_another_are_parallel_operations() -> None:
    """M179, D30; no operation is no rate"""
    beside = [attempt(str(n), n * 10, (Doing.ACTIVE, 15)) for n in range(3)]
    alone = attempt("x", 1000, (Doing.ACTIVE, 5))
    assert overlapping([*beside, alone]) == 3
    assert of("conflict_rate", run(alone)).verdict == "n/a"


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("conflict_rate", 5.0, "fail"),
        ("conflict_rate", 4.9, "pass"),
        ("fallback_rate", 1 / 11 * 100, "pass"),
        ("fallback_rate", 10.0, "fail"),
        ("completion_rate", 95.0, "fail"),
        ("completion_rate", 100.0, "pass"),
        ("auto_merge_rate", 90.0, "pass"),
        ("instance_failure_rate", 10.0, "fail"),
        ("risks_prevented", 95.0, "pass"),
        ("cpu_peak", None, "n/a"),
    ],
)
def test_targets_are_as_strict_as_the_documents_say(name: str, value: float | None, verdict: str) -> None:
    """M179, M180, M185, M192: what cannot be told never passes"""
    rule = RULES[name]
    assert judged(value, rule.target, rule.warning, rule.critical) == verdict


def test_a_run_counts_once_among_the_runs() -> None:
    """M180"""
    past = [Outcome(n == 0, n > 0) for n in range(11)]
    assert of("fallback_rate", run(), past=past).inputs == {
        "fallbacks_to_sequential": 1,
        "total_executions": 11,
    }
    assert of("completion_rate", run(), past=past).value == 90.9


def test_merges_that_clashed_and_agents_that_failed_are_told_apart() -> None:
    """M185: 9 of 10 clean; 1 failed of 10"""
    done = [attempt(str(n), n, (Doing.ACTIVE, 1)) for n in range(9)]
    clashed = attempt("c", 0, (Doing.ACTIVE, 1), outcome="failed")
    clashed.clashed = True
    assert of("auto_merge_rate", run(*done, clashed)).value == 90.0
    assert of("instance_failure_rate", run(*done, clashed)).value == 0.0
    failed = attempt("f", 0, (Doing.ACTIVE, 1), outcome="failed")
    assert of("instance_failure_rate", run(*done, failed)).value == 10.0


def test_the_machines_load_has_a_peak_and_a_mean() -> None:
    """M186: 30, 85, 40: peak 85 fails, mean 51.7"""
    seen = [Sample(0, cpu, 10) for cpu in (30.0, 85.0, 40.0)]
    peak = of("cpu_peak", run(), samples=seen)
    assert (peak.value, peak.verdict, peak.inputs["mean"]) == (85.0, "fail", 51.7)
    assert of("memory_peak", run(), samples=seen).verdict == "pass"


def test_a_plans_target_holds_instead_and_its_calculation_is_never_run() -> None:
    """M187: `> 50%` flips the verdict; both forms"""
    entry = {"metric": "time_savings", "calculation": "__import__('os').abort()", "target": "> 50%"}
    told = run(
        attempt("a", 0, (Doing.ACTIVE, 100)),
        attempt("b", 0, (Doing.ACTIVE, 100), (Doing.MERGE, 10)),
        sections={"performance_metrics": {"efficiency_metrics": [entry]}},
    )
    assert (of("time_savings", told).verdict, of("time_savings", told).target) == ("fail", "> 50%")
    second = {
        "metric_name": "Coordination Overhead",
        "target": "33%",
        "warning_threshold": "50%",
        "critical_threshold": "60%",
    }
    found = wanted({"x": [second]}, {"coordination_overhead": "<"})
    assert found["coordination_overhead"].target == Target("<", 33)
    assert (found["coordination_overhead"].warning, found["coordination_overhead"].critical) == (50, 60)


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [("> 30%", ">", 30), ("<10%", "<", 10), ("65%", ">=", 65), ("≥ 90 %", ">=", 90)],
)
def test_targets_are_read_as_they_are_written(text: str, sign: str, number: float) -> None:
    """M187"""
    assert target_of(text) == Target(sign, number)


@pytest.mark.parametrize("text", ["", "fast", "30% or so", None, [], "1e5000"])
def test_what_is_no_target_is_none(text: object) -> None:
    assert target_of(text) is None


def test_time_is_counted_once_where_spans_overlap() -> None:
    assert union([(0, 2), (1, 3), (5, 6), (3, 4)]) == [(0, 4), (5, 6)]


@pytest.mark.parametrize(("threshold", "verdict"), [("15%", "warning"), ("18%", "above target")])
def test_the_files_threshold_says_when_the_warning_appears(threshold: str, verdict: str) -> None:
    """M117: 16 of 100 seconds are coordination; from 15 % on that is a warning, from 18 % on not yet"""
    entry = {
        "metric_name": "Coordination Overhead",
        "target": "<10%",
        "warning_threshold": threshold,
        "critical_threshold": "20%",
    }
    told = run(
        attempt("a", 0, (Doing.WORKTREE, 16), (Doing.ACTIVE, 84)),
        sections={"monitoring_and_control": {"performance_metrics": [entry]}},
    )
    assert of("coordination_overhead", told).verdict == verdict
