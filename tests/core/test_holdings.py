"""What tasks hold while they are at work: nothing is given out twice, and it is always given back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from world_of_paper import Paper, minutes, plan, task, well

from engine.core import waves
from engine.core.events import Event
from engine.core.forecast import forecast
from engine.core.holdings import effective_slots, impossible
from engine.core.intents import AgentRequested, WorktreeRequested
from engine.core.outcomes import AgentExited, CandidateMade, Outcome
from engine.core.plan import (
    Conflicts,
    FileRule,
    Level,
    Machine,
    Mode,
    OnConflict,
    Plan,
    Resolution,
    Span,
    StartPolicy,
    Supply,
    Task,
    Wave,
)
from engine.core.state import Phase
from engine.core.waiting import waiting_for

BOTH = pytest.mark.parametrize("policy", list(StartPolicy))
Spans = dict[str, tuple[float, float]]


def apart(spans: Spans, *names: str) -> bool:
    """Whether no two of these were at work at the same time."""
    ordered = sorted(spans[name] for name in names)
    return all(one[1] <= two[0] for one, two in pairwise(ordered))


def most_at_once(spans: Spans, names: Iterable[str]) -> int:
    chosen = [spans[name] for name in names]
    return max(sum(start <= at < end for start, end in chosen) for at, _ in chosen)


def started(paper: Paper) -> list[str]:
    return [event.task for event in paper.events(WorktreeRequested) if isinstance(event, WorktreeRequested)]


@BOTH
def test_tasks_that_conflict_with_each_other_never_run_together(policy: StartPolicy) -> None:
    """M003"""
    some = plan(task("a", conflicts_with=("c",)), task("b"), task("c"), start_policy=policy)
    length, spans = minutes(some, 3)
    assert apart(spans, "a", "c")
    assert not apart(spans, "a", "b")
    assert length == 20


@BOTH
def test_a_file_with_sequential_access_has_one_holder_at_a_time_each_on_top_of_the_one_before(
    policy: StartPolicy,
) -> None:
    """M046"""
    rule = FileRule("hooks.py", Resolution.SEQUENTIAL_ACCESS, tasks=("a", "b", "c"))
    some = plan(task("a"), task("b"), task("c"), task("d"), file_rules=(rule,), start_policy=policy)
    _, spans = minutes(some, 4)
    assert apart(spans, "a", "b", "c")
    assert spans["d"][0] == 0.0
    paper = Paper(some, slots=4)
    paper.run()
    bases = {
        event.task: event.base
        for event in paper.events(WorktreeRequested)
        if isinstance(event, WorktreeRequested)
    }
    assert "+a" in bases["b"]
    assert "+b" in bases["c"]


@pytest.mark.parametrize("resolution", [Resolution.FINAL_MERGE_STEP, Resolution.PARALLEL_SAFE])
def test_a_file_that_is_combined_at_the_end_or_safe_keeps_nobody_waiting(resolution: Resolution) -> None:
    """M046"""
    some = plan(task("a"), task("b"), file_rules=(FileRule("manifest.json", resolution),))
    assert minutes(some, 2)[0] == 10


def test_the_next_holder_waits_until_the_work_before_it_is_merged_and_is_told_so() -> None:
    """M046"""
    rule = FileRule("hooks.py", Resolution.SEQUENTIAL_ACCESS)
    paper = Paper(plan(task("a"), task("b"), file_rules=(rule,)), slots=2)
    seen: list[tuple[str, ...]] = []

    def answer(intent: Event) -> Iterable[Outcome] | None:
        seen.append(waiting_for(paper.state, paper.state.tasks["b"]))
        return None

    paper.run(answer)
    assert ("a (hooks.py)",) in seen
    first = paper.events(CandidateMade)[0]
    second = next(event for event in paper.events(WorktreeRequested) if getattr(event, "task", "") == "b")
    order = [event for events in paper.log for event in events]
    assert order.index(first) < order.index(second)


def test_a_lock_is_given_back_when_its_holder_fails() -> None:
    rule = FileRule("hooks.py", Resolution.SEQUENTIAL_ACCESS)
    paper = Paper(plan(task("a"), task("b"), file_rules=(rule,)), slots=2)

    def answer(intent: Event) -> Iterable[Outcome] | None:
        if isinstance(intent, AgentRequested) and intent.task == "a":
            return [*well(intent)[:1], AgentExited(intent.key, "a", 1, 1)]
        return None

    paper.run(answer)
    assert paper.state.tasks["a"].phase is Phase.FAILED
    assert paper.state.tasks["b"].phase is Phase.MERGED


@BOTH
def test_counted_resources_let_as_many_work_as_there_are_units(policy: StartPolicy) -> None:
    """M075"""
    names = "abcd"
    some = plan(
        *(task(name, resources={"build": 1.0}) for name in names),
        supplies={"build": Supply(3)},
        start_policy=policy,
    )
    length, spans = minutes(some, 4)
    assert most_at_once(spans, names) == 3
    assert length == 20


@BOTH
def test_an_exclusive_resource_has_one_user_at_a_time(policy: StartPolicy) -> None:
    """M076"""
    some = plan(
        task("a", resources={"database": 1.0}),
        task("b", resources={"database": 1.0}),
        supplies={"database": Supply(1)},
        start_policy=policy,
    )
    assert apart(minutes(some, 2)[1], "a", "b")


def test_the_shared_database_of_a_strategy_document_is_exclusive() -> None:
    """M076"""
    some = plan(
        task("a", resources={"database": 1.0}),
        task("b", resources={"database": 1.0}),
        sections={"resource_analysis": {"resource_constraints": [{"constraint_type": "shared_database"}]}},
    )
    assert apart(minutes(some, 2)[1], "a", "b")


def test_contention_goes_to_the_more_urgent_or_to_an_alternative() -> None:
    """M066"""
    tasks = (
        task("low", resources={"testing": 1.0}, urgency=Level.LOW),
        task("high", resources={"testing": 1.0}, urgency=Level.HIGH),
    )
    alone = plan(*tasks, supplies={"testing": Supply(1)})
    spans = forecast(alone, 2).spans
    assert spans["high"][0] == 0
    assert spans["low"][0] == spans["high"][1]
    helped = plan(*tasks, supplies={"testing": Supply(1, "staging"), "staging": Supply(1)})
    assert minutes(helped, 2)[0] == 10
    assert forecast(helped, 2).seconds == 600


def test_cores_and_memory_are_shared_out_and_some_is_kept_back() -> None:
    """M074"""
    machine = Machine(cores=4, ram=16 * 2**30, reserved_cores=2, reserved_ram=8 * 2**30)
    names = "abc"
    some = plan(
        *(task(name, resources={"cores": 1.0, "ram": 4.0 * 2**30}) for name in names), machine=machine
    )
    _, spans = minutes(some, 3)
    assert most_at_once(spans, names) == 2


def test_a_task_that_takes_more_than_there_is_is_named() -> None:
    some = plan(task("a", resources={"build": 4.0}), supplies={"build": Supply(3)})
    assert impossible(some) == (("a", "build", 4.0, 3.0),)


def test_a_wave_may_have_fewer_slots_than_the_plan() -> None:
    """M065"""
    some = plan(*(task(name) for name in "abcdef"))
    some = replace(some, waves=(replace(some.waves[0], slots=2),))
    _, spans = minutes(some, 3)
    assert most_at_once(spans, "abcdef") == 2


def test_no_more_sessions_than_can_be_watched() -> None:
    """M065, D01"""
    watched = {
        "resource_analysis": {"infrastructure_capacity": {"monitoring_capacity": "2 parallel sessions"}}
    }
    some = plan(task("a"), slots=3, sections=watched)
    assert (effective_slots(some), effective_slots(some, 8), effective_slots(some, 1)) == (2, 2, 1)
    assert effective_slots(plan(task("a"), slots=3), 8) == 8


def test_an_integration_wave_comes_after_the_waves_it_names_also_under_dependency_start() -> None:
    """M058"""
    slow, quick = Span(1200, 1200), Span(300, 300)
    some = plan(task("a", estimate=slow), task("b", estimate=quick), task("c", estimate=quick))
    made = (
        Wave(1, "one", ("a",)),
        Wave(2, "two", ("b",)),
        Wave(3, "three", ("c",), Mode.INTEGRATION, needs=(1,)),
    )
    some = replace(some, waves=made, start_policy=StartPolicy.DEPENDENCY)
    _, spans = minutes(some, 3)
    assert spans["c"][0] == 20
    _, spans = minutes(replace(some, waves=(*made[:2], replace(made[2], needs=(2,)))), 3)
    assert spans["c"][0] == 5


def test_a_sequential_wave_starts_each_task_after_the_one_before_has_ended() -> None:
    """M058"""
    some = plan(task("a"), task("b"), task("c"))
    some = replace(some, waves=(replace(some.waves[0], mode=Mode.SEQUENTIAL),))
    assert apart(minutes(some, 3)[1], "a", "b", "c")


def clashing(on_conflict: OnConflict) -> Plan:
    some = plan(
        task("65", files=("db.py", "a.py")),
        task("66", files=("db.py",)),
        task("67", files=("cli.py",)),
        conflicts=Conflicts(on_conflict=on_conflict),
    )
    return replace(some, waves=waves.planned(some))


def test_only_clashing_pairs_are_put_one_after_the_other_or_all_or_none_as_the_plan_says() -> None:
    """M088, D05"""
    split = clashing(OnConflict.SPLIT)
    assert [wave.tasks for wave in split.waves] == [("65", "67"), ("66",)]
    spans = minutes(split, 3)[1]
    assert apart(spans, "65", "66")
    assert not apart(spans, "65", "67")
    assert apart(minutes(clashing(OnConflict.SEQUENTIAL), 3)[1], "65", "66", "67")
    assert minutes(clashing(OnConflict.SHOW), 3)[0] == 10


def test_tasks_in_parts_of_one_file_that_lie_apart_run_side_by_side() -> None:
    """M044"""
    some = plan(
        task("a", files=("x.md#L1-10",)),
        task("b", files=("x.md#L90-95",)),
        task("c", files=("x.md#L8-12",)),
        conflicts=Conflicts(on_conflict=OnConflict.SPLIT),
    )
    spans = minutes(some, 3)[1]
    assert not apart(spans, "a", "b")
    assert apart(spans, "a", "c")


@st.composite
def projects(draw: st.DrawFn) -> tuple[Plan, int]:
    count = draw(st.integers(1, 7))
    tasks: list[Task] = []
    for number in range(count):
        tasks.append(
            task(
                f"t{number}",
                *draw(
                    st.sets(st.sampled_from([f"t{n}" for n in range(number)]), max_size=2)
                    if number
                    else st.just(())
                ),
                estimate=Span(60, 60 * draw(st.integers(1, 9))),
                resources=draw(
                    st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from([1.0, 2.0]), max_size=2)
                ),
                conflicts_with=tuple(
                    draw(st.sets(st.sampled_from([f"t{n}" for n in range(count) if n != number]), max_size=1))
                )
                if count > 1
                else (),
            )
        )
    some = plan(
        *tasks,
        supplies={"x": Supply(2), "y": Supply(3)},
        start_policy=draw(st.sampled_from(list(StartPolicy))),
    )
    return replace(some, waves=waves.planned(some)), draw(st.integers(1, 4))


@given(projects())
@settings(max_examples=80, deadline=None)
def test_whatever_the_plan_nothing_is_given_out_twice_and_every_run_ends(drawn: tuple[Plan, int]) -> None:
    some, slots = drawn
    length, spans = minutes(some, slots)
    assert len(spans) == len(some.tasks)
    for at, _ in spans.values():
        working = [some.task(name) for name, (start, end) in spans.items() if start <= at < end]
        assert len(working) <= slots
        for name, supply in some.supplies.items():
            assert sum(one.resources.get(name, 0) for one in working) <= supply.count
        for one in working:
            assert not {other.id for other in working} & set(one.conflicts_with)
            assert all(spans[need.task][1] <= spans[one.id][0] for need in one.needs)
    assert length == max(end for _, end in spans.values())
