"""M115: phase completion, task velocity, dependency resolution rate."""

from __future__ import annotations

from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.headway import headway
from engine.core.plan import Need
from engine.core.state import Phase, State
from engine.core.waiting import waiting_for


def at(merged: str, *tasks: object) -> State:
    state = Paper(plan(*tasks)).state  # type: ignore[arg-type]
    return replace(
        state,
        tasks={
            name: replace(one, phase=Phase.MERGED if name in merged else Phase.PENDING)
            for name, one in state.tasks.items()
        },
    )


def test_two_of_four_tasks_and_three_of_six_needs_in_an_hour() -> None:
    state = at("ab", task("a"), task("b", "a"), task("c", "a", "b"), task("d", "c", "b", "a"))
    found = headway(
        replace(state, specs={**state.specs, "b": task("b"), "d": task("d", "c", "c", "c", "b")}), 3600
    )
    assert (found.completion, found.velocity, found.resolution) == (50.0, 2.0, 50.0)


def test_nothing_to_divide_by_is_no_number() -> None:
    found = headway(at("", task("a")), 0)
    assert (found.completion, found.velocity, found.resolution) == (0.0, None, None)


def test_a_milestone_that_was_reached_satisfies_who_waits_for_it() -> None:
    state = at("", task("a"), replace(task("b"), needs=(Need("a", "schema"),)))
    assert headway(state, 1).met == 0
    reached = replace(state.tasks["a"], milestones=("schema",))
    assert headway(replace(state, tasks={**state.tasks, "a": reached}), 1).met == 1


def test_what_a_task_waits_for_becomes_less_as_that_is_done() -> None:
    """M113: from two to one, and one of two is satisfied"""
    tasks = (task("a"), task("b"), task("c", "a", "b"))
    before, after = at("", *tasks), at("a", *tasks)
    assert [waiting_for(state, state.tasks["c"])[-2:] for state in (before, after)] == [("a", "b"), ("b",)]
    assert [(headway(state, 1).met, headway(state, 1).needs) for state in (before, after)] == [(0, 2), (1, 2)]
