"""The five files in which a strategy keeps its plan (M025): the document and four parts of it, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FOLDER = "parallel-execution"
"""The folder of the five files below a project's state."""

PARTS = {
    "wave-schedules.json": "wave_execution_plan",
    "coordination-protocols.json": "coordination_protocols",
    "risk-mitigation-plan.json": "risk_management",
    "monitoring-config.json": "monitoring_and_control",
}
"""Of each file beside `execution-plan.json` the part that it holds."""


def state_files(document: Mapping[str, Any]) -> dict[str, str]:
    """The text of each file by its name, from an execution plan as data; a part that the document lacks is
    an empty mapping. Raises ValueError for a number that JSON has no word for."""
    files = {"execution-plan.json": document}
    files |= {name: document.get(part, {}) for name, part in PARTS.items()}
    return {name: to_json(data) for name, data in files.items()}


def to_json(data: Any) -> str:
    """Data as indented JSON with a line end; letters stay as they are."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
