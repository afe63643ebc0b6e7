"""The quality of a plan by five measured criteria (M034)."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from engine.core import strategy, teams
from engine.core.analysis.constraints import over_capacity
from engine.core.analysis.totals import percent, savings_targets
from engine.core.durations import show
from engine.core.forecast import Forecast
from engine.core.plan import Plan

USUAL_TARGET = ("time savings", "> 30%")
"""What a plan without its own target of time savings is measured by (D08)."""

_MORE_THAN = re.compile(r"\s*>(?!=)")


class Verdict(StrEnum):
    """A criterion with nothing to be measured by has neither passed nor failed."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    NOTHING = "n/a"


class Criterion(Struct, frozen=True):
    """`percent` is what was measured, None when there is nothing to measure; `words` has the numbers that it
    comes from."""

    name: str
    percent: float | None
    verdict: Verdict
    words: str


def quality(plan: Plan, found: Forecast) -> tuple[Criterion, ...]:
    """The five criteria in the order of the strategy document."""
    return (
        _completeness(plan),
        _optimization(plan, found),
        _feasibility(plan),
        _risk_coverage(plan),
        _coordination(plan),
    )


def _share(name: str, good: int, all_: int, words: str) -> Criterion:
    """A share that passes when it is the whole."""
    return Criterion(name, good / all_ * 100, Verdict.PASS if good >= all_ else Verdict.FAIL, words)


def _nothing(name: str, why: str) -> Criterion:
    return Criterion(name, None, Verdict.NOTHING, why)


def _completeness(plan: Plan) -> Criterion:
    """Of the phases that the document counts, those that it lists; without a count, tasks that are in a
    wave."""
    name = "Completeness"
    said = percent(strategy.at(plan, "project_context", "total_phases"))
    if said:
        listed = min(len(plan.tasks), int(said))
        return _share(name, listed, int(said), f"{len(plan.tasks)} of {said:g} phases are listed")
    if not plan.tasks:
        return _nothing(name, "no phases are listed or counted")
    inside = {task for wave in plan.waves for task in wave.tasks} & {task.id for task in plan.tasks}
    return _share(
        name, len(inside), len(plan.tasks), f"{len(inside)} of {len(plan.tasks)} phases are in waves"
    )


def _optimization(plan: Plan, found: Forecast) -> Criterion:
    """The time that is saved against the plan's own target."""
    name = "Optimization"
    if all(task.estimate is None for task in plan.tasks if not task.complete):
        return _nothing(name, "no open phase has an estimate")
    metric, target = next(iter(savings_targets(plan)), USUAL_TARGET)
    aim, saved = percent(target), found.saved * 100
    if aim is None:
        return _nothing(name, f"the target {target!r} of {metric} is no percentage")
    reached = saved > aim if _MORE_THAN.match(target) else saved >= aim
    times = f"{show(found.seconds)} instead of {show(found.sequential)}"
    verdict = Verdict.PASS if reached else Verdict.FAIL
    return Criterion(name, saved, verdict, f"{saved:.1f}% saved ({times}), target {target} by {metric}")


def _feasibility(plan: Plan) -> Criterion:
    """Of what waves take of teams, the share that the teams have room for."""
    name = "Feasibility"
    loads = teams.loads(plan)
    if not loads:
        return _nothing(name, "no team with hours has a phase that takes any")
    over = over_capacity(plan)
    words = "; ".join(over) or "every wave fits the hours of its teams"
    return _share(name, len(loads) - len(over), len(loads), words)


def _risk_coverage(plan: Plan) -> Criterion:
    """Of the risks, those with a mitigation."""
    name = "Risk Coverage"
    risks = strategy.risks(plan)
    if not risks:
        return _nothing(name, "no risks are listed")
    bare = [risk.name for risk in risks if not risk.mitigation]
    words = f"{len(risks) - len(bare)} of {len(risks)} risks have a mitigation"
    return _share(name, len(risks) - len(bare), len(risks), words + _list("; none has", bare))


def _coordination(plan: Plan) -> Criterion:
    """Of the sync points, those with trigger, participants and success criteria."""
    name = "Coordination Design"
    points = strategy.sync_points(plan)
    if not points:
        return _nothing(name, "no sync points are listed")
    lacking = [f"{point.name} lacks {', '.join(what)}" for point in points if (what := _lacks(point))]
    good = len(points) - len(lacking)
    words = f"{good} of {len(points)} sync points are complete"
    return _share(name, good, len(points), words + _list(";", lacking))


def _lacks(point: strategy.SyncPoint) -> list[str]:
    parts = {
        "a trigger": point.trigger,
        "participants": point.participants,
        "success criteria": point.criteria,
    }
    return [what for what, there in parts.items() if not there]


def _list(before: str, names: list[str]) -> str:
    return f"{before} {', '.join(names)}" if names else ""
