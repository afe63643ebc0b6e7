"""Early-warning signs raise a warning at their risk (M116), which is averted when they are over (M192)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.gauged import ErrorType, GateVerdict, TaskError
from engine.core.plan import Plan
from engine.core.record.chronicle import Chronicle
from engine.core.record.metrics import metrics
from engine.core.risk_signs import standing
from engine.core.state import Alert, AlertKind, GateResult, Phase, State
from engine.core.strategy import risks


def with_risk(*signs: str, affects: tuple[str, ...] = ("session_002",)) -> Plan:
    risk = {
        "risk_id": "coord_001",
        "risk_name": "Contracts",
        "early_warning_signs": list(signs),
        "affected_sessions": list(affects),
    }
    return plan(task("a"), task("b"), sections={"risk_management": {"risk_assessment": [risk]}})


def now(state: State) -> tuple[str, str]:
    found = standing(state, risks(state.plan)[0])
    return found.state, found.sign


def failed(state: State, name: str) -> State:
    error = TaskError(ErrorType.TEST, f"{name}: a test fails", "c", ("h", "i"))
    task = replace(state.tasks[name], phase=Phase.FAILED, error=error)
    return replace(state, tasks={**state.tasks, name: task})


def test_a_test_failure_in_an_affected_session_is_a_warning() -> None:
    """M116: session_002 is b's."""
    state = Paper(with_risk("Test failures")).state
    assert now(state) == ("clear", "")
    assert now(failed(state, "a")) == ("clear", "")
    assert now(failed(state, "b")) == ("warning", "Test failures")


@pytest.mark.parametrize("affects", [(), ("b",)])
def test_a_risk_names_its_tasks_or_is_about_all(affects: tuple[str, ...]) -> None:
    state = Paper(with_risk("Test failures", affects=affects)).state
    assert now(failed(state, "b"))[0] == "warning"
    assert (now(failed(state, "a"))[0] == "warning") is (affects == ())


def test_gates_lateness_and_the_machine_are_signs_too() -> None:
    state = Paper(with_risk("Quality gate failures", "Delays", "Resource conflicts")).state
    red = GateResult("task", "b", "lint", GateVerdict.RED)
    assert now(replace(state, results=(red,))) == ("warning", "Quality gate failures")
    late = Alert(1, AlertKind.LATE, "wave 1 is late", ("a", "b"))
    assert now(replace(state, alerts=(late,))) == ("warning", "Delays")
    assert now(replace(state, load="throttled", load_why="CPU")) == ("warning", "Resource conflicts")


def test_what_is_over_is_resolved() -> None:
    state = Paper(with_risk("Quality gate failures", "Delays")).state
    ends = (
        GateResult("task", "b", "lint", GateVerdict.RED),
        GateResult("task", "b", "lint", GateVerdict.GREEN),
    )
    assert now(replace(state, results=ends))[0] == "resolved"
    late = Alert(1, AlertKind.LATE, "wave 1 is late", ("a", "b"), open=False)
    assert now(replace(state, alerts=(late,)))[0] == "resolved"


def test_the_share_of_risks_prevented_or_resolved_is_a_metric() -> None:
    """M192: 19 of 20 are 95 % and pass; a plan without risks has none to tell."""
    names = [f"t{number}" for number in range(20)]
    listed = [
        {"risk_id": name, "risk_name": name, "early_warning_signs": ["tests"], "affected_sessions": [name]}
        for name in names
    ]
    made = plan(*map(task, names), sections={"risk_management": {"risk_assessment": listed}})
    state = failed(Paper(made).state, "t3")

    def measured(state: State):
        return next(one for one in metrics(Chronicle(state=state)) if one.name == "risks_prevented")

    found = measured(state)
    assert (found.value, found.verdict) == (95.0, "pass")
    assert found.inputs == {"not_occurred_or_resolved": 19, "risks": 20}
    assert measured(failed(state, "t4")).verdict == "fail"
    assert measured(Paper(plan(task("a"))).state).verdict == "n/a"
