"""Cores and memory are the plan's where it says them, else the machine's."""

from __future__ import annotations

from types import SimpleNamespace

import psutil

from engine.core.plan import Machine, Plan, Task
from engine.edge.machine import measured, on_this_machine

FOUR = SimpleNamespace(cpu_count=lambda: 4, virtual_memory=lambda: SimpleNamespace(total=16 * 2**30))


def _nothing() -> SimpleNamespace:
    raise OSError("no /proc")


def test_what_is_not_given_is_measured() -> None:
    """M074"""
    assert measured(Machine(reserved_cores=2), FOUR) == Machine(4, 16 * 2**30, 2)
    assert measured(Machine(cores=8, ram=2**30), FOUR) == Machine(8, 2**30)


def taking(*, machine: Machine | None = None, **resources: float) -> Machine:
    """The machine of a plan with one task that takes these, on one of 4 cores and 16 GB."""
    tasks = (Task("a", resources=dict(resources)), Task("b", complete=True, resources={"cores": 64.0}))
    return on_this_machine(Plan("p", tasks, (), machine=machine or Machine()), FOUR).machine


def test_half_of_what_tasks_take_stays_with_the_machine() -> None:
    """M074, D10: the document's 2 of 4 cores and 8 of 16 GB; only where the plan says nothing"""
    assert taking(cores=1, ram=4 * 2**30) == Machine(4, 16 * 2**30, 2, 8 * 2**30)
    assert taking(cores=1) == Machine(4, 0, 2, 0)
    assert taking(build=1) == Machine()
    assert taking(cores=1, machine=Machine(reserved_cores=1)) == Machine(4, 0, 1, 0)
    assert taking(cores=1, machine=Machine(cores=8)) == Machine(8)


def test_a_task_that_takes_more_than_half_goes_alone_and_is_not_refused() -> None:
    """M074"""
    assert taking(cores=3) == Machine(4, 0, 1, 0)
    assert taking(cores=6) == Machine(6, 0, 0, 0)


def test_a_system_that_does_not_tell_leaves_nothing_known() -> None:
    assert measured(Machine(), SimpleNamespace(cpu_count=lambda: None, virtual_memory=_nothing)) == Machine()


def test_this_machine_tells_both() -> None:
    found = measured(Machine())
    assert found.cores == psutil.cpu_count()
    assert found.ram == psutil.virtual_memory().total
