"""What a plan says of itself that is not so: totals that contradict its lists, limits that it violates."""

from __future__ import annotations

from engine.core.analysis.constraints import violations
from engine.core.analysis.totals import contradictions
from engine.core.clashes import clashes
from engine.core.criteria import all_criteria
from engine.core.forecast import forecast
from engine.core.participants import points
from engine.core.plan import Plan
from engine.core.strategy import teams
from engine.importers.log import Log
from engine.importers.nodes import Path

_TOTALS = ("project_context", "wave_execution_plan")
_THREE_DIGITS = 999
_JUDGED = (*_TOTALS, "resource_analysis")


def judge(plan: Plan, log: Log) -> None:
    """Tell the log of contradictions (M008) and soft limits as warnings, of hard limits as errors (M036);
    of names that stand for nobody at a sync point (M153), and of commands for
    criteria that there are not (M148)."""
    _teams(plan, log)
    for text in sorted(plan.gates.criteria.keys() - all_criteria(plan)):
        log.warn(("gates", "criteria", text), "no wave, sign-off or task has a criterion with this text")
    for words in points(plan)[1]:
        log.warn(("sections", "coordination_protocols"), words)
    if len(plan.tasks) > _THREE_DIGITS:
        digits = len(str(len(plan.tasks)))
        log.warn(("tasks",), f"session ids get {digits} digits, up to session_{len(plan.tasks)}")
    says_totals = any(key in plan.sections for key in _JUDGED) or any(wave.extra for wave in plan.waves)
    if not plan.tasks or not (says_totals or plan.deadline is not None):
        return
    told = forecast(plan)
    for found in contradictions(plan, told, clashes(plan)):
        log.warn(_place(plan, found.key, found.wave), found.words)
    for violated in violations(plan, told, told.slots):
        if violated.hard:
            log.error(("deadline",), violated.words)
        else:
            log.warn(("deadline",), violated.words)


def _teams(plan: Plan, log: Log) -> None:
    """What is said of a team's hours and cannot be read, or does not agree (M077)."""
    for number, team in enumerate(teams(plan)):
        for note in team.notes:
            log.warn(("sections", "resource_analysis", "available_teams", number, "capacity"), note)


def _place(plan: Plan, key: str, wave: int) -> Path:
    if wave:
        return ("waves", wave - 1, "extra", key)
    return next((("sections", name, key) for name in _TOTALS if key in plan.sections.get(name, {})), ())
