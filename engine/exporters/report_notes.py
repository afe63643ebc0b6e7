"""What a report tells beside its metrics: how fast the team was, and what people noted (M192)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.clean import clean
from engine.core.durations import show
from engine.core.plan import Plan
from engine.core.record.notes import Note, asked_for
from engine.core.record.pace import DAY, Pace


def velocity(seen: Pace) -> str:
    """`Velocity: 5.33 points a day (8 in 36 h), 1.33 tasks a day (2 in 36 h)` (M192)."""
    if not seen.tasks or seen.tasks_per_day is None:
        return ""
    took = show(seen.days * DAY)
    words = [f"{seen.tasks_per_day:.2f} tasks a day ({seen.tasks} in {took})"]
    if seen.points_per_day is not None:
        words.insert(0, f"{seen.points_per_day:.2f} points a day ({seen.points:g} in {took})")
    return f"Velocity: {', '.join(words)}\n"


def velocity_data(seen: Pace) -> dict[str, float | None]:
    """The same as data; what cannot be told is None."""
    return {
        "points": seen.points,
        "tasks": seen.tasks,
        "days": seen.days,
        "points_per_day": seen.points_per_day,
        "tasks_per_day": seen.tasks_per_day,
    }


def noted(plan: Plan, notes: Sequence[Note]) -> str:
    """What people noted, and what the plan wants told in words and nobody has: shown, never computed
    (M192)."""
    lines = []
    for one in notes:
        about = f"{one.about}: " if one.about else ""
        lines.append(f"  {about}{one.text} ({one.by})")
    told = {one.about.casefold() for one in notes}
    lines += [f"  {name}: nothing noted" for name in asked_for(plan) if name.casefold() not in told]
    return "\n".join(["Notes", *(clean(line, 5_000) for line in lines)]) + "\n" if lines else ""
