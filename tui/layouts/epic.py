"""An epic as batches: what is complete, what can run now, what waits for it, and how far it is (M061)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import Plan, Task, Wave, group_number, separation, sprint_days
from tui.layouts.strategy import completion
from tui.layouts.wording import UNKNOWN, amount, cleaned, named, open_needs


def epic(plan: Plan, slots: int, group: Mapping[str, Any]) -> list[str]:
    """The lines about an epic whose tickets `plan` has; `group` is the epic as its file has it."""
    title = f": {group['title']}" if group.get("title") else ""
    done = sum(task.complete for task in plan.tasks)
    lines = [f"{group['id']}{title}", "", f"Stories ({len(plan.tasks)}):"]
    lines += [f"{'✓' if task.complete else '◯'} {named(task)}" for task in plan.tasks]
    lines += ["", "Parallel Execution Plan:", *_batches(plan)]
    share = done / len(plan.tasks) if plan.tasks else 0.0
    lines += [f"Progress: {share:.0%} ({done}/{len(plan.tasks)} complete)"]
    lines += [f"ETA: {eta(plan, slots, group)}"]
    if unknown := separation(plan).unknown:
        lines += [f"Conflicts are not ruled out: files unknown: {', '.join(unknown)}"]
    return cleaned(lines)


def eta(plan: Plan, slots: int, group: Mapping[str, Any]) -> str:
    """From estimates, else from points when the epic says how many a slot gets done in a day."""
    said = completion(plan, slots)
    pace = group_number(group, "points_per_day")
    days = sprint_days(plan, slots, pace) if said == UNKNOWN and pace else None
    return said if days is None else amount(days, "day")


def _batches(plan: Plan) -> Iterator[str]:
    known = {task.id: task for task in plan.tasks}
    current = next(
        (wave.number for wave in plan.waves if not all(known[name].complete for name in wave.tasks)), 0
    )
    for wave in plan.waves:
        tasks = [known[name] for name in wave.tasks]
        yield f"Batch {wave.number} ({_state(plan, wave, tasks, current)}):"
        if all(task.complete for task in tasks):
            yield f"- {', '.join(wave.tasks)}"
        else:
            yield from (f"- {named(task)}{_needs(plan, task)}" for task in tasks)
        yield ""


def _state(plan: Plan, wave: Wave, tasks: list[Task], current: int) -> str:
    if all(task.complete for task in tasks):
        return "Completed"
    if wave.number != current:
        return f"Waiting on Batch {wave.number - 1}"
    clashing = len(separation(plan, tasks=wave.tasks).conflicts)
    return f"Current, {amount(clashing, 'conflict') if clashing else 'no conflicts'}"


def _needs(plan: Plan, task: Task) -> str:
    if not open_needs(plan, task):
        return ""
    names = dict.fromkeys(need.task for need in open_needs(plan, task))
    everything = {need.task for need in task.needs} == {other.id for other in plan.tasks} - {task.id}
    return f" (needs {'all' if everything and len(names) > 1 else ', '.join(names)})"
