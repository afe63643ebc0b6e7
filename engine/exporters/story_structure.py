"""`parallel_story_structure`: the story as data, with its blocks, switches and fallbacks (M027)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.plan import Plan
from engine.core.story_defaults import FALLBACKS, MONITORING
from engine.core.strategy import at, dicts
from engine.exporters.blocks import definition
from engine.exporters.outline import Outline, minutes


def story_structure(of: Outline) -> dict[str, Any]:
    """The structure of a plan. The total is in minutes, as the format says; switches and strategies are the
    plan's own, else those in force."""
    mode = "sequential" if of.slots == 1 else "smart_parallel"
    return {
        "parallel_story_structure": {
            "execution_metadata": {
                "execution_mode": mode,
                "total_agents": len(of.plan.tasks),
                "parallel_blocks": len(of.blocks),
                "estimated_duration": f"{minutes(of.told.seconds)} minutes",
            },
            "execution_blocks": {block.key: definition(block, of) for block in of.blocks},
            "monitoring": monitoring(of.plan),
            "failure_recovery": {"strategies": strategies(of.plan)},
        }
    }


def monitoring(plan: Plan) -> dict[str, Any]:
    """The switches of the story, on where the plan does not say."""
    own = at(plan, "parallel_story_structure", "monitoring")
    return {**MONITORING, **(own if isinstance(own, dict) else {})}


def strategies(plan: Plan) -> list[Any]:
    """The names of the fallbacks, in the order of the plan."""
    recovery = at(plan, "parallel_story_structure", "failure_recovery")
    named = recovery.get("strategies") if isinstance(recovery, dict) else None
    if isinstance(named, list) and named:
        return named
    return [each["strategy"] for each in fallbacks(plan) if "strategy" in each]


def fallbacks(plan: Plan) -> list[Mapping[str, Any]]:
    """What is done when the rules do not settle a conflict: `strategy` and `trigger` of each."""
    return dicts(at(plan, "conflict_resolution", "fallback_strategies")) or list(FALLBACKS)
