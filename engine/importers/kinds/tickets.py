"""`tickets`, `stories`, `issues` or `priorities`, with the epics and sprints they belong to (M011-M014)."""

from __future__ import annotations

from engine.importers.making import Maker, by_word, usable
from engine.importers.nodes import Entries, Node
from engine.importers.reading import found
from engine.importers.stories import list_of, tasks_of
from engine.importers.words import GROUP

KIND = "tickets"
LISTS = ("tickets", "stories", "issues", "priorities")
GROUPS = ("epics", "sprints")
KEYS = (*LISTS, *GROUPS)


def translate(root: Node, make: Maker) -> Node:
    """One task for each ticket; the epics and sprints become sections of their name."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    return plan_of(root, LISTS, make)


def plan_of(root: Entries, lists: tuple[str, ...], make: Maker) -> Node:
    """The tickets under the keys `lists` as native tasks, all as one list, and the groups beside them."""
    items = [
        item for key, node in root.entries if key.text in lists for item in list_of(node, make, "tickets")
    ]
    sections = {
        key.text: make.items((_group(item, make) for item in list_of(node, make, key.text)), node)
        for key, node in root.entries
        if key.text in GROUPS and usable(node)
    }
    listed = any(key.text in lists for key, _ in root.entries)
    return make.entries(
        {
            "tasks": make.items(tasks_of(items, make), root) if listed else None,
            "sections": make.entries(sections, root) if sections else None,
        },
        root,
    )


def _group(item: Node, make: Maker) -> Node:
    if not isinstance(item, Entries):
        if usable(item):
            make.error(item, f"{found(item)}; accepted: a mapping with id and title")
        return make.entries({"id": make.text("-", item)}, item)
    known, unknown = by_word(item, GROUP)
    return make.entries({**known, **unknown}, item)
