"""The analysis of selected tasks: files, needs, estimates, and whether they may run side by side (M048)."""

from __future__ import annotations

from collections.abc import Iterator

from engine import Plan, Separation, Task, forecast, separation, why_apart
from tui.layouts.wording import UNKNOWN, cleaned, estimated, lasting, named, state


def task_analysis(plan: Plan, slots: int) -> list[str]:
    """The lines about every task of the plan, and the verdicts at that many slots."""
    found = separation(plan)
    lines = ["Analyzing tasks...", ""]
    for task in plan.tasks:
        lines += [*_task(plan, task), ""]
    lines += _conflicts(found)
    lines.append(f"Parallel Execution: {_verdict(plan, found)}")
    lines.append(f"Estimated Total Time: {total(plan, slots)}")
    return cleaned(lines)


def _task(plan: Plan, task: Task) -> list[str]:
    needs = [need.task + (f" ({need.milestone})" if need.milestone else "") for need in task.needs]
    return [
        named(task),
        f"- Files: {', '.join(task.files) or UNKNOWN}",
        f"- Dependencies: {', '.join(needs) or 'None'}",
        f"- Estimated: {estimated(task)}",
        f"- Status: {state(plan, task)}",
    ]


def _conflicts(found: Separation) -> Iterator[str]:
    if found.conflicts:
        yield "Conflict Check: ✗ File conflicts" if any(found.conflicts.values()) else "Conflict Check: ✗"
        for (one, two), files in found.conflicts.items():
            yield f"- {one} and {two} " + (
                f"both modify {', '.join(files)}" if files else "never run together"
            )
    elif found.unknown:
        yield f"Conflict Check: ? files unknown: {', '.join(found.unknown)}"
    else:
        yield "Conflict Check: ✓ No file conflicts"


def _verdict(plan: Plan, found: Separation) -> str:
    apart = why_apart(plan, found.conflicts)
    together = [pair for pair in found.conflicts if not apart.get(pair)]
    if together:
        return f"✗ Not safe: {', '.join(f'{one} with {two}' for one, two in together)}"
    if found.unknown:
        return "? not proven safe"
    if found.conflicts:
        return "✓ Safe: those that clash run one after the other"
    return "✓ Safe"


def total(plan: Plan, slots: int) -> str:
    """`2 hours (vs 4.5 hours sequential)`; unknown when an open task has no estimate."""
    without = [task.id for task in plan.tasks if not task.complete and task.estimate is None]
    if without:
        return f"{UNKNOWN} (no estimate: {', '.join(without)})"
    told = forecast(plan, slots)
    return f"{lasting(told.seconds)} (vs {lasting(told.sequential)} sequential)"
