"""When waves begin and end by the calendar, from the day the plan starts (M063)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta


def wave_dates(start: date, seconds: Iterable[float]) -> tuple[tuple[date, date], ...]:
    """The first and the last day of waves that take so many seconds one after the other, a day having 24
    hours: three weeks from 2024-01-01 end on 2024-01-22, where the next wave starts. Raises OverflowError
    for an end beyond the year 9999."""
    begin = datetime.combine(start, time())
    found: list[tuple[date, date]] = []
    for each in seconds:
        end = begin + timedelta(seconds=each)
        found.append((begin.date(), end.date()))
        begin = end
    return tuple(found)
