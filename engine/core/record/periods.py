"""Runs summed by week, month or quarter or over the whole project, each against the period before (M191)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from statistics import mean

from msgspec import Struct

from engine.core.record.foretold import Score, summed


class By(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    ALL = "all"


class Counted(Struct, frozen=True):
    """What counts of one run: the day it began, whether it is done, its tasks, its seconds of work; `saved`
    is None where time saved cannot be told."""

    day: date
    done: bool
    merged: int
    failed: int
    conflicts: int
    seconds: float
    saved: float | None
    score: Score


class Totals(Struct, frozen=True):
    """Several runs in sum; `saved` is the mean of those of which it can be told."""

    runs: int = 0
    done: int = 0
    merged: int = 0
    failed: int = 0
    conflicts: int = 0
    seconds: float = 0.0
    saved: float | None = None
    precision: float | None = None
    recall: float | None = None


class Period(Struct, frozen=True):
    """A period with runs in it; `before` is the calendar's one before, None where there is none: the whole
    project."""

    name: str
    totals: Totals
    before: Totals | None


def totals(runs: Sequence[Counted]) -> Totals:
    """The sum of these runs; every number of none is 0 or None."""
    saved = [one.saved for one in runs if one.saved is not None]
    score = summed(one.score for one in runs)
    return Totals(
        len(runs),
        sum(one.done for one in runs),
        sum(one.merged for one in runs),
        sum(one.failed for one in runs),
        sum(one.conflicts for one in runs),
        sum(one.seconds for one in runs),
        mean(saved) if saved else None,
        score.precision,
        score.recall,
    )


def periods(runs: Sequence[Counted], by: By) -> tuple[Period, ...]:
    """The periods in which a run began, the newest first."""
    found: dict[str, list[Counted]] = {}
    for one in sorted(runs, key=lambda one: one.day, reverse=True):
        found.setdefault(_name(one.day, by), []).append(one)
    return tuple(
        Period(
            name,
            totals(mine),
            None if by is By.ALL else totals(found.get(_name(_before(mine[0].day, by), by), ())),
        )
        for name, mine in found.items()
    )


def _name(day: date, by: By) -> str:
    """`2026-W48`, `2026-11`, `2026-Q4`; weeks begin on Monday and count as ISO 8601 has them."""
    match by:
        case By.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case By.MONTH:
            return f"{day.year}-{day.month:02}"
        case By.QUARTER:
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case By.ALL:
            return "whole project"


def _before(day: date, by: By) -> date:
    """A day in the period before that of `day`."""
    if by is By.WEEK:
        return day - timedelta(days=7)
    first = day.month if by is By.MONTH else (day.month - 1) // 3 * 3 + 1
    return date(day.year, first, 1) - timedelta(days=1)
