"""How many working days points take, by what one slot gets done in a day, along the schedule (M062)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.core.durations import DAY
from engine.core.forecast import forecast
from engine.core.plan import Plan, Span

Group = Mapping[str, Any]
"""An epic or a sprint as its file has it."""


class Pace(Struct, frozen=True):
    """What remains of a sprint: `points` of its open tasks, the working days that they take with the slots
    asked for, and the days left; None where the file does not say enough."""

    points: float
    days: float | None
    left: float | None

    @property
    def buffer(self) -> float | None:
        """The days that are left over; below zero when the work takes longer."""
        return None if self.days is None or self.left is None else self.left - self.days


def pace(plan: Plan, slots: int, group: Group) -> Pace:
    """How the open tasks of `plan`, all of that sprint, fit its days. Without `points_per_day` one slot gets
    one point done in a day."""
    points = sum(task.points or 0.0 for task in plan.tasks if not task.complete)
    return Pace(points, days(plan, slots, number(group, "points_per_day") or 1.0), number(group, "days_left"))


def days(plan: Plan, slots: int, points_per_day: float) -> float | None:
    """The working days until all open tasks are done, one slot doing so many points a day; None when an open
    task has no points."""
    tasks = [task for task in plan.tasks if not task.complete]
    if any(task.points is None for task in tasks):
        return None
    seconds = {task.id: DAY * (task.points or 0.0) / points_per_day for task in tasks}
    scaled = replace(
        plan,
        tasks=tuple(
            replace(task, estimate=Span(seconds[task.id], seconds[task.id])) if task.id in seconds else task
            for task in plan.tasks
        ),
    )
    return round(forecast(scaled, slots).seconds / DAY, 3)


def number(group: Group, key: str) -> float | None:
    """The number under a key of an epic or a sprint, None when there is none."""
    value = group.get(key)
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
