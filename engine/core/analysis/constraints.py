"""Limits that a plan breaks: hard ones stop it, soft ones warn (M036)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct

from engine.core import strategy, teams
from engine.core.dates import start_of
from engine.core.durations import parse, show
from engine.core.errors import PlanError
from engine.core.forecast import Forecast
from engine.core.plan import Plan

_HARD_KINDS = {
    "deadline": ("deadline", "timeline"),
    "sessions": ("sessions", "monitoring_capacity", "resource", "hard"),
    "team": ("team_capacity", "capacity", "resource", "hard"),
    "gates": ("quality", "gate"),
}
"""Which constraints of a document make a limit hard when they are marked so."""


class Violation(Struct, frozen=True):
    """A limit that is broken: `kind` is deadline, sessions, team or gates."""

    kind: str
    hard: bool
    words: str


def violations(plan: Plan, found: Forecast, slots: int) -> tuple[Violation, ...]:
    """What the plan breaks by its forecast with so many slots, hard limits first."""
    marked = {constraint.kind.casefold() for constraint in strategy.constraints(plan) if constraint.hard}
    hard = {kind for kind, names in _HARD_KINDS.items() if marked.intersection(names)}
    if plan.deadline is not None and plan.deadline.hard:
        hard.add("deadline")
    broken = [
        *(("deadline", words) for words in _deadline(plan, found)),
        *(("sessions", words) for words in _sessions(plan, slots)),
        *(("team", words) for words in over_capacity(plan)),
        *(("gates", words) for words in _gates(plan, "gates" in hard)),
    ]
    return tuple(
        sorted((Violation(kind, kind in hard, words) for kind, words in broken), key=lambda one: not one.hard)
    )


def over_capacity(plan: Plan) -> list[str]:
    """Where a wave takes more of a team's week than planning may, in words (M064)."""
    return [
        f"wave {load.wave} takes {load.taken:g} of the {load.there - load.free:g} hours a week that team "
        f"{load.team} has for it"
        for load in teams.loads(plan)
        if load.over
    ]


def _deadline(plan: Plan, found: Forecast) -> Iterator[str]:
    if plan.deadline is None:
        return
    left = _seconds_left(plan)
    if left is None:
        yield f"deadline {plan.deadline.by}: the plan says no start, so nobody knows whether it is kept"
    elif found.seconds > left:
        late = show(found.seconds - left)
        yield f"the plan ends {late} after its deadline {plan.deadline.by}; it takes {show(found.seconds)}"


def _seconds_left(plan: Plan) -> float | None:
    """From the start to the deadline; None for a date when the plan says no start. A date is kept until it is
    over."""
    assert plan.deadline is not None
    try:
        return parse(plan.deadline.by).most
    except PlanError:
        pass
    first = _moment(plan.start)
    if first is None and (day := start_of(plan)) is not None:
        first = datetime.combine(day, time(), UTC)
    last = _moment(plan.deadline.by)
    if first is None or last is None:
        return None
    if len(plan.deadline.by.strip()) <= len("2024-01-01"):
        last += timedelta(days=1)
    return (last - first).total_seconds()


def _moment(text: str) -> datetime | None:
    """An ISO date or time, of Greenwich when it does not say where."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _sessions(plan: Plan, slots: int) -> Iterator[str]:
    most = strategy.sessions_at_once(plan)
    if most and most < min(slots, max((len(wave.tasks) for wave in plan.waves), default=0)):
        yield f"{slots} slots, but no more than {most} sessions can be watched at once"


def _gates(plan: Plan, asked: bool) -> Iterator[str]:
    if asked and not (plan.gates.task or plan.gates.wave or plan.gates.run):
        yield "the plan must keep to quality gates, but none of its gates runs anything"
