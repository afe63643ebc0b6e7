"""Words that several layouts share: durations, points, states, trees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine import Need, Plan, Span, Task, clean, duration_text

UNKNOWN = "unknown"


def lasting(seconds: float) -> str:
    """Seconds as documents write them: `2 hours`, `1.5 days`, `67 minutes`."""
    return duration_text(Span(seconds, seconds))


def estimated(task: Task) -> str:
    """What the task is estimated to take, in the words it was said in."""
    return UNKNOWN if task.estimate is None else duration_text(task.estimate)


def amount(number: float, one: str) -> str:
    """`1 core`, `2 cores`, `1.5 days`"""
    return f"{number:g} {one}{'' if number == 1 else 's'}"


def needed(need: Need) -> str:
    """What is waited for: a task, or a milestone of it."""
    return need.task if need.milestone is None else f"{need.task} {need.milestone}"


def open_needs(plan: Plan, task: Task) -> tuple[Need, ...]:
    """What the task still waits for: needs on tasks of the plan that are not complete."""
    waiting = {other.id for other in plan.tasks if not other.complete}
    return tuple(need for need in task.needs if need.task in waiting)


def state(plan: Plan, task: Task) -> str:
    """`Ready`, `Waiting on PROJ-1`, or the state that the task's file gives it."""
    if task.complete:
        return "Complete"
    if task.status not in ("", "pending", "waiting"):
        return task.status.capitalize()
    waits = ", ".join(dict.fromkeys(need.task for need in open_needs(plan, task)))
    return f"Waiting on {waits}" if waits else "Ready"


def tree(items: Sequence[str]) -> list[str]:
    """The items as the branches of a tree."""
    return [*(f"├── {item}" for item in items[:-1]), *(f"└── {item}" for item in items[-1:])]


def named(task: Task) -> str:
    """`PROJ-123: Avatar upload`, or the id alone."""
    return f"{task.id}: {task.title}" if task.title else task.id


def cleaned(lines: Iterable[str]) -> list[str]:
    """The lines without anything that a terminal could be fooled by."""
    return [clean(line) for line in lines]
