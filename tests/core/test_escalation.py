"""What is open for too long goes up, with a role and a reason; what is settled before does not (M130)."""

from __future__ import annotations

import pytest
from test_conflicts import begun, clash, see
from world_of_paper import Paper, plan, task

from engine.core.conflicts import ConflictState
from engine.core.escalation import escalations, subjects, thresholds
from engine.core.outcomes import AgentExited, Escalated
from engine.core.plan import Plan, Settings
from engine.core.state import AlertKind

HOUR = 3600.0
SHOWN = {"settings": Settings(auto_coordinate=False)}


def after(paper: Paper, hours: float) -> list[tuple[int, str]]:
    """What is told of when everything has been open for so long; each only once."""
    due = escalations(paper.state, dict.fromkeys(subjects(paper.state), hours * HOUR))
    for one in due:
        paper.tell(one)
    return [(one.level, one.role) for one in due]


def test_an_open_conflict_goes_to_one_role_after_two_hours_and_to_the_next_after_four() -> None:
    """D13"""
    paper = begun("a", "b", **SHOWN)
    see(paper, clash("a", "b"))
    assert after(paper, 1.9) == []
    assert after(paper, 2) == [(1, "orchestrator")]
    assert paper.state.conflicts["c1"].state is ConflictState.ESCALATED
    assert after(paper, 3) == []
    assert after(paper, 4) == [(2, "architect")]
    assert [one.open for one in paper.state.alerts if one.kind is AlertKind.ESCALATION] == [True, True]
    see(paper, gone=(("a", "b"),))
    assert not any(one.open for one in paper.state.alerts), "settled: they are over"


def test_settled_before_there_is_nothing_to_escalate() -> None:
    paper = begun("a", "b", **SHOWN)
    see(paper, clash("a", "b"))
    see(paper, gone=(("a", "b"),))
    assert after(paper, 9) == []


def test_a_conflict_of_several_teams_goes_up_at_once() -> None:
    """affects_multiple_teams"""
    paper = Paper(plan(task("a", team="web"), task("b", team="api"), slots=2, **SHOWN))
    begun(of=paper)
    see(paper, clash("a", "b"))
    assert after(paper, 0) == [(1, "orchestrator")]
    assert "several teams: api, web" in paper.state.alerts[-1].text


def test_a_blocked_task_goes_up_after_four_hours() -> None:
    """dependency_blocking"""
    paper = Paper(plan(task("a"), task("b", "a"), task("c"), slots=2))
    begun(of=paper)
    paper.tell(AgentExited("agent:a:1", "a", 1, 1))
    begun(of=paper)
    assert after(paper, 3.9) == []
    (one,) = escalations(paper.state, {"task:b": 4 * HOUR})
    assert one == Escalated("task:b", 1, "orchestrator", "b is blocked by a for 4 hours")


@pytest.mark.parametrize(
    ("sections", "conflict", "technical", "role"),
    [
        ({}, 2, 4, "architect"),
        ({"x": {"escalation_thresholds": {"conflict_timeout": "30 minutes"}}}, 0.5, 4, "architect"),
        ({"x": [{"technical_conflicts": "unresolved_after_6_hours"}]}, 2, 6, "architect"),
        ({"decision_hierarchy": ["lead", "designer", "orchestrator"]}, 2, 4, "designer"),
        ({"conflict_timeout": "soon"}, 2, 4, "architect"),
    ],
)
def test_a_plans_own_times_and_roles_hold(sections, conflict, technical, role) -> None:
    found = thresholds(Plan("p", (), (), sections=sections))
    assert (found.conflict, found.technical, found.next_role) == (conflict * HOUR, technical * HOUR, role)
