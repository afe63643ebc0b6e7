"""Documents that wavetree wrote list the key paths of what it computed: read back, that is computed anew."""

from __future__ import annotations

from engine.importers.making import Maker, below, items_of, text_of
from engine.importers.nodes import Entries, Items, Node, Path, show_path

MARK = "x-wavetree"
LIST = "computed"


def without_computed(root: Node, make: Maker) -> Node:
    """The document without the values whose key paths it lists as computed, and without that list."""
    own = below(root, MARK)
    if not isinstance(own, Entries):
        return root
    paths = {text_of(item) for item in items_of(own.get(LIST))}
    return _pruned(root, (), paths | {MARK}, make)


def _pruned(node: Node, path: Path, paths: set[str], make: Maker) -> Node:
    if isinstance(node, Items):
        return make.items((_pruned(each, (*path, i), paths, make) for i, each in enumerate(node.items)), node)
    if not isinstance(node, Entries):
        return node
    kept = {key.text: inner for key, inner in node.entries if show_path((*path, key.text)) not in paths}
    return make.entries({key: _pruned(each, (*path, key), paths, make) for key, each in kept.items()}, node)
