"""How loaded the machine is against the limits of a plan, and in which words (D02, M071-M073)."""

from __future__ import annotations

from engine.core.outcomes import StartsWaited
from engine.core.plan import Settings
from engine.core.state import Phase, State
from engine.core.waiting import waiting_for

FREE, NO_STARTS, THROTTLED = "free", "no new starts", "throttled"


class Patience:
    """Remembers since when the machine has let nothing start while no agent was at work; after `limit`
    seconds of that it is told, once (M176)."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: float | None = None

    def look(self, state: State, now: float) -> list[StartsWaited]:
        """What is due at `now`."""
        if not _starved(state):
            self._since = None
            return []
        self._since = now if self._since is None else self._since
        past = now - self._since
        return (
            [StartsWaited(round(past, 1), state.load_why)]
            if past >= self._limit and not state.starved
            else []
        )


def _starved(state: State) -> bool:
    """Whether the load is all that some task waits for, and nobody is there whose end could bring relief."""
    if state.load == FREE or state.sessions():
        return False
    why = (state.load_why or f"machine load: {state.load}",)
    return any(
        task.phase is Phase.PENDING and waiting_for(state, task) == why for task in state.tasks.values()
    )


def load(
    cpu: float, ram: float, agents: int, before: str, settings: Settings, disk: float = 0.0
) -> tuple[str, str]:
    """The level and why: `free`, `no new starts` or `throttled`. `cpu` and `ram` are in percent, `agents` is
    the memory of all agents in bytes, `disk` what they read and write in bytes a second. Nothing starts at or
    above a start limit; from a run limit on that stays so, and agents are paused, until all is below the
    start limits again."""
    run = (("CPU", cpu, settings.max_cpu_percent), ("Memory", ram, settings.max_memory_percent))
    for name, value, limit in run:
        if limit is not None and value >= limit:
            return THROTTLED, f"{name} usage too high: {value:.1f}% > {limit:g}%"
    if settings.max_ram_gb is not None and agents >= settings.max_ram_gb * 1e9:
        return NO_STARTS, f"max_ram_gb: the agents use {agents / 1e9:.1f} GB of {settings.max_ram_gb:g} GB"
    if settings.max_disk_io is not None and disk >= settings.max_disk_io:
        most = settings.max_disk_io / 1e6
        return NO_STARTS, f"max_disk_io: the agents move {disk / 1e6:.1f} MB/s of {most:g} MB/s"
    start = (("CPU", cpu, settings.start_cpu_percent), ("Memory", ram, settings.start_memory_percent))
    for name, value, limit in start:
        if limit is not None and value >= limit:
            level = THROTTLED if before == THROTTLED else NO_STARTS
            return level, f"⏳ Waiting for resources... {name} {value:.1f}% >= {limit:g}%"
    return FREE, ""
