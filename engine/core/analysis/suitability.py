"""How well a plan suits running in parallel, why, and what to do when it does not at all (M049, M050)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from engine.core import graph
from engine.core.analysis.risk import wave_risks
from engine.core.clashes import Clash, locks
from engine.core.durations import show
from engine.core.forecast import Forecast, forecast
from engine.core.plan import Level, Mode, Plan, Task

MUCH, LITTLE = 30.0, 10.0
"""Percent of the time saved above which a plan may rate high, and below which it rates low (M049)."""


class Rating(StrEnum):
    """None: no two tasks ever run together."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"
    NONE = "None"


class Suitability(Struct, frozen=True):
    """`saved` is the percentage of the sequential time that running in parallel saves, `width` how many tasks
    are at work at once at most; `reasons` are in words."""

    rating: Rating
    saved: float
    width: int
    reasons: tuple[str, ...]


class Obstacles(Struct, frozen=True):
    """What keeps a plan from running in parallel: `factors` such as `a→b`; the modes to run it in instead,
    the recommended one first; the task to split, the largest one on the longest path."""

    factors: tuple[str, ...]
    modes: tuple[str, ...]
    split: str
    suggestion: str


def width(found: Forecast) -> int:
    """How many tasks are at work at once at most; those that take no time count as one."""
    changes = [(start, 1) for start, _ in found.spans.values()]
    changes += [(end, -1) for _, end in found.spans.values()]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return max(most, 1) if changes else 0


def suitability(plan: Plan, found: Forecast, clashes: Iterable[Clash]) -> Suitability:
    """Rate a plan by its forecast: None when its width is 1; Low below 10 % of the time saved; High above
    30 % without a wave of high risk; Medium between (M049)."""
    saved, wide = found.saved * 100, width(found)
    risky = [one.words for one in wave_risks(plan, tuple(clashes)) if one.level is Level.HIGH]
    if wide < 2:
        return Suitability(Rating.NONE, saved, wide, ("no two tasks run together",))
    good = Rating.HIGH if saved > MUCH and not risky else Rating.MEDIUM
    rating = Rating.LOW if saved < LITTLE else good
    times = f"{show(found.seconds)} instead of {show(found.sequential)} one after the other"
    reasons = [f"up to {wide} tasks run together", f"{saved:.1f}% of the time is saved: {times}"]
    reasons += risky or ["no wave is of high risk"]
    return Suitability(rating, saved, wide, tuple(reasons))


def obstacles(plan: Plan, slots: int, found: Forecast | None = None) -> Obstacles | None:
    """What keeps the plan from running in parallel and what else can be done (M050); None when two tasks of
    it run together with so many slots, or when fewer than two are left to do. `found` is its forecast with
    them, made here when there is none yet."""
    open_ = [task for task in plan.tasks if not task.complete]
    found = found or forecast(plan, slots)
    if len(open_) < 2 or width(found) > 1:
        return None
    takes = {task.id: graph.estimate(task) for task in open_}
    largest = max(found.critical, key=takes.__getitem__)
    factors, modes = _factors(plan, open_, found.slots)
    suggestion = f"split {largest}, the largest on the longest path ({show(takes[largest])})"
    return Obstacles(factors, modes, largest, suggestion)


def _factors(plan: Plan, open_: list[Task], slots: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why one task has to follow another, and the modes that help."""
    needed = [f"{need}→{task}" for task, needs in graph.needs_of(open_).items() for need in needs]
    factors = dict.fromkeys(needed)
    modes = ["sequential: one task after the other"]
    if needed:
        modes.append("dependency start with milestones: a task starts when what it needs of another is there")
    clashing = [f"{one}→{two} ({why})" for why, names in locks(plan).items() for one, two in pairwise(names)]
    if clashing:
        modes.append("parts of files: tasks that name different parts of a file may run together")
    factors |= dict.fromkeys(clashing)
    factors |= dict.fromkeys(_wave_factors(plan, {task.id for task in open_}, set(needed)))
    if slots < 2:
        factors["only one slot"] = None
        modes.append("parallel with more slots")
    return tuple(factors), tuple(modes)


def _wave_factors(plan: Plan, open_: set[str], needed: set[str]) -> list[str]:
    """Orders that only a sequential wave makes."""
    found: list[str] = []
    for wave in plan.waves:
        if wave.mode is Mode.SEQUENTIAL:
            inside = [name for name in wave.tasks if name in open_]
            pairs = [(one, two) for one, two in pairwise(inside) if f"{one}→{two}" not in needed]
            found += [f"{one}→{two} (wave {wave.number} is sequential)" for one, two in pairs]
    return found
