"""`tasks` of another tool: a list of tickets by that name, in a file that does not say `wavetree: 1`."""

from __future__ import annotations

from engine.importers.kinds.tickets import GROUPS, LISTS, plan_of
from engine.importers.making import Maker, items_of
from engine.importers.nodes import Entries, Node

KIND = "tickets"
KEYS: tuple[str, ...] = ()

_OWN = frozenset({"run", "simulate"})


def recognises(root: Node) -> bool:
    """Tasks with nothing beside them that native plans have; what looks like a native plan without its first
    line is none, so that its author is told what is missing."""
    if not isinstance(root, Entries) or root.get("tasks") is None:
        return False
    if any(key.text not in ("tasks", *LISTS, *GROUPS) for key, _ in root.entries):
        return False
    tasks = [item for item in items_of(root.get("tasks")) if isinstance(item, Entries)]
    return bool(tasks) and not any(key.text in _OWN for task in tasks for key, _ in task.entries)


def translate(root: Node, make: Maker) -> Node:
    """The same as for `tickets`."""
    assert isinstance(root, Entries), "only mappings are recognised"
    return plan_of(root, ("tasks", *LISTS), make)
