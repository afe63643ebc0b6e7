"""Named warnings about work that is not for running in parallel."""

from __future__ import annotations

from engine.core.analysis import unfit as kinds
from engine.core.analysis.unfit import unfit
from engine.core.plan import Need, Plan, Supply, Task


def plan(*tasks: Task, **supplies: float) -> Plan:
    return Plan("p", tasks, (), supplies={name: Supply(count) for name, count in supplies.items()})


def found(some: Plan, *names: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.name, one.tasks) for one in unfit(some, names or None)]


def test_two_tasks_labelled_release_are_coordinated_releases() -> None:
    pair = plan(Task("a", labels=("Release",)), Task("b", labels=("release",)), Task("c"))
    assert found(pair) == [(kinds.RELEASE, ("a", "b"))]
    assert unfit(pair)[0].words == "labelled release: a, b"


def test_the_type_and_the_kind_of_a_task_count_as_labels() -> None:
    pair = plan(Task("a", type="release"), Task("b", extra={"kind": "Shared-State"}))
    assert found(pair) == [(kinds.RELEASE, ("a",)), (kinds.SHARED_STATE, ("b",))]


def test_two_tasks_whose_only_file_is_the_same_are_single_file_edits() -> None:
    three = plan(
        Task("a", files=("x.py::one",)),
        Task("b", files=("x.py::two",)),
        Task("c", files=("x.py", "y.py")),
    )
    assert found(three) == [(kinds.SINGLE_FILE, ("a", "b"))]
    assert unfit(three)[0].words == "a, b change only x.py"


def test_tasks_that_need_each_other_are_dependent() -> None:
    pair = plan(Task("a"), Task("b", needs=(Need("a"),)), Task("c"))
    assert found(pair) == [(kinds.DEPENDENT, ("a", "b"))]
    assert unfit(pair)[0].words == "b needs a"
    assert found(pair, "a", "c") == []


def test_a_chain_of_three_is_a_sequential_workflow_also_inside_a_larger_plan() -> None:
    chain = (Task("a"), Task("b", needs=(Need("a"),)), Task("c", needs=(Need("b"),)))
    assert (kinds.SEQUENTIAL, ("a", "b", "c")) in found(plan(*chain, Task("d")))
    fork = (*chain[:2], Task("c", needs=(Need("a"),)))
    assert [name for name, _ in found(plan(*fork))] == [kinds.DEPENDENT]


def test_a_resource_that_only_one_can_have_is_shared_state() -> None:
    pair = (Task("a", resources={"database": 1}), Task("b", resources={"database": 1}))
    assert found(plan(*pair, database=1)) == [(kinds.SHARED_STATE, ("a", "b"))]
    assert unfit(plan(*pair, database=1))[0].words == "a, b change database, which only one can have"
    assert found(plan(*pair, database=2)) == []


def test_complete_tasks_and_single_tasks_give_no_warning() -> None:
    assert found(plan(Task("a", labels=("release",)), Task("b", complete=True, labels=("release",)))) == []
