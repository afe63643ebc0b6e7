"""Several files that make up one plan: tasks in one, waves or settings in another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.importers.nodes import Entries, Items, Node, Path, Scalar

Complain: TypeAlias = Callable[[Path, str, Node], None]
_FIRST_WINS = frozenset({"name", "wavetree"})


def merged(roots: list[Node], complain: Complain) -> Node:
    """One root for all files: lists are joined, mappings merged; a value given twice has to be the same.

    Indexes in key paths then count through all files. A root that is no mapping is left to the reader."""
    odd = next((root for root in roots if not isinstance(root, Entries)), None)
    if odd is not None:
        return odd
    whole, *others = roots
    for other in others:
        whole = _both(whole, other, (), complain)
    return whole


def _both(one: Node, two: Node, path: Path, complain: Complain) -> Node:
    match one, two:
        case Entries(), Entries():
            entries = {key.text: (key, node) for key, node in one.entries}
            for key, node in two.entries:
                known = entries.get(key.text)
                joined = node if known is None else _both(known[1], node, (*path, key.text), complain)
                entries[key.text] = (key if known is None else known[0], joined)
            return Entries(list(entries.values()), one.file, one.line)
        case Items(), Items():
            return Items(one.items + two.items, one.file, one.line)
        case Scalar(), Scalar() if one.text == two.text or path[-1] in _FIRST_WINS:
            return one
    complain(path, f"is given again; the first is in {one.file}:{one.line}", two)
    return one
