"""A sprint: what remains by urgency with points, how it runs, whether it fits the days left (M062)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import Level, Pace, Plan, Task, sprint_pace
from tui.layouts.strategy import open_tasks
from tui.layouts.wording import UNKNOWN, amount, cleaned, named

_URGENCIES = (Level.HIGH, Level.MEDIUM, Level.LOW)


def sprint(plan: Plan, slots: int, group: Mapping[str, Any]) -> list[str]:
    """The lines about a sprint whose tickets `plan` has; `group` is the sprint as its file has it."""
    remaining = [task for task in plan.tasks if not task.complete]
    pace = sprint_pace(plan, slots, group)
    lines = [f"{'Current Sprint' if group.get('current') else 'Sprint'}: {group['id']}", ""]
    lines += [f"Remaining Tickets: {len(remaining)}", f"Total Points: {pace.points:g}"]
    lines += [f"Days Left: {UNKNOWN if pace.left is None else f'{pace.left:g}'}", ""]
    lines += ["Parallelization Plan:", "", *_groups(remaining)]
    lines += ["Execution Strategy:", *_strategy(plan), *_fit(pace)]
    return cleaned([*lines, *(f"Warning: {text}" for text in warnings(pace))])


def warnings(pace: Pace) -> list[str]:
    """What does not fit: an estimate above the days left."""
    if pace.days is None or pace.left is None or pace.days <= pace.left:
        return []
    return [f"the estimate of {amount(_half(pace.days), 'day')} exceeds the {amount(pace.left, 'day')} left"]


def _groups(remaining: list[Task]) -> Iterator[str]:
    for urgency in _URGENCIES:
        members = [task for task in remaining if (task.urgency or Level.MEDIUM) is urgency]
        if not members:
            continue
        yield f"{urgency.value.capitalize()} Priority ({sum(task.points or 0 for task in members):g} points):"
        for task in members:
            yield f"→ {named(task)} ({'no points' if task.points is None else amount(task.points, 'pt')})"
        yield ""


def _strategy(plan: Plan) -> Iterator[str]:
    ready = open_tasks(plan)
    first = next((wave for wave in plan.waves if any(task.id in wave.tasks for task in ready)), None)
    now = [task.id for task in ready if first and task.id in first.tasks]
    later = [task.id for task in ready if task.id not in now]
    yield f"- Parallel: {', '.join(now) or 'none'}"
    yield f"- Sequential after: {', '.join(later) or 'none'}"


def _fit(pace: Pace) -> Iterator[str]:
    yield f"- Estimated completion: {UNKNOWN if pace.days is None else amount(_half(pace.days), 'day')}"
    if pace.buffer is None:
        yield f"- Buffer: {UNKNOWN}"
    elif pace.buffer >= 0:
        yield f"- Buffer: {amount(_half(pace.buffer), 'day')}"
    else:
        yield f"- Buffer: none, {amount(_half(-pace.buffer), 'day')} short"


def _half(days: float) -> float:
    return round(days, 1)
