"""An execution order: phases of stories, each phase with a mode; a phase is a wave (M010, D23)."""

from __future__ import annotations

import re

from engine.importers.fields import PLAN
from engine.importers.making import Maker, by_word, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node, Scalar
from engine.importers.reading import found
from engine.importers.shapes import folded, words_of
from engine.importers.stories import list_of, named, tasks_of
from engine.importers.words import ID_KEYS

KIND = "execution order"
KEYS: tuple[str, ...] = ()

_PHASE = words_of(
    {
        "phase": ("number", "id", "wave", "wave number"),
        "name": ("title",),
        "mode": ("execution mode",),
        "stories": ("tickets", "tasks"),
        "criteria": (
            *("success criteria", "wave success criteria"),
            *("acceptance criteria", "validation criteria"),
        ),
    }
)
_OF_WAVES = frozenset(map(folded, ("stories", "mode", "execution mode")))
_OWN = frozenset(field.key for field in PLAN.fields) - {"tasks", "waves", "name"}
_WHOLE = re.compile(r"[0-9]{1,9}")


def recognises(root: Node) -> bool:
    """Phases of which one has stories or a mode; those with `phase_id` are tasks of an execution plan."""
    if not isinstance(root, Entries):
        return False
    keys = [
        {folded(key.text) for key, _ in phase.entries}
        for phase in items_of(root.get("phases"))
        if isinstance(phase, Entries)
    ]
    return any(has & _OF_WAVES and folded("phase_id") not in has for has in keys)


def translate(root: Node, make: Maker) -> Node:
    """A wave for each phase, in the order of their numbers, and a task for each story. What a native plan has
    is taken as it is; everything else is kept in the section `execution_order`."""
    assert isinstance(root, Entries), "only mappings are recognised"
    phases = [known for item in items_of(root.get("phases")) if (known := _phase(item, make)) is not None]
    numbers = [text_of(phase.get("phase")) for phase in phases]
    if all(map(_WHOLE.fullmatch, numbers)):
        phases.sort(key=lambda phase: int(text_of(phase["phase"])))
    stories: list[Node] = []
    waves: list[Node] = []
    for phase in phases:
        listed = list_of(phase["stories"], make, "stories") if "stories" in phase else []
        stories += [story for story in listed if not isinstance(story, Scalar)]
        waves.append(_wave(phase, listed, make))
    made: dict[str, Node | None] = {key.text: node for key, node in root.entries if key.text in _OWN}
    others = {key.text: node for key, node in root.entries if key.text not in _OWN | {"phases"}}
    sections = {key.text: node for key, node in _entries(made.get("sections"))}
    title = root.get("name") or root.get("title")
    made |= {
        "name": title if text_of(title) else None,
        "tasks": make.items(tasks_of(stories, make), root),
        "waves": make.items(waves, root),
        "sections": make.entries({**sections, "execution_order": make.entries(others, root)}, root),
    }
    return make.entries(made, root)


def _entries(node: Node | None) -> list[tuple[Scalar, Node]]:
    return node.entries if isinstance(node, Entries) else []


def _phase(item: Node, make: Maker) -> dict[str, Node] | None:
    """What a phase has by the terms of `_PHASE`, its other keys under `extra`."""
    if not isinstance(item, Entries):
        if usable(item):
            make.error(item, f"{found(item)}; accepted: a mapping with phase, name, mode and stories")
        return None
    known, unknown = by_word(item, _PHASE)
    if any(folded(key) == folded("phase_id") for key in unknown):
        make.error(item, "has phase_id, so it is a task; accepted here: phases with stories")
    return {**known, "extra": make.entries(unknown, item), "whole": item}


def _wave(phase: dict[str, Node], stories: list[Node], make: Maker) -> Node:
    """A story that is no mapping is the id of a ticket that another file has."""
    whole = phase["whole"]
    names = [_name(story, make) for story in stories]
    return make.entries(
        {
            "name": phase.get("name"),
            "tasks": make.items((name for name in names if name is not None), phase.get("stories", whole)),
            "mode": phase.get("mode"),
            "criteria": _list(phase.get("criteria"), make),
            "extra": phase["extra"] if _entries(phase["extra"]) else None,
        },
        whole,
    )


def _name(story: Node, make: Maker) -> Node | None:
    if isinstance(story, Entries):
        name = by_word(story, ID_KEYS)[0].get("id")
        return named(name, make) if name is not None and usable(name) else None
    return named(story, make) if isinstance(story, Scalar) else None


def _list(node: Node | None, make: Maker) -> Node | None:
    if node is None or isinstance(node, Items):
        return node
    return make.items([node], node)
