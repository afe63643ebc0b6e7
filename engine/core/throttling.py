"""Which agents stand still while the machine is under pressure: the newest, one more at each look (M072)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.events import Event
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


def unread(state: State) -> State:
    """The state before an engine's first look: nothing starts on a machine of which nothing is known, where
    the plan has limits."""
    own = state.plan.settings
    limits = (own.start_cpu_percent, own.max_cpu_percent, own.start_memory_percent, own.max_memory_percent)
    if all(limit is None for limit in limits):
        return replace(state, load="free", load_why="")
    return replace(state, load="no new starts", load_why=READING)


def slots_now(state: State) -> int:
    """How many agents may work at once as long as the pressure lasts."""
    return max(1, state.slots - state.pressure)
