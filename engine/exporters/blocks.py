"""The story documents that importers read again: block design, file conflicts and agents' dependencies."""

from __future__ import annotations

from typing import Any

from engine.core import durations
from engine.core.plan import FileRule, Level, Plan, Task
from engine.exporters.outline import Block, Outline

EVERYBODY = "multiple"
_LISTS = {
    Level.HIGH: "high_conflict_files",
    Level.MEDIUM: "medium_conflict_files",
    Level.LOW: "no_conflict_files",
}


def block_design(of: Outline) -> dict[str, Any]:
    """`parallel_block_design` (M026). A block of one task is sequential, which is what happens. Durations are
    those at the outline's slots; what the importer keeps beside a wave for others is written too."""
    return {"parallel_block_design": {block.key: definition(block, of) for block in of.blocks}}


def definition(block: Block, of: Outline) -> dict[str, Any]:
    """One block of the design as data."""
    who = "sequential_agents" if block.sequential else "parallel_agents"
    computed = {
        "estimated_duration": of.words(block.seconds),
        "conflict_risk": block.risk.value,
    }
    data = {
        "name": block.name,
        who: list(block.wave.tasks),
        "dependencies": [f"block_{number}" for number in block.needs],
        **computed,
    }
    if block.wave.criteria:
        data["success_criteria"] = list(block.wave.criteria)
    if block.wave.watch:
        data["conflict_monitoring"] = list(block.wave.watch)
    return data | {key: value for key, value in block.wave.extra.items() if key not in data}


def file_conflict_analysis(plan: Plan) -> dict[str, Any]:
    """`file_conflict_analysis` of the plan's file rules by their level; a rule for every task has the agent
    `multiple`."""
    return {
        "file_conflict_analysis": {
            key: [_rule(rule) for rule in plan.file_rules if rule.level is level]
            for level, key in _LISTS.items()
        }
    }


def _rule(rule: FileRule) -> dict[str, Any]:
    agents = list(rule.tasks) or [EVERYBODY]
    return {"file": rule.file, "agents": agents, "resolution": rule.resolution.value}


def agent_dependency_analysis(plan: Plan) -> dict[str, Any]:
    """`agent_dependency_analysis`: every task is an agent of its id, its steps are what the agent does."""
    lists: dict[str, list[dict[str, Any]]] = {"independent_agents": [], "dependent_agents": []}
    for task in plan.tasks:
        lists["dependent_agents" if task.needs else "independent_agents"].append(_agent(task))
    return {"agent_dependency_analysis": lists}


def _agent(task: Task) -> dict[str, Any]:
    data: dict[str, Any] = {"agent": task.id}
    if does := list(task.steps) or [text for text in (task.title,) if text]:
        data["tasks"] = does
    data["conflicts_with"] = list(task.conflicts_with)
    if task.needs:
        data["depends_on"] = [
            need.task if need.milestone is None else {"task": need.task, "milestone": need.milestone}
            for need in task.needs
        ]
    if task.estimate is not None:
        data["estimated_duration"] = durations.text(task.estimate)
    return data | {key: value for key, value in task.extra.items() if key not in data}
