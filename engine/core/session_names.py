"""The names of sessions that documents use: each task's own, or the first number that is free (M037)."""

from __future__ import annotations

from itertools import chain, count

from engine.core.plan import Plan


def sessions(plan: Plan) -> dict[str, str]:
    """The session of each task: its own, else `session_` and its place in the plan in three digits or more
    (M037), or the first number that is free when that name is taken."""
    taken = {task.session for task in plan.tasks if task.session}
    found: dict[str, str] = {}
    for place, task in enumerate(plan.tasks, start=1):
        numbers = chain((place,), count(1))
        found[task.id] = task.session or next(
            name for number in numbers if (name := f"session_{number:03}") not in taken
        )
        taken.add(found[task.id])
    return found
