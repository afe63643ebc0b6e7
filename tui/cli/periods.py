"""The sums of `wavetree history`: by week, month, quarter or over all, and what changed (M191)."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine import (
    By,
    Client,
    Counted,
    Project,
    Totals,
    WavetreeError,
    counted,
    periods,
    run_totals,
    show_duration,
)
from tui.cli.target import say
from tui.measures import count


def by_period(project: Project, by: str, since: float | None, *, as_json: bool) -> int:
    """Print the totals of each period and how they differ from the period before."""
    after = 0.0 if since is None else time.time() - since
    found = periods([one for at, one in _all(project) if at >= after], By(by))
    lines: list[str] = []
    for one in found:
        lines += [one.name, f"  {_words(one.totals)}"]
        lines += [f"  against the {by} before: {_change(one.totals, one.before)}"] if one.before else []
    rows: list[object] = [
        {"period": one.name, **_data(one.totals), "before": _data(one.before) if one.before else None}
        for one in found
    ]
    say("\n".join(lines) or "no run yet; start one with: wavetree run PLAN", rows, as_json=as_json)
    return 0


def trend(project: Project, age: float) -> str:
    """The runs of that age against those of as long a time before."""
    now = time.time()
    runs = list(_all(project))
    new = run_totals([one for at, one in runs if at >= now - age])
    old = run_totals([one for at, one in runs if now - 2 * age <= at < now - age])
    return f"in all: {_words(new)}\nagainst the {show_duration(age)} before: {_change(new, old)}"


def _all(project: Project) -> Iterator[tuple[float, Counted]]:
    """The runs with the time they were made; damaged ones do not count."""
    for name in project.runs():
        try:
            client = Client(project, name)
        except WavetreeError:
            continue
        yield client.timeline.created, counted(client)
        client.close()


def _words(seen: Totals) -> str:
    parts = [
        f"{count(seen.runs, 'run')}, {seen.done} done",
        f"{seen.merged} merged, {seen.failed} failed",
        f"{count(seen.conflicts, 'conflict')}",
        show_duration(seen.seconds),
        f"{_rate(seen.saved)} time saved",
        f"forecast precision {_rate(seen.precision)}, recall {_rate(seen.recall)}",
    ]
    return " · ".join(parts)


def _change(new: Totals, old: Totals) -> str:
    """`+2 runs, -1 conflicts, +4 points of time saved`; nothing to compare with is said."""
    if not old.runs:
        return "no run then"
    numbers = [
        f"{getattr(new, name) - getattr(old, name):+d} {name}"
        for name in ("runs", "merged", "failed", "conflicts")
    ]
    rates = [
        ("time saved", new.saved, old.saved),
        ("precision", new.precision, old.precision),
        ("recall", new.recall, old.recall),
    ]
    numbers += [
        f"{word} {now - before:+.0f} points" if now is not None and before is not None else f"{word} n/a"
        for word, now, before in rates
    ]
    return ", ".join(numbers)


def _rate(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f} %"


def _data(seen: Totals) -> dict[str, float | None]:
    return {
        "runs": seen.runs,
        "done": seen.done,
        "merged": seen.merged,
        "failed": seen.failed,
        "conflicts": seen.conflicts,
        "seconds": seen.seconds,
        "time_saved": seen.saved,
        "forecast_precision": seen.precision,
        "forecast_recall": seen.recall,
    }
