"""`file_conflict_analysis`: files by how grave a clash in them is become file rules (M005)."""

from __future__ import annotations

from engine.importers.making import Maker, items_of, text_of
from engine.importers.nodes import Entries, Node

KIND = "file conflict analysis"
KEYS = ("file_conflict_analysis",)
EVERYBODY = "multiple"

_LEVELS = {"high_conflict_files": "high", "medium_conflict_files": "medium", "no_conflict_files": "low"}


def translate(root: Node, make: Maker) -> Node:
    """One rule for each file; the agent `multiple` stands for every task of the plan."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    analysis = root.entries[0][1]
    if not isinstance(analysis, Entries):
        make.error(analysis, f"accepted: a mapping with {', '.join(_LEVELS)}")
        return make.entries({}, root)
    rules: list[Node] = []
    for key, node in analysis.entries:
        if key.text not in _LEVELS:
            make.error(node, f"unknown key {key.text[:60]!r}; accepted: {', '.join(_LEVELS)}")
            continue
        rules += [_rule(item, _LEVELS[key.text], make) for item in items_of(node)]
    return make.entries({"file_rules": make.items(rules, analysis)}, root)


def _rule(item: Node, level: str, make: Maker) -> Node:
    if not isinstance(item, Entries):
        make.error(item, "accepted: a mapping with file, agents and resolution")
        return make.entries({}, item)
    agents = items_of(item.get("agents"))
    everybody = any(text_of(agent) == EVERYBODY for agent in agents)
    return make.entries(
        {
            "file": item.get("file"),
            "level": make.text(level, item),
            "resolution": item.get("resolution") or make.text("parallel_safe", item),
            "tasks": None if everybody else make.items(agents, item),
        },
        item,
    )
