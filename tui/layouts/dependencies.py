"""Who needs whom, and in what order tasks start (M039, M014)."""

from __future__ import annotations

from engine import Plan, Standing, Task, levels, needs_of, reduced, standings
from tui.layouts.strategy import completion
from tui.layouts.wording import cleaned, named, needed, tree

_ORDINALS = ("first", "second", "third")


def dependencies(plan: Plan, slots: int) -> list[str]:
    """An entry for each task, then the order of starting, then the estimate for that many slots.

    `Required by` leaves out who waits only for a milestone when others wait for the task's end; the order
    names only what no other need says already."""
    known = {task.id: task for task in plan.tasks}
    rows = [row for row in levels(needs_of(plan.tasks)) if row]
    place = {name: number for number, row in enumerate(rows) for name in row}
    lines = ["Task Dependencies:", ""]
    for standing in standings(plan):
        head = f"{named(known[standing.task])} ← (Start {_ordinal(place[standing.task], len(rows))})"
        lines += [head, *_entry(standing), ""]
    lines += ["Execution Order:"]
    ordered = [known[name] for row in rows for name in row if not known[name].complete]
    lean = reduced(needs_of(plan.tasks))
    lines += [
        f"{number}. {_start(known, task, lean[task.id])}" for number, task in enumerate(ordered, start=1)
    ]
    lines += ["", f"Estimated Total: {completion(plan, slots)} (with coordination)"]
    return cleaned(lines)


def _ordinal(place: int, count: int) -> str:
    if count > 1 and place == count - 1:
        return "last"
    return _ORDINALS[place] if place < len(_ORDINALS) else f"{place + 1}th"


def _entry(standing: Standing) -> list[str]:
    needs = ", ".join(dict.fromkeys(need.task for need in standing.needs))
    required = ", ".join(standing.required_by)
    return tree(
        [
            f"Depends on: {needs}" if needs else "No dependencies",
            f"Required by: {required}" if required else "No dependents",
        ]
    )


def _start(known: dict[str, Task], task: Task, lean: tuple[str, ...]) -> str:
    waits = [
        needed(need) if need.milestone else f"{need.task} done"
        for need in task.needs
        if need.task in lean and not known[need.task].complete
    ]
    return f"Start {task.id} when {' and '.join(waits)}" if waits else f"Start {task.id} immediately"
