"""Cores and memory are the plan's where it says them, else the machine's."""

from __future__ import annotations

from types import SimpleNamespace

import psutil

from engine.core.plan import Machine
from engine.edge.machine import measured

FOUR = SimpleNamespace(cpu_count=lambda: 4, virtual_memory=lambda: SimpleNamespace(total=16 * 2**30))


def _nothing() -> SimpleNamespace:
    raise OSError("no /proc")


def test_what_is_not_given_is_measured() -> None:
    """M074"""
    assert measured(Machine(reserved_cores=2), FOUR) == Machine(4, 16 * 2**30, 2)
    assert measured(Machine(cores=8, ram=2**30), FOUR) == Machine(8, 2**30)


def test_a_system_that_does_not_tell_leaves_nothing_known() -> None:
    assert measured(Machine(), SimpleNamespace(cpu_count=lambda: None, virtual_memory=_nothing)) == Machine()


def test_this_machine_tells_both() -> None:
    found = measured(Machine())
    assert found.cores == psutil.cpu_count()
    assert found.ram == psutil.virtual_memory().total
