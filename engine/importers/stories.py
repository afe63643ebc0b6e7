"""Tickets, stories and issues of other tools as native tasks: the same keys by many names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.importers.making import Maker, by_word, items_of, text_of, usable
from engine.importers.nodes import Broken, Entries, Items, Node, Scalar, is_null
from engine.importers.reading import found
from engine.importers.shapes import words_of
from engine.importers.words import (
    ID_KEYS,
    NEED_KEYS,
    TICKET,
    TICKET_KEYS,
    state_of,
    type_named,
    urgency_of,
)

_NOBODY = frozenset({"none", "nothing", "-"})
Change = Callable[[Node, Maker], Node]


def tasks_of(items: Sequence[Node], make: Maker) -> list[Node]:
    """One native task for each mapping of `items`; what else is there is told as an error. Keys of no known
    name go to `extra`."""
    wanted = _wanted(items, make)
    tasks: list[Node] = []
    for item in items:
        if isinstance(item, Entries):
            tasks.append(_task(item, wanted, make))
        elif not isinstance(item, Broken):
            make.error(item, f"{found(item)}; accepted: a mapping with id, title, files, dependencies ...")
    return tasks


def list_of(node: Node, make: Maker, what: str) -> list[Node]:
    """The items of a list that must be one; a mapping of mappings is a list whose items have their keys as
    ids. Anything else is told as an error, `what` saying what the items are."""
    if isinstance(node, Items):
        return node.items
    if isinstance(node, Entries):
        items = [_with_id(key, each, make) for key, each in node.entries if isinstance(each, Entries)]
        if items and len(items) == len(node.entries):
            return items
    if usable(node):
        make.error(node, f"{found(node)}; accepted: a list of {what}")
    return []


def named(node: Node, make: Maker) -> Node:
    """An id without the `#` that some put before it."""
    text = text_of(node)
    return make.text(text.lstrip("#"), node) if text.startswith("#") else node


def _with_id(key: Scalar, each: Entries, make: Maker) -> Node:
    known, _ = by_word(each, ID_KEYS)
    pairs = {name.text: inner for name, inner in each.entries}
    return each if known else make.entries({"id": make.text(key.text, each), **pairs}, each)


def _wanted(items: Sequence[Node], make: Maker) -> dict[str, list[Node]]:
    """What each ticket needs because others say that they are required by it."""
    words = words_of({key: TICKET[key] for key in ("id", "required_by")})
    tickets = [by_word(item, words)[0] for item in items if isinstance(item, Entries)]
    ids = {text_of(named(ticket["id"], make)) for ticket in tickets if "id" in ticket}
    wanted: dict[str, list[Node]] = {}
    for ticket in tickets:
        own = text_of(named(ticket["id"], make)) if "id" in ticket else ""
        if "required_by" not in ticket or not own:
            continue
        for target in items_of(_listed(ticket["required_by"], make)):
            name = text_of(named(target, make))
            if name in ids:
                wanted.setdefault(name, []).append(make.text(own, target))
            else:
                make.error(target, f"{found(target)}; accepted: the id of a ticket in this file")
    return wanted


def _task(item: Entries, wanted: Mapping[str, list[Node]], make: Maker) -> Node:
    known, unknown = by_word(item, TICKET_KEYS)
    made: dict[str, Node | None] = {key: node for key, node in known.items() if usable(node)}
    for key, change in _CHANGES.items():
        node = made.get(key)
        if node is not None:
            made[key] = change(node, make)
    if more := wanted.get(text_of(made.get("id"))):
        made["needs"] = _more_needs(made.get("needs"), more, item, make)
    made.pop("required_by", None)
    made["resources"] = _resources(made, item, make)
    for key in ("cores", "ram"):
        made.pop(key, None)
    made["extra"] = _extra(made.get("extra"), unknown, item, make)
    return make.entries(made, item)


def _extra(own: Node | None, unknown: dict[str, Node], item: Entries, make: Maker) -> Node | None:
    if not unknown:
        return own
    kept = {key.text: node for key, node in own.entries} if isinstance(own, Entries) else {}
    return make.entries({**kept, **unknown}, item)


def _listed(node: Node, make: Maker) -> Node:
    """A text with commas as a list; anything else as it is."""
    if not isinstance(node, Scalar) or is_null(node):
        return node
    parts = [part.strip() for part in node.text.split(",")]
    return make.texts((part for part in parts if part), node)


def _one_or_more(node: Node, make: Maker) -> Node:
    return make.items([node], node) if isinstance(node, Scalar) and not is_null(node) else node


def _names(node: Node, make: Maker) -> Node:
    names = _listed(node, make)
    return (
        make.items((named(each, make) for each in names.items), node) if isinstance(names, Items) else names
    )


def _needs(node: Node, make: Maker) -> Node:
    """A list of ids and mappings; `all` stays, it is written out when all tickets are known."""
    one = node.items[0] if isinstance(node, Items) and len(node.items) == 1 else node
    word = text_of(one).casefold()
    if word == "all":
        return one
    if word in _NOBODY:
        return make.items((), node)
    listed = make.items([node], node) if isinstance(node, Entries) else _listed(node, make)
    if not isinstance(listed, Items):
        return listed
    return make.items((_need(each, make) for each in listed.items), node)


def _need(node: Node, make: Maker) -> Node:
    if not isinstance(node, Entries):
        return named(node, make)
    known, unknown = by_word(node, NEED_KEYS)
    if "task" in known:
        known["task"] = named(known["task"], make)
    return make.entries({**known, **unknown}, node)


def _more_needs(own: Node | None, more: list[Node], item: Entries, make: Maker) -> Node:
    if isinstance(own, Scalar):
        return own
    return make.items([*(own.items if isinstance(own, Items) else ()), *more], own or item)


def _status(node: Node, make: Maker) -> Node:
    state = state_of(text_of(node))
    return make.text(state, node) if state else node


def _urgency(node: Node, make: Maker) -> Node:
    level = urgency_of(text_of(node))
    return make.text(level, node) if level else node


def _type(node: Node, make: Maker) -> Node:
    kind = type_named(text_of(node))
    return make.text(kind, node) if kind else node


def _resources(made: Mapping[str, Node | None], item: Entries, make: Maker) -> Node | None:
    own = made.get("resources")
    amounts: dict[str, Node | None] = {
        key: made[key] for key in ("cores", "ram") if made.get(key) is not None
    }
    if own is None:
        return make.entries(amounts, item) if amounts else None
    if isinstance(own, Entries):
        return make.entries({**amounts, **{key.text: node for key, node in own.entries}}, own)
    for each in items_of(_listed(own, make)):
        if name := text_of(each):
            amounts[name] = make.value(1, each)
        elif usable(each):
            make.error(each, f"{found(each)}; accepted: the name of a resource")
    return make.entries(amounts, own)


_CHANGES: dict[str, Change] = {
    "id": named,
    "type": _type,
    "status": _status,
    "urgency": _urgency,
    "needs": _needs,
    "conflicts_with": _names,
    "files": _listed,
    "reads": _listed,
    "tables": _listed,
    "labels": _listed,
    "skills": _listed,
    "steps": _one_or_more,
    "criteria": _one_or_more,
    "deliverables": _one_or_more,
}
