"""Calendar dates of waves: seconds of a forecast counted from the day a plan starts (M063)."""

from __future__ import annotations

import math
from datetime import date, timedelta

from engine.core.durations import DAY
from engine.core.forecast import Forecast
from engine.core.plan import Plan

Days = dict[int, tuple[date, date]]
"""Of each wave's number its first day and the day it ends."""


def start_of(plan: Plan) -> date | None:
    """The first day: the plan's own, else the one its document gives the first wave, else None."""
    first = plan.waves[0].extra.get("start_date") if plan.waves else None
    try:
        return date.fromisoformat(plan.start or str(first))
    except ValueError:
        return None


def wave_dates(plan: Plan, told: Forecast, start: date | None = None) -> Days:
    """When each wave begins and ends if the plan begins on `start`, else on its own first day; nothing when
    there is no such day. A wave that ends within a day ends on that day's last moment, which is the next."""
    first = start or start_of(plan)
    if first is None:
        return {}
    found: Days = {}
    for wave in plan.waves:
        spans = [told.spans[name] for name in wave.tasks if name in told.spans]
        if spans:
            begin, end = min(span[0] for span in spans), max(span[1] for span in spans)
            found[wave.number] = (_after(first, math.floor(begin / DAY)), _after(first, math.ceil(end / DAY)))
    return found


def _after(first: date, days: int) -> date:
    return first + timedelta(days=days)
