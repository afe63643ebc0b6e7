"""A dependency analysis that wavetree wrote: the plan in it, bound to the analysis by its id (M009)."""

from __future__ import annotations

from engine.importers.making import Maker
from engine.importers.nodes import Entries, Node

KIND = "dependency analysis"
KEYS = ("dependency_graph_id", "analyzed", "plan", "analysis_results")


def translate(root: Node, make: Maker) -> Node:
    """The plan of the analysis; its results are computed anew."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    plan = root.get("plan")
    if not isinstance(plan, Entries):
        make.error(plan or root, "an analysis has the plan it was made of under the key plan")
        return make.entries({}, root)
    kept = {key.text: node for key, node in plan.entries if key.text != "analysis"}
    return make.entries({**kept, "analysis": root.get("dependency_graph_id")}, plan)
