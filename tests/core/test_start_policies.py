"""How long runs take under each start policy, by a clock that exists only here."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from world_of_paper import minutes

from engine.core.forecast import forecast
from engine.core.plan import StartPolicy
from engine.importers.loading import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "demo.yaml"


@pytest.mark.parametrize(
    ("policy", "slots", "length"),
    [
        (StartPolicy.WAVE, 3, 58),
        (StartPolicy.DEPENDENCY, 3, 50),
        (StartPolicy.WAVE, 2, 67),
        (StartPolicy.WAVE, 1, 105),
        (StartPolicy.DEPENDENCY, 1, 105),
    ],
)
def test_the_example_takes_as_long_as_its_barriers_or_its_needs_say(
    policy: StartPolicy, slots: int, length: float
) -> None:
    """M059, M047, D06: exactly 58 and 50 minutes with 3 slots, as was told before"""
    plan = replace(load(EXAMPLE), start_policy=policy)
    took, spans = minutes(plan, slots)
    assert took == length
    told = forecast(plan, slots)
    assert told.seconds == length * 60
    assert {name: (start / 60, end / 60) for name, (start, end) in told.spans.items()} == spans
    assert told.sequential == 105 * 60
    assert (told.critical[0], told.critical_seconds) == ("doctype-designer", 50 * 60)
    if (policy, slots) == (StartPolicy.WAVE, 3):
        assert [wave.seconds for wave in told.waves] == [18 * 60, 25 * 60, 15 * 60]


def test_under_barriers_no_task_starts_before_the_whole_wave_before_it_has_ended() -> None:
    """M059"""
    plan = load(EXAMPLE)
    _, spans = minutes(plan, 3)
    for before, after in zip(plan.waves, plan.waves[1:], strict=False):
        assert min(spans[name][0] for name in after.tasks) == max(spans[name][1] for name in before.tasks)


def test_by_needs_a_task_starts_the_moment_its_own_are_there() -> None:
    """M059"""
    plan = replace(load(EXAMPLE), start_policy=StartPolicy.DEPENDENCY)
    _, spans = minutes(plan, 3)
    for task in plan.tasks:
        assert spans[task.id][0] == max((spans[need.task][1] for need in task.needs), default=0)
