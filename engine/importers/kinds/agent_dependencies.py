"""`agent_dependency_analysis`: agents with what they do and whom they wait for become tasks (M002, M003)."""

from __future__ import annotations

from engine.importers.making import Maker, by_word, items_of, text_of
from engine.importers.nodes import Entries, Node
from engine.importers.shapes import words_of

KIND = "agent dependency analysis"
KEYS = ("agent_dependency_analysis",)

_WORDS = words_of(
    {
        "agent": ("name", "id"),
        "tasks": ("steps",),
        "conflicts_with": (),
        "depends_on": ("dependencies", "needs"),
        "estimated_duration": ("estimate", "estimated", "duration"),
    }
)
_LISTS = ("independent_agents", "dependent_agents")


def translate(root: Node, make: Maker) -> Node:
    """One task for each agent, its `tasks` being the steps. An agent in the wrong list is a warning."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    analysis = root.entries[0][1]
    if not isinstance(analysis, Entries):
        make.error(analysis, "accepted: a mapping with independent_agents and dependent_agents")
        return make.entries({}, root)
    tasks: list[Node] = []
    for name in _LISTS:
        for item in items_of(analysis.get(name)):
            tasks.append(_task(item, make, dependent=name == "dependent_agents"))
    for key, node in analysis.entries:
        if key.text not in _LISTS:
            make.error(node, f"unknown key {key.text[:60]!r}; accepted: {', '.join(_LISTS)}")
    return make.entries({"tasks": make.items(tasks, analysis)}, root)


def _task(item: Node, make: Maker, *, dependent: bool) -> Node:
    if not isinstance(item, Entries):
        make.error(item, "accepted: a mapping with agent, tasks and estimated_duration")
        return make.entries({}, item)
    known, unknown = by_word(item, _WORDS)
    waits = bool(items_of(known.get("depends_on")))
    if waits != dependent:
        listed, right = (_LISTS[1], _LISTS[0]) if dependent else (_LISTS[0], _LISTS[1])
        verb = "depends on others" if waits else "depends on nobody"
        make.warn(
            item, f"{text_of(known.get('agent'))} is listed in {listed} but {verb}: it is one of {right}"
        )
    return make.entries(
        {
            "id": known.get("agent"),
            "agent": known.get("agent"),
            "steps": known.get("tasks"),
            "conflicts_with": known.get("conflicts_with"),
            "needs": known.get("depends_on"),
            "estimate": known.get("estimated_duration"),
            "extra": make.entries(unknown, item) if unknown else None,
        },
        item,
    )
