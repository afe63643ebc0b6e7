"""Meetings are data with a next time (M155)."""

from __future__ import annotations

from datetime import datetime

import pytest
from world_of_paper import plan, task

from engine.core.meetings import Meeting, meetings, next_time

THURSDAY = datetime(2024, 2, 1, 9, 30)


@pytest.mark.parametrize(
    ("frequency", "time", "then"),
    [
        ("daily", "9:00 AM", "2024-02-02 09:00"),
        ("daily", "9:30 AM", "2024-02-01 09:30"),
        ("daily", "12:15 pm", "2024-02-01 12:15"),
        ("daily", "17:00", "2024-02-01 17:00"),
        ("weekly", "Friday 2:00 PM", "2024-02-02 14:00"),
        ("weekly", "Thursday 9:00 AM", "2024-02-08 09:00"),
        ("weekly", "2:00 PM", None),
        ("daily", "", None),
        ("daily", "25:00", None),
        ("daily", "13:00 PM", None),
        ("now and then", "9:00 AM", None),
    ],
)
def test_a_meeting_has_a_next_time_where_it_can_be_read(frequency: str, time: str, then: str | None) -> None:
    """M155"""
    found = next_time(Meeting("standup", frequency, time, "", ()), THURSDAY)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == then


def test_a_plan_lists_its_meetings_with_their_agenda() -> None:
    """M155"""
    item = {
        "communication_type": "parallel_team_standup",
        "frequency": "daily",
        "time": "9:00 AM",
        "agenda": ["Progress updates", "Blockers and dependencies"],
        "decision_authority": "orchestrator",
    }
    made = plan(task("a"), sections={"coordination_protocols": {"communication_schedule": [item]}})
    (one,) = meetings(made)
    assert (one.kind, one.frequency, one.time) == ("parallel_team_standup", "daily", "9:00 AM")
    assert one.agenda == ("Progress updates", "Blockers and dependencies")
    assert one.authority == "orchestrator"
