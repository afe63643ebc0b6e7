"""The configuration file of a story: who coordinates, how often is looked, what is told (M029)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.core import durations
from engine.core.plan import Plan, Span
from engine.core.story_defaults import INTEGRATION

_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")


def story_id(plan: Plan) -> str:
    """The id of the plan's story, else its name made into one: letters, digits and single dashes."""
    own = plan.story.id if plan.story is not None else ""
    return own or _NOT_NAME.sub("-", plan.name).strip("-")[:60].rstrip("-") or "story"


def config_name(name: str) -> str:
    """The name of the configuration file of the story `name`."""
    return f"{name}-parallel-config.yaml"


def integration_setup(plan: Plan) -> dict[str, Any]:
    """`integration_setup` with its three parts: what the plan has of them, the rest as it is in force.

    `parallel_config_file` always names this story's own file; placeholders of a template count as unsaid."""
    name, said = story_id(plan), plan.sections.get("integration_setup")
    own = said if isinstance(said, Mapping) else {}
    sequential = plan.slots == 1
    interval = durations.text(Span(plan.settings.scan_interval, plan.settings.scan_interval, "second"))
    computed = {
        "coordinator_config": {
            "execution_mode": "sequential" if sequential else "smart_parallel",
            "parallel_config_file": config_name(name),
        },
        "analyzer_config": {"monitoring_interval": interval},
    }
    parts = {**INTEGRATION, **{key: value for key, value in own.items() if key not in INTEGRATION}}
    setup = {
        key: _merged(default, computed.get(key, {}), own.get(key)) if key in INTEGRATION else default
        for key, default in parts.items()
    }
    setup["coordinator_config"]["parallel_config_file"] = config_name(name)
    return {"integration_setup": setup}


def _merged(default: Any, computed: Mapping[str, Any], own: Any) -> dict[str, Any]:
    kept = (
        {key: value for key, value in own.items() if "${" not in str(value)}
        if isinstance(own, Mapping)
        else {}
    )
    return {**default, **computed, **kept}
