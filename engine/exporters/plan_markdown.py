"""The execution plan as Markdown: an overview and one section for each block (M030)."""

from __future__ import annotations

from engine.exporters.markdown import inline, paragraphs
from engine.exporters.outline import Outline
from engine.exporters.story_parts import block_lines
from engine.exporters.story_values import title


def plan_markdown(of: Outline) -> str:
    """The document; durations are in the unit of the plan's estimates."""
    return paragraphs(
        [f"# Parallel Execution Plan: {inline(title(of.plan))}"],
        [
            "## Overview",
            f"- **Total Duration**: {of.words(of.told.seconds)}",
            f"- **Parallel Blocks**: {len(of.blocks)}",
            f"- **Efficiency Gain**: {of.saved:.0f}% over sequential",
            f"- **Risk Level**: {of.risk.value.capitalize()}",
        ],
        ["## Execution Sequence"],
        *(block_lines(block, of) for block in of.blocks),
    )
