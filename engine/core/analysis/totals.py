"""What a document says of its own plan, against what its lists and estimates come to (M008, D19).

What was said is kept for export; what is computed here is what everything else uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine.core import durations, strategy
from engine.core.analysis.dependencies import blocks_words
from engine.core.analysis.risk import wave_risks
from engine.core.clashes import Clash, undeclared
from engine.core.errors import PlanError
from engine.core.forecast import Forecast
from engine.core.graph import followers, needs_of
from engine.core.plan import Plan, Wave

TOLERANCE = 0.5
"""Percent, and per cent of a duration, by which a rounded figure may differ from the computed one."""

_PERCENT = re.compile(r"\s*(?:[<>=≥≤]+\s*)?([0-9]+(?:\.[0-9]+)?)\s*%?\s*")
_ONE_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)( ?-? ?[A-Za-z]+)\s*")
_BLOCKS = re.compile(r"blocks ([0-9]+)\b", re.IGNORECASE)
SAVINGS = re.compile(r"time.?sav|parallel.?execution.?efficiency|time.?reduction", re.IGNORECASE)
"""The names of metrics that aim at time savings (D08)."""


class Contradiction(Struct, frozen=True):
    """A figure of the document that is not what the plan comes to; `words` such as
    `total_phases 6 != 3 listed`. `wave` is the wave it is said of, 0 for the plan."""

    key: str
    said: str
    computed: str
    words: str
    wave: int = 0


def contradictions(plan: Plan, found: Forecast, clashes: Sequence[Clash]) -> tuple[Contradiction, ...]:
    """Every figure that does not fit, those of the plan first. Durations are compared only where every task
    has an estimate and none is complete."""
    open_ended = {task.id for task in plan.tasks if task.estimate is None or task.complete}
    told = {one.number: one.seconds for one in found.waves}
    whole = [*_counts(plan), *_savings(plan, found, not open_ended)]
    if not open_ended:
        whole += _times(plan, found)
    for wave in plan.waves:
        if open_ended.isdisjoint(wave.tasks):
            for key in ("estimated_duration", "duration"):
                whole += _time(key, wave.extra, told[wave.number], wave.number)
        whole += _blocking(plan, wave)
    return (*whole, *_risks(plan, clashes))


def _section(plan: Plan, key: str) -> Mapping[str, Any]:
    found = plan.sections.get(key)
    return found if isinstance(found, Mapping) else {}


def _counts(plan: Plan) -> Iterator[Contradiction]:
    for section, key, listed in (
        ("project_context", "total_phases", len(plan.tasks)),
        ("wave_execution_plan", "total_waves", len(plan.waves)),
    ):
        said = _section(plan, section).get(key)
        number = percent(said)
        if number is not None and number != listed:
            yield Contradiction(key, str(said), str(listed), f"{key} {said} != {listed} listed")


def _times(plan: Plan, found: Forecast) -> Iterator[Contradiction]:
    context = _section(plan, "project_context")
    yield from _time("total_estimated_duration", context, found.sequential)
    yield from _time("parallel_estimated_duration", context, found.seconds)


def _savings(plan: Plan, found: Forecast, estimated: bool) -> Iterator[Contradiction]:
    key = "time_savings_percentage"
    said = _section(plan, "project_context").get(key)
    number = percent(said)
    if number is None:
        return
    saved = found.saved * 100
    if estimated and abs(number - saved) > TOLERANCE:
        yield Contradiction(key, str(said), f"{saved:.1f}%", f"{key} {said} != {saved:.1f}% computed")
    for name, target in savings_targets(plan):
        aim = percent(target)
        if aim is not None and number < aim:
            yield Contradiction(key, str(said), target, f"{key} {said} != {target} that {name} aims at")


def savings_targets(plan: Plan) -> list[tuple[str, str]]:
    """The plan's own metrics of time savings with what they aim at."""
    return [(one.name, one.target) for one in strategy.targets(plan) if SAVINGS.search(one.name)]


def percent(value: Any) -> float | None:
    """The number of a figure such as `6`, `33%` or `> 30%`; None when it is none."""
    if isinstance(value, bool):
        return None
    found = _PERCENT.fullmatch(str(value))
    return float(found[1]) if found else None


def _blocking(plan: Plan, wave: Wave) -> Iterator[Contradiction]:
    said = [str(text) for text in _texts(wave.extra.get("blocking_factors"))]
    numbers = [(text, int(match[1])) for text in said if (match := _BLOCKS.search(text))]
    blocks = _behind(plan, wave) if numbers else 0
    for text, number in numbers:
        if number != blocks:
            words = f"wave {wave.number} {text} != {blocks} computed"
            yield Contradiction("blocking_factors", text, blocks_words(blocks), words, wave.number)


def _texts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _behind(plan: Plan, wave: Wave) -> int:
    """How many open tasks outside the wave need one of it, also by way of others."""
    behind = followers(needs_of(plan.tasks))
    seen = set(wave.tasks)
    todo = [name for name in wave.tasks if name in behind]
    while todo:
        for follower in behind[todo.pop()]:
            if follower not in seen:
                seen.add(follower)
                todo.append(follower)
    done = {task.id for task in plan.tasks if task.complete}
    return len(seen - set(wave.tasks) - done)


def _time(key: str, said: Mapping[str, Any], seconds: float, wave: int = 0) -> Iterator[Contradiction]:
    text = said.get(key)
    if not isinstance(text, str):
        return
    try:
        given = durations.parse(text).most
    except PlanError:
        return
    if abs(given - seconds) > TOLERANCE / 100 * max(given, seconds):
        computed = _in_the_same_unit(text, given, seconds)
        where = f"wave {wave} " if wave else ""
        yield Contradiction(key, text, computed, f"{where}{key} {text} != {computed} computed", wave)


def _in_the_same_unit(text: str, given: float, seconds: float) -> str:
    """`7 weeks` beside `8 weeks`; any other text gets the usual form."""
    found = _ONE_NUMBER.fullmatch(text)
    if found is None or not given:
        return durations.show(seconds)
    return f"{round(seconds / given * float(found[1]), 2):g}{found[2]}"


def _risks(plan: Plan, clashes: Sequence[Clash]) -> Iterator[Contradiction]:
    """Only of waves whose files are known, or that hold one task, which shares nothing."""
    unknown = set(undeclared(plan))
    extras = {wave.number: wave for wave in plan.waves}
    for risk in wave_risks(plan, clashes):
        wave = extras[risk.wave]
        if len(wave.tasks) > 1 and unknown.intersection(wave.tasks):
            continue
        for key in ("conflict_risk", "risk_level"):
            said = str(wave.extra.get(key) or "")
            if said and said.casefold() != risk.level.value:
                words = f"wave {risk.wave} {key} {said} != {risk.level.value} computed"
                yield Contradiction(key, said, risk.level.value, words, risk.wave)
