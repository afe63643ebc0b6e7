"""All documents that a plan can be written as, by the name of their format."""

from __future__ import annotations

from collections.abc import Callable

from engine.core.analysis import analyse
from engine.core.analysis.as_data import as_data
from engine.core.plan import Plan
from engine.exporters.blocks import agent_dependency_analysis, block_design, file_conflict_analysis
from engine.exporters.config_file import config_name, integration_setup, story_id
from engine.exporters.deliverables import deliverables
from engine.exporters.execution_plan import execution_plan
from engine.exporters.native import native, to_yaml
from engine.exporters.outline import Outline, outline
from engine.exporters.plan_markdown import plan_markdown
from engine.exporters.state_files import state_files, to_json
from engine.exporters.story_markdown import story_markdown
from engine.exporters.story_structure import story_structure

Write = Callable[[Outline, str], dict[str, str]]
"""From a plan's outline and the time of planning to the texts of its files, by their names."""


def _analysis(of: Outline, now: str) -> dict[str, str]:
    return {"dependency-graph.json": to_json(dependency_graph(of.plan, of.slots, now))}


def dependency_graph(plan: Plan, slots: int, now: str) -> dict[str, object]:
    """A dependency analysis with the plan it is of, which planning takes in the plan's place (M009); `now` is
    the ISO 8601 time of the analysis, of which its id is made (M037)."""
    return {
        "dependency_graph_id": f"dep_graph_{''.join(letter for letter in now if letter.isalnum())}",
        "analyzed": now,
        "plan": native(plan),
        "analysis_results": as_data(analyse(plan, slots)),
    }


FORMATS: dict[str, tuple[str, Write]] = {
    "plan": ("the plan in wavetree's own format", lambda of, _: {"plan.yaml": to_yaml(native(of.plan))}),
    "execution-plan": (
        "the strategy document's execution plan",
        lambda of, now: {"execution-plan.json": to_json(execution_plan(of.plan, of.slots, now))},
    ),
    "state": (
        "the five files of an execution plan's state",
        lambda of, now: state_files(execution_plan(of.plan, of.slots, now)),
    ),
    "blocks": (
        "the story's block design",
        lambda of, _: {"parallel-block-design.yaml": to_yaml(block_design(of))},
    ),
    "agents": (
        "agents and whom they wait for",
        lambda of, _: {"agent-dependency-analysis.yaml": to_yaml(agent_dependency_analysis(of.plan))},
    ),
    "files": (
        "files that tasks share",
        lambda of, _: {"file-conflict-analysis.yaml": to_yaml(file_conflict_analysis(of.plan))},
    ),
    "structure": (
        "the story's structure",
        lambda of, _: {"parallel-story-structure.yaml": to_yaml(story_structure(of))},
    ),
    "config": (
        "the story's configuration",
        lambda of, _: {config_name(story_id(of.plan)): to_yaml(integration_setup(of.plan))},
    ),
    "plan-markdown": (
        "the plan as Markdown, a section for each block",
        lambda of, _: {"execution-plan.md": plan_markdown(of)},
    ),
    "story-markdown": ("the story as Markdown", lambda of, _: {"story.md": story_markdown(of)}),
    "strategy": ("strategy documents, and a page for each team", lambda of, _: deliverables(of)),
    "analysis": ("the dependency analysis, to plan from", _analysis),
}
"""What each format is in words, and what writes it."""


def documents(plan: Plan, formats: tuple[str, ...], now: str, slots: int = 0) -> dict[str, str]:
    """The texts of the documents in these formats, all without any, by file name. `now` is the ISO 8601 time
    of planning in UTC. KeyError for a name that is no format."""
    of = outline(plan, slots)
    found: dict[str, str] = {}
    for name in formats or tuple(FORMATS):
        for file, text in FORMATS[name][1](of, now).items():
            found.setdefault(file, text)
    return found
