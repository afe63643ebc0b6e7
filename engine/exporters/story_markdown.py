"""The story document as Markdown, with all of its seven sections filled (M031)."""

from __future__ import annotations

import re

from engine.core.analysis.suitability import obstacles, suitability
from engine.exporters.markdown import paragraphs, plain
from engine.exporters.outline import Outline
from engine.exporters.story_parts import block_lines, conflict_lines, gate_lines, risk_lines, target_lines
from engine.exporters.story_values import UNSAID, title

_VOWEL = re.compile("[aeioAEIO]")


def story_markdown(of: Outline) -> str:
    """The document of a plan, whether it has a story or only a name."""
    plan = of.plan
    return paragraphs(
        [f"# Parallel Execution Story: {plain(title(plan))}"],
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
    """`As a <role>, I want <functionality> so that <value>.`, with what was not stated said to be so."""
    story = of.plan.story
    role = plain(story.role if story else "") or f"(role {UNSAID})"
    wish = plain(story.functionality if story else "") or plain(title(of.plan))
    value = plain(story.value if story else "") or f"(value {UNSAID})"
    article = "an" if _VOWEL.match(role) else "a"
    return f"As {article} {role}, I want {wish.rstrip('.')} so that {value.rstrip('.')}."


def _analysis(of: Outline) -> list[str]:
    found = suitability(of.plan, of.told, of.found)
    complexity = of.plan.story.complexity if of.plan.story is not None else ""
    lines = [
        "## Parallel Execution Analysis",
        f"**Parallel Suitability**: {found.rating.value}",
        f"**Complexity Assessment**: {plain(complexity) or UNSAID}",
        f"**Estimated Time Savings**: {of.saved:.0f}%",
        "",
        *(f"- {plain(reason)}" for reason in found.reasons),
    ]
    if (hindered := obstacles(of.plan, of.slots, of.told)) is not None:
        lines += [f"- {plain(factor)}" for factor in hindered.factors]
        lines += [f"- Recommended: {plain(hindered.modes[0])}", f"- {plain(hindered.suggestion)}"]
    return lines
