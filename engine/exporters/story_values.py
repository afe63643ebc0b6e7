"""The values of all placeholders that story templates have, from one plan (M019)."""

from __future__ import annotations

from engine.core import story_answers
from engine.core.analysis.suitability import suitability
from engine.core.plan import Plan, Story
from engine.core.story_draft import UNNAMED
from engine.exporters.blocks import definition
from engine.exporters.config_file import story_id
from engine.exporters.markdown import Markdown
from engine.exporters.outline import Outline, minutes
from engine.exporters.story_parts import block_lines, conflict_lines, gate_lines, risk_lines, target_lines
from engine.exporters.story_structure import strategies
from engine.exporters.templates import Value

SOURCES = {
    "USER_ROLE": "story.role",
    "FUNCTIONALITY": "story.functionality",
    "BUSINESS_VALUE": "story.value",
    "COMPLEXITY_LEVEL": "story.complexity",
    "DOCTYPE_LIST": "story.answers.doctypes, or tables of tasks,",
    "API_COUNT": "story.answers.endpoints",
    "COMPONENT_LIST": "story.answers.frontend",
}
"""Where a plan says the values that cannot be computed."""


def values(of: Outline) -> dict[str, Value]:
    """What each of the 23 placeholders stands for, without those of `SOURCES` that the plan does not say.
    Durations are minutes, percentages whole numbers; texts are plain except for sections of Markdown."""
    plan, story = of.plan, of.plan.story or Story()
    saved = f"{of.saved:.0f}"
    said = {
        "USER_ROLE": story.role,
        "FUNCTIONALITY": story.functionality,
        "BUSINESS_VALUE": story.value,
        "COMPLEXITY_LEVEL": story.complexity,
        "DOCTYPE_LIST": doctypes(plan),
        "API_COUNT": endpoints(plan),
        "COMPONENT_LIST": components(plan),
    }
    return {
        "AGENT_COUNT": len(plan.tasks),
        "BLOCK_COUNT": len(of.blocks),
        "TOTAL_DURATION": minutes(of.told.seconds),
        "BLOCK_DEFINITIONS": {block.key: definition(block, of) for block in of.blocks},
        "CONFLICT_RESOLUTION_STRATEGIES": strategies(plan),
        "STORY_TITLE": title(plan),
        "STORY_ID": story_id(plan),
        "ESTIMATED_DURATION": minutes(of.told.seconds),
        "EFFICIENCY_PERCENTAGE": saved,
        "RISK_ASSESSMENT": of.risk.value.capitalize(),
        "TIME_SAVINGS_PERCENTAGE": saved,
        "EXECUTION_BLOCK_DETAILS": blocks(of),
        "CONFLICT_ANALYSIS_SUMMARY": _section(conflict_lines(of)),
        "QUALITY_GATE_SUMMARY": _section(gate_lines(plan)),
        "RISK_MITIGATION_PLAN": _section(risk_lines(plan)),
        "PERFORMANCE_METRICS_SUMMARY": _section(target_lines(plan)),
        **{name: text for name, text in said.items() if text},
    }


def title(plan: Plan) -> str:
    """The story's title, else the plan's name."""
    return (plan.story.title if plan.story is not None else "") or plan.name


def rating(of: Outline) -> str:
    """How well the plan suits running in parallel: High, Medium, Low or None."""
    return suitability(of.plan, of.told, of.found).rating.value


def blocks(of: Outline) -> Markdown:
    """The sections of all blocks."""
    return Markdown("\n\n".join("\n".join(block_lines(block, of)) for block in of.blocks))


def doctypes(plan: Plan) -> str:
    """The DocTypes that were named in the answers, else the tables of the tasks, else how many the answers
    say; `none` after a no, empty where nobody said."""
    answer = _answer(plan, "doctypes")
    if named := ", ".join(story_answers.things(answer)):
        return named
    if answer and story_answers.says_no(answer):
        return "none"
    found = story_answers.count(answer)
    tables = ", ".join(dict.fromkeys(table for task in plan.tasks for table in task.tables))
    return tables or (str(found) if found is not None else "")


def endpoints(plan: Plan) -> str:
    """How many API endpoints the answers say; empty where nobody said."""
    found = story_answers.count(_answer(plan, "endpoints"))
    return "" if found is None else str(found)


def components(plan: Plan) -> str:
    """The frontend components that were named in the answers; `none` after a no, empty where nobody said."""
    answer = _answer(plan, "frontend")
    if not answer:
        return ""
    none = "none" if story_answers.says_no(answer) else UNNAMED
    return ", ".join(story_answers.things(answer)) or none


def _answer(plan: Plan, key: str) -> str:
    return plan.story.answers.get(key, "") if plan.story is not None else ""


def _section(lines: list[str]) -> Markdown:
    return Markdown("\n".join(lines))
