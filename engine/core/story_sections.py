"""The sections that a story gets where nobody said anything, and the assumptions with them (M018, M033)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.plan import RULES, Plan
from engine.core.story_defaults import FALLBACKS, GATES, INTEGRATION, METRICS, RISKS
from engine.core.strategy import at, risks, rules_file, targets


def missing(plan: Plan) -> dict[str, Any]:
    """What a story's documents must have and this plan has not, by section, each with what is usual."""
    found: dict[str, Any] = {}
    if not risks(plan):
        found["risk_assessment"] = RISKS
    if not targets(plan):
        found["performance_metrics"] = METRICS
    gates = (*plan.gates.task, *plan.gates.wave, *plan.gates.run)
    if (
        not gates
        and "parallel_quality_gates" not in plan.sections
        and "quality_assurance" not in plan.sections
    ):
        found["parallel_quality_gates"] = GATES
    if resolution := _resolution(plan):
        found["conflict_resolution"] = resolution
    if "integration_setup" not in plan.sections:
        found["integration_setup"] = INTEGRATION
    return found


def completed(plan: Plan) -> dict[str, Any]:
    """The plan's sections with what is missing of them."""
    return {**plan.sections, **{key: _joined(plan, key, added) for key, added in missing(plan).items()}}


def assumptions(plan: Plan) -> list[str]:
    """A sentence for each kind of thing that the plan lacks, with what is taken for it."""
    added = missing(plan)
    setup = plan.sections.get("integration_setup", {})
    found = [
        _assumed(added.get("risk_assessment", {}), "risk", "risk"),
        _assumed(added.get("parallel_quality_gates", {}), "gate", "gate"),
        _assumed(added.get("performance_metrics", {}), "metric", "metric"),
        _assumed(added.get("conflict_resolution", {}), "fallback", "strategy"),
        _assumed(
            added.get("conflict_resolution", {}) if plan.conflicts.rules == RULES else {}, "rule", "rule"
        ),
        _listed("integration part", [key for key in INTEGRATION if key not in setup]),
    ]
    return [text for text in found if text]


def _resolution(plan: Plan) -> dict[str, Any]:
    own = _mapping(plan.sections.get("conflict_resolution"))
    found: dict[str, Any] = {}
    if "conflict_detection_rules" not in own and not rules_file(plan):
        found["conflict_detection_rules"] = [
            {"rule": rule.rule, "action": rule.action, "recovery": rule.recovery}
            for rule in plan.conflicts.rules
        ]
    recovery = _mapping(at(plan, "parallel_story_structure", "failure_recovery"))
    elsewhere = plan.sections.get("recovery_procedures") or recovery
    if not own.get("fallback_strategies") and not elsewhere:
        found["fallback_strategies"] = FALLBACKS
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _joined(plan: Plan, key: str, added: Mapping[str, Any]) -> dict[str, Any]:
    return {**_mapping(plan.sections.get(key)), **added}


def _assumed(section: Mapping[str, Any], what: str, key: str) -> str:
    """The things of a section that have a name under this key."""
    return _listed(what, list(_names(section, key)))


def _names(section: Mapping[str, Any], key: str) -> Iterator[str]:
    for items in section.values():
        yield from (str(item[key]) for item in items if key in item)


def _listed(what: str, names: list[str]) -> str:
    many = "" if len(names) == 1 else "s"
    return f"nobody named {what}s; {len(names)} usual one{many}: {'; '.join(names)}" if names else ""
