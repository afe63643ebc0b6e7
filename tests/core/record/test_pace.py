"""How fast a team was, against numbers worked out by hand (M192)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from world_of_paper import plan, task

from engine.core.evolve import evolve
from engine.core.plan import Plan
from engine.core.record.chronicle import Attempt, Chronicle, Doing
from engine.core.record.notes import asked_for
from engine.core.record.pace import pace
from engine.core.state import Phase, State
from engine.core.verdicts import RunCreated
from engine.exporters.report_notes import velocity


def told(*points: float | None, seconds: float, unmerged: str = "") -> Chronicle:
    """A run whose tasks have these points and that took so many seconds."""
    tasks = [task(f"t{number}", points=size) for number, size in enumerate(points)]
    state = evolve(State(), RunCreated("r1", plan(*tasks), "/r", "main", "base", "wavetree/r1", 9))
    phases = {
        name: replace(one, phase=Phase.FAILED if name == unmerged else Phase.MERGED)
        for name, one in state.tasks.items()
    }
    spans = [(Doing.ACTIVE, 50.0, 50.0 + seconds)]
    attempts = [Attempt("t0", 1, 50.0, spans=spans)] if seconds else []
    return Chronicle(attempts, created=50.0, ended=50.0, state=replace(state, tasks=phases))


def test_eight_points_in_a_day_and_a_half_are_five_and_a_third_a_day() -> None:
    """M192: 8 points in 1.5 days: 5.33 per day"""
    seen = pace(told(5, 3, seconds=36 * 3600))
    assert (seen.points, seen.days, seen.tasks) == (8, 1.5, 2)
    assert seen.points_per_day == pytest.approx(16 / 3)
    assert seen.tasks_per_day == pytest.approx(4 / 3)
    assert velocity(seen).startswith("Velocity: 5.33 points a day (8 in ")


def test_points_are_summed_only_when_each_merged_task_has_some() -> None:
    """M192: what did not merge is no velocity"""
    assert pace(told(5, None, seconds=86_400)).points_per_day is None
    assert pace(told(5, None, seconds=86_400)).tasks_per_day == 2
    assert pace(told(5, 3, seconds=86_400, unmerged="t1")).points_per_day == 5


def test_without_time_there_is_no_velocity() -> None:
    """M192: n/a, never infinite"""
    nothing = pace(told(5, seconds=0))
    assert (nothing.points_per_day, nothing.tasks_per_day, velocity(nothing)) == (None, None, "")


def test_a_plan_says_which_measures_are_told_in_words() -> None:
    """M192: the document's own monitoring framework"""
    measures = [
        {"quantitative_metrics": ["Time reduction"]},
        {"qualitative_metrics": ["Team satisfaction", "Process improvement"]},
        {"business_metrics": ["Business value delivery"]},
    ]
    sections = {"monitoring_framework": {"success_metrics": measures}}
    wanted = asked_for(Plan("p", (), (), sections=sections))
    assert wanted == ("Team satisfaction", "Process improvement", "Business value delivery")
