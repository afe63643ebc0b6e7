"""What documents say about testing and review, shown at the gate that it is about (M149)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.gauged import GateLevel
from engine.core.plan import Plan
from engine.core.strategy import at, texts

_BRANCH = (
    "unit_testing",
    "review_requirements",
    "cross_team_reviews",
    "architecture_reviews",
    "review_timelines",
)
_WAVE = ("integration_testing", "system_testing")
_RUN = ("performance_testing",)


def gate_texts(plan: Plan, level: GateLevel) -> tuple[tuple[str, str], ...]:
    """Name and text of what the plan's documents have under `testing_coordination` and `code_review` for the
    gates of that level: of a branch, of a wave, of the run."""
    names = {GateLevel.TASK: _BRANCH, GateLevel.WAVE: _WAVE, GateLevel.RUN: _RUN}.get(level, ())
    said: dict[str, str] = {}
    for key in ("testing_coordination", "code_review"):
        part = at(plan, "quality_assurance", key)
        if isinstance(part, Mapping):
            said |= {name: "; ".join(texts(value)) for name, value in part.items()}
    return tuple((name, said[name]) for name in names if said.get(name))
