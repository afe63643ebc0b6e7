"""The story document as Markdown, with all of its seven sections filled (M031)."""

from __future__ import annotations

import re

from engine.core.analysis.suitability import obstacles, suitability
from engine.core.plan import Story
from engine.exporters.markdown import inline, paragraphs, plain
from engine.exporters.outline import Outline
from engine.exporters.story_parts import block_lines, conflict_lines, gate_lines, risk_lines, target_lines
from engine.exporters.story_values import title

_VOWEL = re.compile("[aeioAEIO]")


def story_markdown(of: Outline) -> str:
    """The document of a plan, whether it has a story or only a name."""
    plan = of.plan
    return paragraphs(
        [f"# Parallel Execution Story: {inline(title(plan))}"],
        ["## User Story", sentence(of)],
        _analysis(of),
        ["## Execution Blocks"],
        *(block_lines(block, of) for block in of.blocks),
        ["## Conflict Analysis", *conflict_lines(of)],
        ["## Quality Assurance", *gate_lines(plan)],
        ["## Risk Mitigation", *risk_lines(plan)],
        ["## Success Metrics", *target_lines(plan)],
    )


def sentence(of: Outline) -> str:
    """`As a <role>, I want <functionality> so that <value>.`; what the story does not say is left out, and
    without a functionality the title stands for it."""
    story = of.plan.story or Story()
    role, value = inline(story.role), inline(story.value).rstrip(".")
    so_that = f" so that {value}" if value else ""
    article = "an" if _VOWEL.match(role) else "a"
    if role and (wish := inline(story.functionality).rstrip(".")):
        return f"As {article} {role}, I want {wish}{so_that}."
    wish = plain(story.functionality or title(of.plan)).rstrip(".")
    who = f", for {article} {role}" if role else ""
    return f"{wish[:1].upper()}{wish[1:]}{who}{so_that}."


def _analysis(of: Outline) -> list[str]:
    found = suitability(of.plan, of.told, of.found)
    complexity = of.plan.story.complexity if of.plan.story is not None else ""
    lines = [
        "## Parallel Execution Analysis",
        f"**Parallel Suitability**: {found.rating.value}",
        *([f"**Complexity Assessment**: {inline(complexity)}"] if complexity else []),
        f"**Estimated Time Savings**: {of.saved:.0f}%",
        "",
        *(f"- {plain(reason)}" for reason in found.reasons),
    ]
    if (hindered := obstacles(of.plan, of.slots, of.told)) is not None:
        lines += [f"- {plain(factor)}" for factor in hindered.factors]
        lines += [f"- Recommended: {inline(hindered.modes[0])}", f"- {plain(hindered.suggestion)}"]
    return lines
