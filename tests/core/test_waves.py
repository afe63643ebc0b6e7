"""Waves that are computed: levels of the needs, within what teams have, the more urgent first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_of_paper import plan, task

from engine.core.forecast import forecast
from engine.core.graph import CycleError, needs_of
from engine.core.plan import Level, Plan, Span, Task
from engine.core.waves import levelled, optimize_wave_execution, planned, preference


def rows(some: Plan) -> list[tuple[str, ...]]:
    return [wave.tasks for wave in planned(some)]


def team(hours: str, **more: object) -> dict[str, object]:
    teams = [{"team_id": "t", "team_size": 1, "capacity": hours}]
    return {"sections": {"resource_analysis": {"available_teams": teams}}, **more}


def test_the_strategys_own_function_plans_waves_by_dependency_level() -> None:
    """M055: finished foundation phases count as complete"""
    found = optimize_wave_execution(
        ["phase-1", "phase-2", "phase-3"], {"phase-2": ["phase-1"], "phase-3": ["phase-1"]}, 10
    )
    assert found == [
        {"wave": 1, "phases": ["phase-1"], "capacity_required": 1.0},
        {"wave": 2, "phases": ["phase-2", "phase-3"], "capacity_required": 2.0},
    ]


def test_the_first_wave_is_limited_by_capacity_too() -> None:
    """M055: five independent phases of capacity 1, team capacity 2"""
    found = optimize_wave_execution(["a", "b", "c", "d", "e"], {}, 2)
    assert [len(wave["phases"]) for wave in found] == [2, 2, 1]  # type: ignore[arg-type]


@pytest.mark.timeout(5)
def test_what_can_never_be_placed_is_an_error_and_no_endless_loop() -> None:
    """M055, D20"""
    with pytest.raises(ValueError, match="no wave has room for a, b"):
        optimize_wave_execution(["a", "b"], {}, 0.5)
    with pytest.raises(CycleError):
        optimize_wave_execution(["a", "b"], {"a": ["b"], "b": ["a"]}, 2)


def test_among_ready_tasks_the_more_urgent_go_first_then_the_longer_way_then_the_plan() -> None:
    """M056: priorities low, high, medium at capacity 2: high and medium first"""
    some = plan(
        task("low", urgency=Level.LOW, capacity=10.0, team="t"),
        task("high", urgency=Level.HIGH, capacity=10.0, team="t"),
        task("medium", urgency=Level.MEDIUM, capacity=10.0, team="t"),
        **team("20 hours/week", buffer=0.0),
    )
    assert rows(some) == [("high", "medium"), ("low",)]
    even = (task("a"), task("b"), task("c", "b"))
    ranking = preference(even)
    assert sorted(ranking, key=ranking.__getitem__) == ["b", "a", "c"]


@pytest.mark.parametrize(("minutes", "slots", "length"), [((120, 90, 60), 2, 150), ((18, 15, 12), 2, 27)])
def test_slots_are_loaded_evenly(minutes: tuple[int, ...], slots: int, length: int) -> None:
    """M056: durations 2, 1.5, 1 on two slots take 2.5; 18, 15, 12 take 27"""
    some = plan(*(task(f"t{n}", estimate=Span(0, m * 60)) for n, m in enumerate(minutes)))
    assert forecast(some, slots).seconds == length * 60


def test_a_fifth_of_a_teams_week_is_kept_back_unless_the_plan_says_otherwise() -> None:
    """M064: 100 hours plan 80 a wave, without a buffer 100"""
    tasks = tuple(task(f"t{number}", team="t", capacity=20.0) for number in range(5))
    assert [len(row) for row in rows(plan(*tasks, **team("100 hours/week")))] == [4, 1]
    assert [len(row) for row in rows(plan(*tasks, **team("100 hours/week", buffer=0.0)))] == [5]


def test_a_task_that_alone_takes_more_than_its_team_has_is_still_planned() -> None:
    some = plan(
        task("a", team="t", capacity=50.0), task("b", team="t", capacity=5.0), **team("40 hours/week")
    )
    assert rows(some) == [("a",), ("b",)]


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Task, ...]:
    count = draw(st.integers(1, 12))
    return tuple(
        task(
            f"t{number}",
            *(draw(st.sets(st.sampled_from([f"t{n}" for n in range(number)]), max_size=3)) if number else ()),
            urgency=draw(st.sampled_from([None, *Level])),
        )
        for number in range(count)
    )


@given(tasks(), st.integers(1, 4))
@settings(deadline=None)
def test_every_task_is_in_one_row_behind_what_it_needs_and_no_row_has_more_than_its_room(
    some: tuple[Task, ...], most: int
) -> None:
    """M055, M057"""

    def new_room() -> object:
        taken: list[str] = []

        def room(name: str) -> bool:
            return len(taken) < most and not taken.append(name)  # type: ignore[func-returns-value]

        return room

    found = levelled(some, new_room)  # type: ignore[arg-type]
    place = {name: number for number, row in enumerate(found) for name in row}
    assert sorted(name for row in found for name in row) == sorted(one.id for one in some)
    assert all(place[need] < place[name] for name, needed in needs_of(some).items() for need in needed)
    assert all(len(row) <= most for row in found)
