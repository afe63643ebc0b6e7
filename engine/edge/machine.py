"""What the machine has for agents where a plan does not say it: cores and memory (M074)."""

from __future__ import annotations

from typing import Any

import psutil
from msgspec.structs import replace

from engine.core.plan import Machine, Plan

KEPT = 0.5
"""The share of a machine's cores and memory that stays with it where a plan does not say how much."""


def measured(machine: Machine, source: Any = psutil) -> Machine:
    """The same machine, its cores and bytes of memory read from `source` (the part of psutil for that) where
    they are not given; they stay 0 where the system does not tell."""
    cores = machine.cores or float(source.cpu_count() or 0)
    try:
        ram = machine.ram or float(source.virtual_memory().total)
    except (OSError, psutil.Error):
        ram = 0.0
    return replace(machine, cores=cores, ram=ram)


def on_this_machine(plan: Plan, source: Any = psutil) -> Plan:
    """The plan with what its tasks may share out of this machine, for each of cores and memory that a task
    takes and the plan's `machine` does not give. Half stays with the machine (D10), less where a task takes
    more than half: then it goes alone, which is no reason to refuse it."""
    given, there = plan.machine, measured(plan.machine, source)
    cores, reserved_cores = _shared(plan, "cores", given.cores, given.reserved_cores, there.cores)
    ram, reserved_ram = _shared(plan, "ram", given.ram, given.reserved_ram, there.ram)
    return replace(plan, machine=Machine(cores, ram, reserved_cores, reserved_ram))


def _shared(plan: Plan, name: str, given: float, reserved: float, there: float) -> tuple[float, float]:
    """What there is of one resource, and what of it is kept back."""
    most = max((task.resources.get(name, 0.0) for task in plan.tasks if not task.complete), default=0.0)
    if given or not most or not there:
        return given, reserved
    total = max(there, most)
    return total, min(reserved or total * KEPT, total - most)
