"""`tickets`, `stories`, `issues` or `priorities`, with the epics and sprints they belong to (M011-M014)."""

from __future__ import annotations

from engine.importers.making import Maker, by_word, usable
from engine.importers.nodes import Entries, Node
from engine.importers.reading import found
from engine.importers.shapes import words_of
from engine.importers.stories import list_of, tasks_of
from engine.importers.words import GROUP_KEYS, TICKET

KIND = "tickets"
LISTS = ("tickets", "stories", "issues", "priorities")
GROUPS = {"epics": "epic", "sprints": "sprint"}
KEYS = (*LISTS, *GROUPS)


def translate(root: Node, make: Maker) -> Node:
    """One task for each ticket; the epics and sprints become sections of their name. Tickets may also be
    listed inside their epic or sprint."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    return plan_of(root, LISTS, make)


def plan_of(root: Entries, lists: tuple[str, ...], make: Maker) -> Node:
    """The tickets under the keys `lists` as native tasks, all as one list, and the groups beside them."""
    items: list[Node] = []
    sections: dict[str, Node | None] = {}
    for key, node in root.entries:
        if key.text in lists:
            items += list_of(node, make, "tickets")
        elif key.text in GROUPS:
            groups = _groups(node, key.text, make)
            sections[key.text] = make.items((group for group, _ in groups), node)
            items += [member for _, members in groups for member in members]
    tasks = tasks_of(items, make)
    return make.entries(
        {
            "tasks": make.items(tasks, root) if tasks else None,
            "sections": make.entries(sections, root) if sections else None,
            "trackers": make.items([make.text(root.file, root)], root) if tasks else None,
        },
        root,
    )


def _groups(node: Node, key: str, make: Maker) -> list[tuple[Node, list[Node]]]:
    """Each epic or sprint with the tickets that are listed inside it."""
    groups: list[tuple[Node, list[Node]]] = []
    for item in list_of(node, make, key):
        if isinstance(item, Entries):
            known, rest = by_word(item, GROUP_KEYS)
            members = [
                _member(each, GROUPS[key], known.get("id"), make)
                for name in LISTS
                if name in rest
                for each in list_of(rest.pop(name), make, "tickets")
            ]
            groups.append((make.entries({**known, **rest}, item), members))
        elif usable(item):
            make.error(item, f"{found(item)}; accepted: a mapping with id and title")
    return groups


def _member(item: Node, group: str, name: Node | None, make: Maker) -> Node:
    """The ticket with the epic or sprint it is listed in, when it does not say so itself."""
    if not isinstance(item, Entries) or by_word(item, words_of({group: TICKET[group]}))[0]:
        return item
    return make.entries({**{key.text: node for key, node in item.entries}, group: name}, item)
