"""Order, levels, critical path and cycles of the dependency graph."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import graph
from engine.core.plan import Need, Span, Task


def task(name: str, *needs: str, seconds: float | None = None, complete: bool = False) -> Task:
    span = None if seconds is None else Span(seconds / 2, seconds)
    return Task(id=name, needs=tuple(Need(need) for need in needs), estimate=span, complete=complete)


DIAMOND = (
    task("a", seconds=60),
    task("b", "a", seconds=120),
    task("c", "a", seconds=30),
    task("d", "b", "c", seconds=10),
)


def test_a_cycle_is_named_in_order_along_its_edges() -> None:
    knot = (task("a", "c"), task("b", "a"), task("c", "b"))
    assert graph.cycles(graph.needs_of(knot)) == [("a", "b", "c", "a")]
    with pytest.raises(graph.CycleError, match=r"^cycle: a -> b -> c -> a$"):
        graph.order(graph.needs_of(knot))


def test_every_knot_is_named_once_and_the_rest_of_the_plan_is_not() -> None:
    tasks = (
        task("start"),
        task("a", "start", "b"),
        task("b", "a"),
        task("after", "b"),
        task("x", "z"),
        task("y", "x"),
        task("z", "y"),
        task("me", "me"),
    )
    assert graph.cycles(graph.needs_of(tasks)) == [("a", "b", "a"), ("x", "y", "z", "x"), ("me", "me")]


def test_levels_are_the_length_of_the_longest_chain_of_needs() -> None:
    assert graph.levels(graph.needs_of(DIAMOND)) == (("a",), ("b", "c"), ("d",))
    assert graph.levels({}) == ()


def test_the_critical_path_adds_the_most_of_each_estimate() -> None:
    assert graph.critical_path(DIAMOND) == (("a", "b", "d"), 190.0)
    assert graph.critical_path(()) == ((), 0.0)


def test_a_task_without_an_estimate_counts_the_default_and_a_complete_one_nothing() -> None:
    tasks = (task("a", complete=True, seconds=500), task("b", "a"))
    assert graph.critical_path(tasks) == (("a", "b"), graph.DEFAULT_ESTIMATE)


def test_a_tail_is_the_longest_way_to_the_end() -> None:
    assert graph.tails(DIAMOND) == {"a": 190.0, "b": 130.0, "c": 40.0, "d": 10.0}


def test_ancestors_and_descendants_reach_through_others() -> None:
    needs = graph.needs_of(DIAMOND)
    assert graph.ancestors(needs, "d") == {"a", "b", "c"}
    assert graph.descendants(needs, "a") == {"b", "c", "d"}
    assert graph.descendants(needs, "d") == frozenset()


def test_a_need_that_another_path_already_says_is_not_drawn() -> None:
    needs = {"a": (), "b": ("a",), "c": ("a", "b")}
    assert graph.reduced(needs) == {"a": (), "b": ("a",), "c": ("b",)}


def test_a_need_outside_the_plan_is_passed_over() -> None:
    assert graph.levels(graph.needs_of([task("a", "nope", "nope")])) == (("a",),)


def test_tails_of_two_thousand_tasks_take_less_than_fifty_milliseconds() -> None:
    tasks = [task(f"t{n}", *{f"t{n // 2}", f"t{max(0, n - 7)}"} - {f"t{n}"}) for n in range(2000)]
    best = min(_timed(tasks) for _ in range(5))
    assert best < 0.05


def _timed(tasks: list[Task]) -> float:
    began = time.perf_counter()
    assert len(graph.tails(tasks)) == len(tasks)
    return time.perf_counter() - began


def test_importing_the_graph_does_not_import_networkx() -> None:
    code = "import sys, engine.core.graph; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@st.composite
def needs_maps(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    names = [f"t{n}" for n in range(draw(st.integers(0, 8)))]
    return {name: tuple(draw(st.lists(st.sampled_from(names), unique=True, max_size=3))) for name in names}


@given(needs_maps())
def test_a_plan_has_an_order_exactly_when_no_cycle_is_named(needs: dict[str, tuple[str, ...]]) -> None:
    edges = nx.DiGraph([(need, name) for name, needed in needs.items() for need in needed])
    found = graph.cycles(needs)
    assert (not found) == nx.is_directed_acyclic_graph(edges)
    for members in found:
        assert members[0] == members[-1]
        assert len(set(members)) == len(members) - 1
        assert all(one in needs[two] for one, two in pairwise(members))
    if not found:
        placed = graph.order(needs)
        assert sorted(placed) == sorted(needs)
        assert all(placed.index(need) < placed.index(name) for name in needs for need in needs[name])
