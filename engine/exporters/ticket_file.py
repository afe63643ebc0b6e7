"""Says in a ticket file that tickets are done, every other character staying as it is (M195).

The file is read as YAML, of which JSON is a part, and only the places of the values that change are replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.importers.kinds.tickets import GROUPS, LISTS
from engine.importers.shapes import folded
from engine.importers.words import ID_KEYS, state_of

DONE = "Done"
_CLOSED = {"OPEN": "CLOSED", "open": "closed", "Open": "Closed"}
_STATUS = frozenset({"status", "state"})
Place = tuple[int, int, str]
"""From where to where the text is replaced, and by what."""


def with_done(text: str, tickets: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The file with these tickets done, and those of which it did not say so. Tickets that it does not have
    are passed over, and so is everything in a file that is no YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text, ()
    wanted, places, changed = {*tickets}, [], []
    for name, ticket in _tickets(root):
        if name in wanted and (found := list(_places(ticket, text))):
            places += found
            changed.append(name)
    for start, end, said in sorted(places, reverse=True):
        text = text[:start] + said + text[end:]
    return text, tuple(changed)


def _tickets(node: Node | None) -> Iterator[tuple[str, MappingNode]]:
    """Every ticket with its id as a task has it: in lists, under the names of lists, inside of groups."""
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _ticket(item, "")
    elif isinstance(node, MappingNode):
        listed = False
        for key, value in _pairs(node):
            if key in LISTS or key in GROUPS:
                listed = True
                yield from _listed(value)
        if not listed:
            yield from _ticket(node, "")


def _listed(node: Node) -> Iterator[tuple[str, MappingNode]]:
    if isinstance(node, MappingNode):  # a mapping of mappings: the keys are the ids
        for key, value in _pairs(node):
            yield from _ticket(value, key)
    else:
        yield from _tickets(node)


def _ticket(node: Node, name: str) -> Iterator[tuple[str, MappingNode]]:
    if not isinstance(node, MappingNode):
        return
    said = dict(_pairs(node))
    if "number" in said and "state" in said and isinstance(said["number"], ScalarNode):
        yield f"GH-{said['number'].value}", node
    keys = ("key",) if "fields" in said and "key" in said else tuple(said)  # Jira's ids are not its keys
    named = (said[key] for key in keys if folded(key) in ID_KEYS)
    ids = [value.value for value in named if isinstance(value, ScalarNode)]
    if own := (ids[0].lstrip("#") if ids else name):
        yield own, node
    for key, value in said.items():
        if key in LISTS:
            yield from _listed(value)


def _places(ticket: MappingNode, text: str) -> Iterator[Place]:
    """What has to change of one ticket: of a Jira issue its status and that one's category, of an issue of
    GitHub its state, of others the value of their status, which may have to be added."""
    said = dict(_pairs(ticket))
    fields, state = said.get("fields"), said.get("state")
    if isinstance(fields, MappingNode):
        status = dict(_pairs(fields)).get("status")
        if isinstance(status, MappingNode):
            yield from _of_jira(status)
        return
    if "number" in said and isinstance(state, ScalarNode) and state.value in _CLOSED:
        yield _replaced(state, _CLOSED[state.value])
        return
    own = next((value for key, value in said.items() if folded(key) in _STATUS), None)
    if own is None:
        yield _added(ticket, text)
    elif isinstance(own, ScalarNode) and state_of(own.value) != "complete":
        yield _replaced(own, DONE)


def _of_jira(status: MappingNode) -> Iterator[Place]:
    said = dict(_pairs(status))
    category = said.get("statusCategory")
    inner = dict(_pairs(category)) if isinstance(category, MappingNode) else {}
    for node, word in ((said.get("name"), DONE), (inner.get("key"), "done"), (inner.get("name"), DONE)):
        if isinstance(node, ScalarNode) and node.value != word:
            yield _replaced(node, word)


def _replaced(node: ScalarNode, word: str) -> Place:
    quote = node.style if node.style in ("'", '"') else ""
    start, end = node.start_mark.index, node.end_mark.index
    gap = " " if start == end else ""  # `status:` without a value
    return start, end, f"{gap}{quote}{word}{quote}"


def _added(ticket: MappingNode, text: str) -> Place:
    """A status as the ticket's first key, in the ticket's own style."""
    if not ticket.value:
        return ticket.start_mark.index, ticket.start_mark.index, ""
    key = ticket.value[0][0]
    quote = key.style if key.style in ("'", '"') else ""
    at = key.start_mark.index
    pair = f"{quote}status{quote}: {quote}{DONE}{quote}"
    if ticket.flow_style:
        return at, at, f"{pair}, "
    end = "\r\n" if "\r\n" in text else "\n"
    return at, at, f"{pair}{end}{' ' * key.start_mark.column}"


def _pairs(node: MappingNode) -> list[tuple[str, Node]]:
    return [(key.value, value) for key, value in node.value if isinstance(key, ScalarNode)]
