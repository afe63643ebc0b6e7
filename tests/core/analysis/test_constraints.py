"""Limits of a plan that are broken."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.analysis.constraints import violations
from engine.core.forecast import forecast
from engine.core.plan import Deadline, Gate, Gates, Plan, Span, Task, Wave

DAY = 86_400


def plan(*days: float, sections: dict[str, Any] | None = None, **more: Any) -> Plan:
    tasks = tuple(Task(f"t{n}", estimate=Span(0, part * DAY)) for n, part in enumerate(days))
    waves = (Wave(1, "all", tuple(task.id for task in tasks)),)
    return Plan("p", tasks, waves, sections=sections or {}, **more)


def broken(some: Plan, slots: int = 3) -> list[tuple[str, bool, str]]:
    return [(one.kind, one.hard, one.words) for one in violations(some, forecast(some, slots), slots)]


def constraint(kind: str, hard: bool = True) -> dict[str, Any]:
    return {"resource_analysis": {"resource_constraints": [{"constraint_type": kind, "hard": hard}]}}


def test_a_plan_that_ends_after_its_deadline_is_warned_of() -> None:
    late = plan(3, deadline=Deadline("2 days"))
    words = "the plan ends 1 d after its deadline 2 days; it takes 3 d"
    assert broken(late) == [("deadline", False, words)]
    assert broken(plan(2, deadline=Deadline("2 days"))) == []


def test_a_hard_deadline_is_an_error_whether_it_or_a_constraint_says_so() -> None:
    assert broken(plan(3, deadline=Deadline("2 days", hard=True)))[0][1]
    assert broken(plan(3, deadline=Deadline("2 days"), sections=constraint("timeline")))[0][1]
    assert not broken(plan(3, deadline=Deadline("2 days"), sections=constraint("timeline", hard=False)))[0][1]


@pytest.mark.parametrize(("by", "days", "kept"), [
    ("2024-01-03", 3, True),
    ("2024-01-03", 3.1, False),
    ("2024-01-03T12:00:00Z", 2.5, True),
    ("2024-01-03T12:00:00+02:00", 2.5, False),
])  # fmt: skip
def test_a_date_is_kept_until_it_is_over(by: str, days: float, kept: bool) -> None:
    assert (broken(plan(days, start="2024-01-01", deadline=Deadline(by))) == []) is kept


def test_a_date_without_a_start_cannot_be_checked_and_that_is_said() -> None:
    words = "deadline 2024-01-03: the plan says no start, so nobody knows whether it is kept"
    assert broken(plan(3, deadline=Deadline("2024-01-03"))) == [("deadline", False, words)]


def test_more_sessions_at_once_than_can_be_watched_break_a_limit() -> None:
    watched = {"resource_analysis": {"infrastructure_capacity": {"monitoring_capacity": "2 sessions"}}}
    words = "3 slots, but no more than 2 sessions can be watched at once"
    assert broken(plan(1, 1, 1, sections=watched)) == [("sessions", False, words)]
    assert broken(plan(1, 1, sections=watched)) == []


def test_a_wave_that_takes_more_than_a_team_has_names_both() -> None:
    team = {"team_id": "backend", "team_size": 1}
    section = {
        "resource_analysis": {"available_teams": [team], **constraint("team_capacity")["resource_analysis"]}
    }
    busy = plan(1, sections=section)
    busy = replace(busy, tasks=(replace(busy.tasks[0], team="backend", capacity=33),))
    words = "wave 1 takes 33 of the 32 hours a week that team backend has for it"
    assert broken(busy) == [("team", True, words)]


def test_hard_limits_come_first_and_a_quality_constraint_asks_for_a_gate() -> None:
    late = plan(3, deadline=Deadline("1 day"), sections=constraint("quality"))
    assert [(kind, hard) for kind, hard, _ in broken(late)] == [("gates", True), ("deadline", False)]
    gated = replace(late, gates=Gates(wave=(Gate("tests", "true"),)))
    assert [kind for kind, _, _ in broken(gated)] == ["deadline"]
