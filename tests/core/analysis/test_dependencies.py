"""Kinds of tasks, critical path, slack and bottlenecks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import graph
from engine.core.analysis import dependencies
from engine.core.analysis.dependencies import Bottleneck, Kind
from engine.core.plan import Need, Plan, Span, Task
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
STORY = (DOCUMENTS / "000_agent_dependency_analysis.yaml", DOCUMENTS / "000_file_conflict_analysis.yaml")


def task(name: str, *needs: str, minutes: float = 10, **more: object) -> Task:
    span = Span(minutes * 60, minutes * 60)
    return replace(Task(name, needs=tuple(map(Need, needs)), estimate=span), **more)


def plan(*tasks: Task) -> Plan:
    return Plan("p", tasks, ())


def kinds(*tasks: Task) -> dict[str, Kind]:
    return {one.task: one.kind for one in dependencies.standings(plan(*tasks))}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 9))
    return plan(
        *(
            task(
                f"t{number}",
                *sorted(draw(st.sets(st.sampled_from([f"t{n}" for n in range(number)])))) if number else (),
                minutes=draw(st.integers(0, 9)),
                complete=draw(st.booleans()),
            )
            for number in range(count)
        )
    )


def test_the_tickets_say_whom_they_need_and_who_requires_them_as_in_the_document() -> None:
    first, second, last = dependencies.standings(load(DOCUMENTS / "003_tickets_dependencies.yaml"))
    assert (first.kind, first.needs, first.required_by) == (Kind.INDEPENDENT, (), ("PROJ-126",))
    assert first.followers == ("PROJ-124", "PROJ-126")
    assert (second.kind, [need.task for need in second.needs]) == (Kind.DEPENDENT, ["PROJ-123"])
    assert second.required_by == ("PROJ-126",)
    assert [need.task for need in last.needs] == ["PROJ-123", "PROJ-124"]
    assert (last.required_by, last.followers) == ((), ())


def test_a_task_is_blocked_by_what_failed_far_before_it_and_complete_tasks_never_are() -> None:
    found = kinds(
        task("failed", status="failed"),
        task("next", "failed"),
        task("after", "next"),
        task("done", "failed", complete=True, status="complete"),
        task("free", "done"),
        task("said", status="blocked"),
        task("alone"),
    )
    assert found == {
        "failed": Kind.INDEPENDENT,
        "next": Kind.BLOCKED,
        "after": Kind.BLOCKED,
        "done": Kind.COMPLETE,
        "free": Kind.DEPENDENT,
        "said": Kind.BLOCKED,
        "alone": Kind.INDEPENDENT,
    }


def test_the_story_takes_fifty_minutes_by_its_critical_path_and_vue_has_seven_to_spare() -> None:
    story = load(*STORY)
    path, seconds = graph.critical_path(story.tasks)
    assert path == ("doctype-designer", "api-developer", "workflow-specialist")
    assert seconds == 50 * 60
    slack = {one.task: one.slack / 60 for one in dependencies.timings(story)}
    assert slack["vue-spa-architect"] == 7
    assert [name for name, spare in slack.items() if spare == 0] == list(path)
    assert slack["api-architect"] == 3


def test_shortening_a_critical_task_helps_until_another_path_is_as_long() -> None:
    gains = {one.task: one.gain / 60 for one in dependencies.shortening(dependencies.timings(load(*STORY)))}
    assert gains == {"doctype-designer": 3, "api-developer": 7, "workflow-specialist": 7}


def test_shortening_one_of_two_equal_paths_brings_nothing() -> None:
    twins = plan(task("a", minutes=5), task("b", minutes=5), task("end", "a", "b", minutes=2))
    shorter = dependencies.shortening(dependencies.timings(twins))
    assert [(one.task, one.gain) for one in shorter] == [("end", 120)]


@given(plans())
def test_the_gain_of_a_task_is_what_the_plan_loses_without_its_time(some: Plan) -> None:
    _, whole = graph.critical_path(some.tasks)
    for number, timing in enumerate(dependencies.timings(some)):
        free = replace(some.tasks[number], estimate=Span(0, 0))
        _, rest = graph.critical_path((*some.tasks[:number], free, *some.tasks[number + 1 :]))
        assert timing.gain == pytest.approx(whole - rest)
        assert timing.slack >= 0
        assert timing.gain == 0 or timing.slack == 0


@given(plans())
def test_what_a_task_blocks_is_every_open_task_behind_it(some: Plan) -> None:
    needs = graph.needs_of(some.tasks)
    open_ = {one.id for one in some.tasks if not one.complete}
    counted = dependencies.blocking(some)
    assert counted == {name: len(graph.descendants(needs, name) & open_) for name in needs}


def test_bottlenecks_are_sorted_and_worded_and_one_phase_is_singular() -> None:
    found = dependencies.bottlenecks(plan(task("c", "b"), task("a"), task("b", "a"), task("alone")))
    assert found == (Bottleneck("a", 2), Bottleneck("b", 1))
    assert [one.words for one in found] == ["Blocks 2 dependent phases", "Blocks 1 dependent phase"]


def test_ten_thousand_tasks_are_analysed_in_about_the_time_it_takes_to_read_them() -> None:
    tasks = [task("t0"), task("t1", "t0")]
    tasks += [task(f"t{n}", f"t{n // 2}", f"t{n - 2}") for n in range(2, 10_000)]
    large = plan(*tasks)
    started = time.process_time()
    assert dependencies.bottlenecks(large)[0] == Bottleneck("t0", 9_999)
    assert len(dependencies.timings(large)) == len(dependencies.standings(large)) == 10_000
    assert time.process_time() - started < 1.5
