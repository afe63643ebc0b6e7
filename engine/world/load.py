"""How loaded the machine is against the limits of a plan, and in which words (D02, M071-M073)."""

from __future__ import annotations

from engine.core.plan import Settings

FREE, NO_STARTS, THROTTLED = "free", "no new starts", "throttled"


def load(cpu: float, ram: float, agents: int, before: str, settings: Settings) -> tuple[str, str]:
    """The level and why: `free`, `no new starts` or `throttled`. `cpu` and `ram` are in percent, `agents` is
    the memory of all agents in bytes. Nothing starts at or above a start limit; from a run limit on that
    stays so, and agents are paused, until all is below the start limits again."""
    run = (("CPU", cpu, settings.max_cpu_percent), ("Memory", ram, settings.max_memory_percent))
    for name, value, limit in run:
        if limit is not None and value >= limit:
            return THROTTLED, f"{name} usage too high: {value:.1f}% > {limit:g}%"
    if settings.max_ram_gb is not None and agents >= settings.max_ram_gb * 1e9:
        return NO_STARTS, f"max_ram_gb: the agents use {agents / 1e9:.1f} GB of {settings.max_ram_gb:g} GB"
    start = (("CPU", cpu, settings.start_cpu_percent), ("Memory", ram, settings.start_memory_percent))
    for name, value, limit in start:
        if limit is not None and value >= limit:
            level = THROTTLED if before == THROTTLED else NO_STARTS
            return level, f"⏳ Waiting for resources... {name} {value:.1f}% >= {limit:g}%"
    return FREE, ""
