"""A plan's strategy as documents for people: five about the whole, a page for each team or session (M032)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.dates import Days, wave_dates
from engine.core.plan import Plan
from engine.core.strategy import Risk, at, constraints, dicts, risks, sync_points, targets, teams, texts
from engine.core.teams import loads
from engine.exporters.markdown import bullets, inline, paragraphs, plain
from engine.exporters.outline import Block, Outline
from engine.exporters.playbooks import dates, describe, page_texts, sync_lines
from engine.exporters.story_parts import conflict_lines, gate_lines, words
from engine.exporters.story_values import rating, title


def deliverables(of: Outline) -> dict[str, str]:
    """The text of each document by its file name; dates count from the plan's first day and are said to be
    open when it has none."""
    plan, days = of.plan, wave_dates(of.plan, of.told)
    named = plain(title(plan))
    return {
        "strategy.md": _strategy(of, named),
        "wave-schedules.md": _schedules(of, days, named),
        "coordination-protocols.md": _coordination(plan, named),
        "risk-plan.md": _risk_plan(of, named),
        "monitoring-framework.md": _monitoring(plan, named),
        **page_texts(of, days),
    }


def _strategy(of: Outline, named: str) -> str:
    plan = of.plan
    people = [f"{plain(team.id)}: {describe(team)}" for team in teams(plan)]
    critical = " → ".join(map(inline, of.told.critical))
    limits = [
        f"{plain(each.kind)}{' (hard)' if each.hard else ''}: {inline(each.description)}"
        f"{f'; {inline(each.mitigation)}' if each.mitigation else ''}"
        for each in constraints(plan)
    ]
    return paragraphs(
        [f"# Strategy: {named}"],
        [
            "## Summary",
            f"- {len(plan.tasks)} tasks in {len(of.blocks)} waves, {of.slots} sessions at once",
            f"- {of.words(of.told.seconds)} instead of {of.words(of.told.sequential)} one after the other: "
            f"{of.saved:.0f}% saved",
            f"- Critical path {of.words(of.told.critical_seconds)}: {critical}",
            f"- Parallel suitability: {rating(of)}; highest risk of a wave: {of.risk.value}",
        ],
        ["## Teams", *bullets(people, "No teams are named")],
        ["## Limits", *bullets(limits, "No limits are named")],
        ["## Shared Files", *conflict_lines(of)],
        ["## Gates", *gate_lines(plan)],
    )


def _schedules(of: Outline, days: Days, named: str) -> str:
    return paragraphs([f"# Wave Schedules: {named}"], *(_schedule(block, of, days) for block in of.blocks))


def _schedule(block: Block, of: Outline, days: Days) -> list[str]:
    taken = [load for load in loads(of.plan) if load.wave == block.number]
    return [
        f"## Wave {block.number}: {inline(block.name)} ({block.kind})",
        f"- Dates: {dates(days, block.number)}",
        f"- Duration: {of.words(block.seconds)}",
        f"- Tasks: {', '.join(inline(task.id) for task in block.tasks)}",
        f"- After: {', '.join(f'wave {number}' for number in block.needs) or 'nothing'}",
        f"- Risk: {block.risk.value}",
        *(
            f"- {plain(load.team)}: {load.taken:g} of {load.there - load.free:g} hours a week"
            f"{', too much' if load.over else ''}"
            for load in taken
        ),
        *(f"- Criterion: {inline(text)}" for text in block.wave.criteria),
    ]


def _coordination(plan: Plan, named: str) -> str:
    section = "coordination_protocols"
    meetings = [
        _facts(each, "communication_type", ("frequency", "time", "duration", "participants"))
        for each in dicts(at(plan, section, "communication_schedule"))
    ]
    deciding = at(plan, section, "decision_making")
    return paragraphs(
        [f"# Coordination Protocols: {named}"],
        ["## Sync Points", *sync_lines(sync_points(plan))],
        ["## Meetings", *bullets(meetings, "None are planned")],
        ["## Decisions", *bullets(_flat(deciding), "Nothing is said about who decides")],
    )


def _risk_plan(of: Outline, named: str) -> str:
    strategies = [
        _facts(each, "strategy_name", ("description", "implementation", "monitoring"))
        for each in dicts(at(of.plan, "risk_management", "mitigation_strategies"))
    ]
    return paragraphs(
        [f"# Risk Plan: {named}"],
        *(_risk(risk) for risk in risks(of.plan)),
        ["## Strategies", *bullets(strategies, "None are named")],
        ["## Shared Files", *conflict_lines(of)],
    )


def _risk(risk: Risk) -> list[str]:
    grades = (("Probability", risk.probability), ("Impact", risk.impact))
    return [
        f"## {inline(risk.name)}",
        *(f"- {what}: {level.value}" for what, level in grades if level is not None),
        f"- Affects: {', '.join(map(inline, risk.affects)) or 'the whole plan'}",
        *bullets(
            (f"Against it: {inline(text)}" for text in risk.mitigation), "Nothing is planned against it"
        ),
        *([f"- If it comes: {inline(risk.contingency)}"] if risk.contingency else []),
    ]


def _monitoring(plan: Plan, named: str) -> str:
    section = "monitoring_and_control"
    aims = []
    for target in targets(plan):
        marks = (("warning at", target.warning), ("critical at", target.critical))
        beyond = "".join(f", {word} {inline(value)}" for word, value in marks if value)
        aims.append(f"{plain(target.name)}: {inline(target.target) or 'measured'}{beyond}")
    tracking = at(plan, section, "progress_tracking")
    control = [
        _facts(each, "control_type", ("implementation", "response"))
        for each in dicts(at(plan, section, "control_mechanisms"))
    ]
    return paragraphs(
        [f"# Monitoring Framework: {named}"],
        ["## Targets", *bullets(aims, "No metric is named")],
        ["## Progress", *bullets(_flat(tracking), "Nothing is said about tracking")],
        ["## Control", *bullets(control, "No mechanism is named")],
    )


def _facts(item: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> str:
    """`name: fact, fact` of a mapping that other tools wrote."""
    facts = [", ".join(map(inline, texts(item.get(key)))) for key in keys]
    label = words(item.get(name, "unnamed"))
    return f"{label}: {'; '.join(fact for fact in facts if fact)}".removesuffix(": ")


def _flat(section: Any) -> list[str]:
    """One line for each key of a mapping, however deep its values are."""
    if not isinstance(section, Mapping):
        return []
    lines: list[str] = []
    for key, value in section.items():
        label = words(key)
        if isinstance(value, Mapping):
            lines += [f"{label}: {line}" for line in _flat(value)]
        else:
            lines.append(f"{label}: {', '.join(map(inline, texts(value)))}")
    return lines
