"""The plan as threads, each with its steps as a tree (M102)."""

from __future__ import annotations

from engine import Plan, Task, forecast
from tui.layouts.wording import UNKNOWN, cleaned, lasting, needed, open_needs, tree


def strategy(plan: Plan, slots: int) -> list[str]:
    """One thread for each open task, in the order of the waves; the estimate is for that many slots."""
    lines = ["Parallel Execution Plan:", ""]
    for number, task in enumerate(open_tasks(plan), start=1):
        waits = ", ".join(needed(need) for need in open_needs(plan, task))
        title = f" ({task.title})" if task.title else ""
        lines += [f"Thread {number}: {task.id}{title}{f', after {waits}' if waits else ''}"]
        lines += [*tree(task.steps), ""]
    lines.append(f"Estimated Completion: {completion(plan, slots)}")
    return cleaned(lines)


def open_tasks(plan: Plan) -> list[Task]:
    """The tasks that are not complete, in the order of the waves."""
    known = {task.id: task for task in plan.tasks}
    return [known[name] for wave in plan.waves for name in wave.tasks if not known[name].complete]


def completion(plan: Plan, slots: int) -> str:
    """How long the open tasks take; unknown when one of them has no estimate."""
    if any(task.estimate is None for task in plan.tasks if not task.complete):
        return UNKNOWN
    return lasting(forecast(plan, slots).seconds)
