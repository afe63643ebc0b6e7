"""Which agents stand still while the machine is under pressure: the newest, one more at each look (M072)."""

from __future__ import annotations

from engine.core.events import Event
from engine.core.plan import Settings
from engine.core.state import Phase, State, TaskState
from engine.core.verdicts import TaskThrottled, TaskUnthrottled


def throttles(state: State) -> list[Event]:
    """The next agent to be held, or to be let go on, for the machine's sake; one always works."""
    running = [task for task in state.moving if task.phase is Phase.RUNNING and not task.killing]
    held = [task for task in running if task.throttled]
    wanted = min(state.pressure, max(0, len(running) - 1))
    if len(held) < wanted:
        free = [task for task in running if not task.throttled]
        return [TaskThrottled(_newest(state, free).id)]
    if len(held) > wanted:
        return [TaskUnthrottled(_newest(state, held, last=True).id)]
    return []


def _newest(state: State, tasks: list[TaskState], last: bool = False) -> TaskState:
    """Who started last; of those that started together who comes later in the plan. With `last` the
    oldest."""
    places = {name: place for place, name in enumerate(state.tasks)}
    ordered = sorted(tasks, key=lambda task: (task.batch, places[task.id]))
    return ordered[0] if last else ordered[-1]


READING = "the machine's load is being read"
"""Why nothing starts before the engine's first look at a machine whose load counts (M071)."""


def unread(settings: Settings) -> tuple[str, str]:
    """Level and reason before the first look: nothing starts on a machine of which nothing is known, where
    the plan has limits."""
    limits = (
        settings.start_cpu_percent,
        settings.max_cpu_percent,
        settings.start_memory_percent,
        settings.max_memory_percent,
    )
    return ("free", "") if all(limit is None for limit in limits) else ("no new starts", READING)


def slots_now(state: State) -> int:
    """How many agents may work at once as long as the pressure lasts."""
    return max(1, state.slots - state.pressure)
