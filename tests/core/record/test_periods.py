"""Runs by week, month and quarter against sums made by hand (M191)."""

from __future__ import annotations

from datetime import date

from engine.core.record.foretold import Score
from engine.core.record.periods import By, Counted, Totals, periods, totals


def ran(day: date, merged: int = 1, saved: float | None = None, score: Score = Score()) -> Counted:  # noqa: B008
    return Counted(day, True, merged, 1, 2, 60.0, saved, score)


def test_each_period_is_set_against_the_calendars_one_before() -> None:
    """M191: two runs in week 48, one in week 47, none in week 46, one in week 45"""
    runs = [
        ran(date(2026, 11, 27), 3),
        ran(date(2026, 11, 23), 4),
        ran(date(2026, 11, 22)),
        ran(date(2026, 11, 8)),
    ]
    found = periods(runs, By.WEEK)
    assert [(one.name, one.totals.runs, one.totals.merged) for one in found] == [
        ("2026-W48", 2, 7),
        ("2026-W47", 1, 1),
        ("2026-W45", 1, 1),
    ]
    assert [one.before.runs for one in found if one.before] == [1, 0, 0]


def test_months_and_quarters_reach_over_the_turn_of_the_year() -> None:
    """M191: 31 January is set against December, the first quarter against the fourth"""
    runs = [ran(date(2026, 1, 31)), ran(date(2025, 12, 1)), ran(date(2025, 10, 5))]
    month, quarter = periods(runs, By.MONTH)[0], periods(runs, By.QUARTER)[0]
    assert (month.name, month.before and month.before.runs) == ("2026-01", 1)
    assert (quarter.name, quarter.before and quarter.before.runs) == ("2026-Q1", 2)
    (whole,) = periods(runs, By.ALL)
    assert (whole.totals.runs, whole.before) == (3, None)


def test_weeks_count_as_iso_has_them() -> None:
    """M191: 1 January 2027 is a Friday in the last week of 2026"""
    assert periods([ran(date(2027, 1, 1))], By.WEEK)[0].name == "2026-W53"


def test_what_a_run_cannot_tell_is_left_out_of_the_mean() -> None:
    """M191: 40 and 20 and nothing are 30 on average; 1 of 2 and 2 of 2 foretold are 3 of 4"""
    day = date(2026, 11, 27)
    scores = Score(2, 1, 1, 1), Score(2, 4, 2, 1)
    found = totals([ran(day, 1, 40.0, scores[0]), ran(day, 1, 20.0, scores[1]), ran(day)])
    assert (found.saved, found.precision, found.recall) == (30.0, 75.0, 60.0)
    assert (found.failed, found.conflicts, found.seconds) == (3, 6, 180.0)
    assert totals([]) == Totals()
