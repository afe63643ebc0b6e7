"""One line for each wave's end: its date, and what must be true by then (M063)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine import Plan
from tui.layouts.wording import cleaned


def milestones(plan: Plan, days: Mapping[int, tuple[date, date]]) -> list[str]:
    """A line for each wave; `days` has of each wave's number its first and last day, nothing of a wave that
    takes no time because its tasks are complete."""
    lines = []
    for wave in plan.waves:
        when = days[wave.number][1].isoformat() if wave.number in days else "complete  "
        own = "" if wave.name.casefold() == f"wave {wave.number}" else f" ({wave.name})"
        lines.append(f"{when}  Wave {wave.number}{own}: {'; '.join(wave.criteria) or 'no criteria'}")
    return cleaned(lines)
