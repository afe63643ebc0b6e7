"""How well plans suit running in parallel, and what is said about those that do not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from six_agents import crowded, story

from engine.core.analysis.suitability import Obstacles, Rating, Suitability, obstacles, suitability, width
from engine.core.clashes import clashes
from engine.core.forecast import forecast
from engine.core.plan import Mode, Need, OnConflict, Plan, Span, Task, Wave
from engine.core.waves import planned


def task(name: str, *needs: str, minutes: float = 10, files: tuple[str, ...] = ()) -> Task:
    return Task(name, needs=tuple(map(Need, needs)), estimate=Span(0, minutes * 60), files=files)


def plan(*tasks: Task) -> Plan:
    bare = Plan("p", tasks, ())
    return replace(bare, waves=planned(bare))


def rated(some: Plan, slots: int = 3) -> Suitability:
    return suitability(some, forecast(some, slots), clashes(some))


def stuck(some: Plan, slots: int = 3) -> Obstacles | None:
    return obstacles(some, slots)


def test_the_story_rates_high_with_its_reasons() -> None:
    found = rated(story())
    assert (found.rating, round(found.saved, 1), found.width) == (Rating.HIGH, 44.8, 3)
    assert found.reasons == (
        "up to 3 tasks run together",
        "44.8% of the time is saved: 58 min instead of 1 h 45 min one after the other",
        "no wave is of high risk",
    )


def test_a_wave_of_high_risk_makes_the_same_savings_medium() -> None:
    found = rated(crowded())
    assert found.rating is Rating.MEDIUM
    assert found.saved > 30
    assert found.reasons[-1] == "wave 2 is of high risk: hooks.py"


@pytest.mark.parametrize(("small", "rating"), [(4, Rating.LOW), (20, Rating.MEDIUM), (60, Rating.HIGH)])
def test_the_rating_follows_the_time_that_is_saved(small: float, rating: Rating) -> None:
    assert rated(plan(task("a", minutes=60), task("b", minutes=small))).rating is rating


def test_a_chain_of_three_rates_none_and_says_what_blocks_and_what_to_split() -> None:
    chain = plan(task("a"), task("b", "a", minutes=30), task("c", "b"))
    assert rated(chain).rating is Rating.NONE
    found = stuck(chain)
    assert found is not None
    assert found.factors == ("a→b", "b→c")
    assert found.modes[0] == "sequential: one task after the other"
    assert found.split == "b"
    assert found.suggestion == "split b, the largest on the longest path (30 min)"


def test_with_one_slot_everything_rates_none_for_that_reason() -> None:
    pair = plan(task("a"), task("b"))
    assert rated(pair, 1).rating is Rating.NONE
    found = stuck(pair, 1)
    assert found is not None
    assert found.factors == ("only one slot",)
    assert found.modes[-1] == "parallel with more slots"


def test_tasks_that_clash_are_blocked_by_the_file_they_share() -> None:
    pair = Plan("p", (task("a", files=("x",)), task("b", files=("x",))), ())
    split = replace(pair, conflicts=replace(pair.conflicts, on_conflict=OnConflict.SPLIT))
    found = stuck(replace(split, waves=planned(split)))
    assert found is not None
    assert found.factors == ("a→b (x)",)


def test_a_sequential_wave_is_named_as_what_orders_its_tasks() -> None:
    pair = Plan("p", (task("a"), task("b")), (Wave(1, "all", ("a", "b"), Mode.SEQUENTIAL),))
    found = stuck(pair)
    assert found is not None
    assert found.factors == ("a→b (wave 1 is sequential)",)


def test_a_plan_that_runs_in_parallel_or_has_one_task_left_has_no_obstacles() -> None:
    assert stuck(story()) is None
    assert stuck(plan(task("a"), replace(task("b", "a"), complete=True))) is None


def test_tasks_one_right_after_the_other_are_not_at_work_at_once() -> None:
    assert width(forecast(plan(task("a"), task("b", "a")), 3)) == 1
    assert width(forecast(plan(task("a"), task("b")), 3)) == 2
    nothing = forecast(plan(task("a", minutes=0)), 3)
    assert (width(nothing), nothing.saved) == (1, 0.0)
