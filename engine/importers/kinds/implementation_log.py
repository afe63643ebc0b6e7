"""An implementation log: what became of each story; given beside an execution order, it completes stories."""

from __future__ import annotations

from engine.importers.making import Maker, by_word, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node
from engine.importers.reading import found
from engine.importers.shapes import folded
from engine.importers.task_fields import STATES
from engine.importers.words import LOGGED_KEYS, state_of

KIND = "implementation log"
KEYS: tuple[str, ...] = ()

_MARK = folded("storyNumber")


def recognises(root: Node) -> bool:
    """A list with the number of a story in one of its mappings."""
    return isinstance(root, Items) and any(
        folded(key.text) == _MARK
        for item in root.items
        if isinstance(item, Entries)
        for key, _ in item.entries
    )


def translate(root: Node, make: Maker) -> Node:
    """The log as the section `implementation_log`; it has no tasks of its own."""
    for item in items_of(root):
        _check(item, make)
    return make.entries({"sections": make.entries({"implementation_log": root}, root)}, root)


def _check(item: Node, make: Maker) -> None:
    if not isinstance(item, Entries):
        if usable(item):
            make.error(item, f"{found(item)}; accepted: a mapping with storyNumber and status")
        return
    known, _ = by_word(item, LOGGED_KEYS)
    if not text_of(known.get("story")):
        at = known.get("story", item)
        make.error(at, "has no story; accepted: storyNumber, the number of a story")
    status = known.get("status")
    if status is not None and state_of(text_of(status)) is None:
        make.error(status, f"{found(status)}; accepted: {', '.join(STATES)} and their other words")
