"""What the graph draws of a plan and of the tasks that were serialized since."""

from __future__ import annotations

from engine import Plan, Task, Wave
from tui.shape import shape_of

PLAN = Plan("p", (Task("a"), Task("b"), Task("c")), (Wave(1, "one", ("a", "b", "c")),))


def test_tasks_that_were_serialized_stand_one_after_the_other() -> None:
    """M214: the new edge"""
    shape = shape_of(PLAN, (("a", "b"),))
    assert ("a", "b") in shape.edges
    assert shape.columns == (("a", "c"), ("b",))


def test_of_two_orders_that_contradict_each_other_the_newer_one_counts() -> None:
    """The older one is over, or it would not have been possible to decide the other."""
    shape = shape_of(PLAN, (("a", "b"), ("b", "c"), ("c", "a")))
    assert set(shape.edges) == {("b", "c"), ("c", "a")}
