"""The quality of a plan as Markdown: five criteria with what was measured and the verdict (M034)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.analysis.quality import Criterion, Verdict
from engine.exporters.markdown import plain


def quality_lines(criteria: Sequence[Criterion]) -> list[str]:
    """One line for each criterion, such as `- **Completeness**: 50% FAIL (3 of 6 phases are listed)`, then
    how many of those that can be measured pass."""
    lines = ["## Quality Report"]
    for each in criteria:
        measured = "" if each.percent is None else f"{each.percent:.0f}% "
        lines.append(f"- **{plain(each.name)}**: {measured}{each.verdict.value} ({plain(each.words)})")
    judged = [each for each in criteria if each.verdict is not Verdict.NOTHING]
    passed = sum(each.verdict is Verdict.PASS for each in judged)
    return [*lines, "", f"{passed} of {len(judged)} criteria pass"]
