"""The story of six agents, as its documents tell it and as one that is too crowded."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from engine.core.plan import Plan
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


def story() -> Plan:
    names = ("agent_dependency_analysis", "file_conflict_analysis", "parallel_block_design")
    return load(*(DOCUMENTS / f"000_{name}.yaml" for name in names))


def crowded() -> Plan:
    """The story with its last agent moved into the second block, as an author could."""
    first, second, _ = (plan := story()).waves
    return replace(plan, waves=(first, replace(second, tasks=(*second.tasks, "workflow-specialist"))))
