"""What the machine has where a plan does not say it: cores and memory (M074)."""

from __future__ import annotations

from typing import Any

import psutil
from msgspec.structs import replace

from engine.core.plan import Machine


def measured(machine: Machine, source: Any = psutil) -> Machine:
    """The same machine, its cores and bytes of memory read from `source` (the part of psutil for that) where
    they are not given; they stay 0 where the system does not tell."""
    cores = machine.cores or float(source.cpu_count() or 0)
    try:
        ram = machine.ram or float(source.virtual_memory().total)
    except (OSError, psutil.Error):
        ram = 0.0
    return replace(machine, cores=cores, ram=ram)
