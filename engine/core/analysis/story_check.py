"""The eight points that a story must show before it counts as made (M033)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine.core import graph, strategy
from engine.core.clashes import Clash, clashes, locks, undeclared
from engine.core.plan import Level, Plan


class Point(Struct, frozen=True):
    """A point of the list, whether the story shows it, and why."""

    name: str
    shown: bool
    why: str


def story_check(plan: Plan) -> tuple[Point, ...]:
    """The points in the order of the story document; nothing is shown by being absent."""
    return (
        Point("Parallel execution blocks properly defined", *_blocks(plan)),
        Point("Agent dependencies mapped correctly", *_dependencies(plan)),
        Point("File conflicts identified and mitigation planned", *_conflicts(plan)),
        Point("Quality gates adapted for parallel execution", *_gates(plan)),
        Point("Performance metrics defined", *_count(len(strategy.targets(plan)), "metric")),
        Point("Risk assessment completed", *_count(len(strategy.risks(plan)), "risk")),
        Point("Fallback strategies documented", *_fallbacks(plan)),
        Point("Integration with parallel execution system configured", *_integration(plan)),
    )


def _count(number: int, one: str, many: str = "") -> tuple[bool, str]:
    return number > 0, f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def _blocks(plan: Plan) -> tuple[bool, str]:
    """Waves that only the levels of the needs made have no name but their number."""
    if not plan.waves:
        return False, "no blocks"
    unnamed = [wave.number for wave in plan.waves if wave.name == f"Wave {wave.number}"]
    if len(unnamed) == len(plan.waves):
        return False, "no block is named: they were computed"
    empty = [wave.name for wave in plan.waves if not wave.tasks]
    if empty:
        return False, f"without agents: {', '.join(empty)}"
    return _count(len(plan.waves), "block")


def _dependencies(plan: Plan) -> tuple[bool, str]:
    needs = graph.needs_of(plan.tasks)
    if not needs:
        return False, "no agents"
    if knots := graph.cycles(needs):
        return False, f"cycle: {' -> '.join(knots[0])}"
    known = set(needs)
    for task in plan.tasks:
        for need in task.needs:
            if need.task not in known:
                return False, f"{task.id} needs {need.task}, which is no agent of the story"
    if wrong := _out_of_order(plan, needs):
        return False, wrong
    edges = sum(map(len, needs.values()))
    if not edges and len(plan.waves) > 1:
        return False, f"{len(plan.waves)} blocks, but no agent depends on another"
    return True, _count(edges, "dependency", "dependencies")[1]


def _out_of_order(plan: Plan, needs: graph.Needs) -> str:
    """A need that its block comes before, in words."""
    wave_of = {name: wave for wave in plan.waves for name in wave.tasks}
    for task, needed in needs.items():
        for need in needed:
            here, there = wave_of.get(task), wave_of.get(need)
            if here is not None and there is not None and there.number > here.number:
                return f"{task} needs {need}, whose block comes later"
    return ""


def _conflicts(plan: Plan) -> tuple[bool, str]:
    """Every agent's files are known, and what clashes has an order or a rule. Open is only what may run at
    once without a lock."""
    if unknown := undeclared(plan):
        return False, f"files unknown: {', '.join(unknown)}"
    if not plan.tasks:
        return False, "no agents"
    found = [clash for clash in clashes(plan) if clash.level is not Level.LOW]
    if bare := _unmitigated(plan, found):
        return False, f"no mitigation: {', '.join(bare)}"
    return True, f"{_count(len(found), 'clash', 'clashes')[1]}, none of them open"


def _unmitigated(plan: Plan, found: Sequence[Clash]) -> list[str]:
    held = [set(names) for names in locks(plan).values()]
    return [
        f"{clash.first} and {clash.second} in {clash.file}"
        for clash in found
        if not clash.handled and not any({clash.first, clash.second} <= names for names in held)
    ]


def _gates(plan: Plan) -> tuple[bool, str]:
    """Gates of the plan that run, or those that its story names for agents, blocks and the end."""
    running = len(plan.gates.task) + len(plan.gates.wave) + len(plan.gates.run)
    section = plan.sections.get("parallel_quality_gates")
    named = sum(map(_length, section.values())) if isinstance(section, Mapping) else 0
    named += _length(strategy.at(plan, "quality_assurance", "quality_gates"))
    return _count(running + named, "gate")


def _fallbacks(plan: Plan) -> tuple[bool, str]:
    found = _length(strategy.at(plan, "conflict_resolution", "fallback_strategies"))
    recovery = plan.sections.get("recovery_procedures")
    found += len(recovery) if isinstance(recovery, Mapping) else 0
    failure = strategy.at(plan, "parallel_story_structure", "failure_recovery")
    found += _length(failure.get("strategies")) if isinstance(failure, Mapping) else 0
    return _count(found, "fallback strategy", "fallback strategies")


def _integration(plan: Plan) -> tuple[bool, str]:
    section = plan.sections.get("integration_setup")
    parts = [key for key, value in section.items() if value] if isinstance(section, Mapping) else []
    return bool(parts), ", ".join(map(str, parts)) or "no integration_setup"


def _length(items: Any) -> int:
    """How many things a list has; what is no list has none."""
    return len(items) if isinstance(items, list | tuple) else 0
