"""What a plan's sections of strategy documents say, as data: teams, supplies, risks, targets, sync points.

The sections stay as the documents have them, so that nothing is lost; importers checked what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from engine.core.plan import Level, Plan, Supply

WEEK_HOURS = 40.0
"""A person's hours a week where none are said (M077)."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CAPACITY = re.compile(
    r"(?P<hours>[0-9]{1,6}(?:\.[0-9]{1,3})?)(?: *(?:h|hrs?|hours?)"
    r"(?:[ /]*\b(?:per|an?|and|for|each|week(?:ly)?|wk|person|people|head|member|developer)\b)*)?",
    re.IGNORECASE,
)
_EACH = re.compile(r"each|person|people|head|member|developer", re.IGNORECASE)
CAPACITY = "hours, as in `32 hours/week per person` or, for the whole team, `96 hours/week`"
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_WEIGHT = {"low": 1, "medium": 2, "high": 3, "critical": 3}


class Team(Struct, frozen=True):
    """People who do tasks: `hours` is what all of them have a week (M077); `notes` says what contradicts."""

    id: str
    size: float
    skills: tuple[str, ...]
    hours: float
    notes: tuple[str, ...] = ()


class Risk(Struct, frozen=True):
    """Possible trouble: `score` is probability times impact, low, medium, high counting 1, 2, 3 (M035);
    `signs` are what it shows itself by."""

    id: str
    name: str
    kind: str
    probability: Level | None
    impact: Level | None
    mitigation: tuple[str, ...]
    affects: tuple[str, ...]
    contingency: str
    score: int
    signs: tuple[str, ...] = ()


class Target(Struct, frozen=True):
    """A number to be measured and its aim, as the document puts it (M187)."""

    name: str
    calculation: str
    target: str
    warning: str = ""
    critical: str = ""


class SyncPoint(Struct, frozen=True):
    """Where sessions wait for each other: of the whole plan, or of the wave of that number (M153)."""

    name: str
    trigger: str
    participants: tuple[str, ...]
    duration: str
    criteria: tuple[str, ...]
    wave: int = 0
    id: str = ""
    triggers: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()


class Constraint(Struct, frozen=True):
    """A limit that planning must know; a hard one stops a plan that violates it (M036)."""

    kind: str
    description: str
    mitigation: str
    hard: bool


def teams(plan: Plan) -> tuple[Team, ...]:
    """The teams in the order of the document. Hours are the whole team's unless they are said to be each
    person's; without any that can be read, a person has 40 times the availability."""
    return tuple(_team(item) for item in dicts(at(plan, "resource_analysis", "available_teams")))


def _team(item: Mapping[str, Any]) -> Team:
    size = float(item.get("team_size") or 1)
    share = _PERCENT.search(str(item.get("availability") or ""))
    part = float(share[1]) / 100 if share else 1.0
    text = str(item.get("capacity") or "").strip()
    said = _CAPACITY.fullmatch(text)
    usual = WEEK_HOURS * part * size
    hours = usual if said is None else float(said["hours"]) * (size if _EACH.search(text) else 1.0)
    notes: tuple[str, ...] = ()
    if text and said is None:
        notes = (f"found {text[:60]!r}; accepted: {CAPACITY}; {usual:g} hours a week are taken",)
    elif said and share and abs(hours - usual) > 0.01 * size:
        notes = (f"{hours / size:g} hours a week are not {share[0]} of {WEEK_HOURS:g}; the hours are used",)
    return Team(str(item["team_id"]), size, texts(item.get("key_skills")), hours, notes)


def supplies(plan: Plan) -> dict[str, Supply]:
    """Counted and exclusive resources (M075, M076): those of the plan, then what its documents say of
    infrastructure (`ci_cd_capacity` counts builds) and of shared things (`shared_database`: one database).
    Builds that are wanted and that nobody counts are BUILDS."""
    found: dict[str, Supply] = {}
    most = max((task.resources.get(BUILD, 0.0) for task in plan.tasks), default=0.0)
    if most or any(gate.matrix for gate in (*plan.gates.task, *plan.gates.wave, *plan.gates.run)):
        found[BUILD] = Supply(max(BUILDS, most))
    for key, value in part(plan, "resource_analysis", "infrastructure_capacity").items():
        number = _NUMBER.search(str(value))
        if number and key != "monitoring_capacity":
            found[_RESOURCES.get(key, key.removesuffix("s"))] = Supply(float(number[0]))
    for constraint in constraints(plan):
        if constraint.kind.startswith("shared_"):
            found[constraint.kind.removeprefix("shared_")] = Supply(1.0)
    return found | plan.supplies


BUILD = "build"
"""The resource that commands of gates take, one each."""
BUILDS = 3.0
"""How many builds there are at once where nobody counts them, as in the documents' resource plan (M074)."""
_RESOURCES = {"ci_cd_capacity": BUILD}


def sessions_at_once(plan: Plan) -> int:
    """How many sessions can be watched at once by the document's `monitoring_capacity`; 0: it is silent."""
    there = part(plan, "resource_analysis", "infrastructure_capacity")
    said = _NUMBER.search(str(there.get("monitoring_capacity") or ""))
    return int(float(said[0])) if said else 0


def rules_file(plan: Plan) -> str:
    """The file with conflict rules that the plan's documents name; empty: none, or not one beside them."""
    name = str(part(plan, "integration_setup", "analyzer_config").get("conflict_rules") or "")
    return "" if "/" in name or "\\" in name or "${" in name or name.startswith(".") else name


def constraints(plan: Plan) -> tuple[Constraint, ...]:
    """The constraints of the plan's resource analysis."""
    return tuple(
        Constraint(
            str(item["constraint_type"]),
            str(item.get("description") or ""),
            str(item.get("mitigation") or ""),
            bool(item.get("hard", False)),
        )
        for item in dicts(at(plan, "resource_analysis", "resource_constraints"))
    )


def risks(plan: Plan) -> tuple[Risk, ...]:
    """The risks of both documents' forms in one list, the highest score first (M035)."""
    found = [_story_risk(kind, item) for kind, item in _story_risks(plan)]
    found += [_named_risk(item) for item in dicts(at(plan, "risk_management", "risk_assessment"))]
    return tuple(sorted(found, key=lambda risk: -risk.score))


def _story_risks(plan: Plan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    section = plan.sections.get("risk_assessment")
    for key, items in section.items() if isinstance(section, Mapping) else ():
        for item in dicts(items):
            yield key.removesuffix("_risks"), item


def _story_risk(kind: str, item: Mapping[str, Any]) -> Risk:
    mitigation = texts(item.get("mitigation"))
    probability, impact = item.get("probability"), item.get("impact")
    name = str(item.get("risk", ""))
    return Risk("", name, kind, _level(probability), _level(impact), mitigation, (), "", _score(item))


def _named_risk(item: Mapping[str, Any]) -> Risk:
    return Risk(
        str(item.get("risk_id") or ""),
        str(item.get("risk_name", "")),
        str(item.get("category") or "").removesuffix("_risk"),
        _level(item.get("probability")),
        _level(item.get("impact")),
        texts(item.get("prevention_measures")),
        texts(item.get("affected_sessions")),
        str(item.get("contingency_plan") or ""),
        _score(item),
        texts(item.get("early_warning_signs")),
    )


def targets(plan: Plan) -> tuple[Target, ...]:
    """The metrics of both documents' forms with what they aim at (M187)."""
    groups = plan.sections.get("performance_metrics")
    items = [
        item for group in (groups.values() if isinstance(groups, Mapping) else ()) for item in dicts(group)
    ]
    items += dicts(at(plan, "monitoring_and_control", "performance_metrics"))
    return tuple(
        Target(
            str(item.get("metric") or item.get("metric_name") or ""),
            str(item.get("calculation") or ""),
            str(item.get("target") or ""),
            str(item.get("warning_threshold") or ""),
            str(item.get("critical_threshold") or ""),
        )
        for item in items
    )


def sync_points(plan: Plan) -> tuple[SyncPoint, ...]:
    """The sync points of the plan, then those of its waves."""
    found = [
        _sync_point(item, 0) for item in dicts(at(plan, "coordination_protocols", "synchronization_points"))
    ]
    for wave in plan.waves:
        items = dicts(wave.extra.get("synchronization_points"))
        found += [_sync_point(item, wave.number) for item in items]
    return tuple(found)


def _sync_point(item: Mapping[str, Any], wave: int) -> SyncPoint:
    trigger = item.get("trigger") or item.get("trigger_conditions") or ""
    return SyncPoint(
        str(item.get("name") or ""),
        ", ".join(texts(trigger)),
        texts(item.get("participants")),
        str(item.get("duration") or ""),
        texts(item.get("success_criteria")),
        wave,
        str(item.get("sync_point_id") or item.get("name") or ""),
        texts(trigger),
        texts(item.get("failure_procedures")),
    )


def watches(plan: Plan, what: str) -> bool:
    """Whether the story has that function of its monitoring on: `real_time_tracking`, `conflict_detection` or
    `performance_metrics`; it has unless it says false (M028)."""
    return part(plan, "parallel_story_structure", "monitoring").get(what) is not False


def at(plan: Plan, section: str, key: str) -> Any:
    """What a section says under a key, None when it says nothing."""
    found = plan.sections.get(section)
    return found.get(key) if isinstance(found, Mapping) else None


def part(plan: Plan, section: str, key: str) -> Mapping[str, Any]:
    """The mapping that a section has under a key; an empty one where something else or nothing stands."""
    found = at(plan, section, key)
    return found if isinstance(found, Mapping) else {}


def dicts(items: Any) -> list[Mapping[str, Any]]:
    """The mappings in a list; nothing where something else stands."""
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list | tuple) else []


def texts(value: Any) -> tuple[str, ...]:
    """A text, or each of a list, as texts."""
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value if item is not None)
    return () if value in (None, "") else (str(value),)


def _level(value: Any) -> Level | None:
    word = str(value or "").casefold()
    return Level.HIGH if word == "critical" else Level(word) if word in _WEIGHT else None


def _score(item: Mapping[str, Any]) -> int:
    return _WEIGHT.get(str(item.get("probability") or "").casefold(), 0) * _WEIGHT.get(
        str(item.get("impact") or "").casefold(), 0
    )
