"""From a file of any kind to the native tree: the kind is told by the content, the importer by its file.

An importer is a module in `kinds` with

- `KIND`: what people call such a file;
- `KEYS`: the top-level keys that it reads; a file may hold several importers' keys. Empty when the whole file
  is its business;
- `recognises(root)`: for importers of whole files, whether this is one;
- `translate(root, make)`: the native tree. For importers with keys, `root` has only those of its keys that
  are there.

One whose documents may hold keys of any name has `rest(root, make)` for those that no importer knows.
One with several kinds of section also has `kinds_in(root)`: what people call those that are there; in a
document of the former they are parts of it and go without saying.

A format that is not YAML or JSON also has `from_text(text, file)`: its tree, or None when it is another one.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol, cast

from engine.importers.computed import without_computed
from engine.importers.making import Maker
from engine.importers.merging import merged
from engine.importers.nodes import Entries, Node

NATIVE = "plan"


class Importer(Protocol):
    """A format told by its keys: with any of `KEYS` at the top, a file is of this `KIND`. `translate`
    makes the native tree of it."""

    KIND: str
    KEYS: tuple[str, ...]

    def translate(self, root: Node, make: Maker) -> Node: ...


class WholeImporter(Importer, Protocol):
    """A format without keys of its own, told by a look at the whole file; `KEYS` is empty."""

    def recognises(self, root: Node) -> bool: ...


class TextImporter(WholeImporter, Protocol):
    """A format that is neither YAML nor JSON; `from_text` is None for a text that is not of it."""

    def from_text(self, text: str, file: str) -> Node | None: ...


def from_text(text: str, file: str) -> Node | None:
    """The tree of a file that is neither YAML nor JSON, when an importer knows its format."""
    for importer in _importers():
        if hasattr(importer, "from_text"):
            root = cast(TextImporter, importer).from_text(text, file)
            if root is not None:
                return root
    return None


def translate(root: Node, make: Maker) -> tuple[Node, tuple[str, ...]]:
    """The native tree of a file and the kinds of what it holds; a native plan stays as it is."""
    root = without_computed(root, make)
    for importer in _importers():
        if not importer.KEYS and cast(WholeImporter, importer).recognises(root):
            return importer.translate(root, make), (importer.KIND,)
    if not isinstance(root, Entries):
        return root, (NATIVE,)
    return _by_keys(root, make)


def top_level_keys() -> frozenset[str]:
    """The keys at the top of a file by which it can be told that it is a plan or another document of ours."""
    known = {key for importer in _importers() for key in importer.KEYS}
    return frozenset(known | {"wavetree", "tasks", "phases"})


def _by_keys(root: Entries, make: Maker) -> tuple[Node, tuple[str, ...]]:
    parts: list[Node] = []
    whole: list[str] = []
    kinds: list[str] = []
    sections: list[str] = []
    claimed: set[str] = set()
    for importer in _importers():
        mine = [(key, node) for key, node in root.entries if key.text in importer.KEYS]
        if mine:
            claimed |= {key.text for key, _ in mine}
            part = Entries(mine, root.file, root.line)
            parts.append(importer.translate(part, make))
            if hasattr(importer, "rest"):
                whole.append(importer.KIND)
            elif hasattr(importer, "kinds_in"):
                sections += importer.kinds_in(part)
            else:
                kinds.append(importer.KIND)
    rest = [(key, node) for key, node in root.entries if key.text not in claimed]
    if not parts:
        return root, (NATIVE,)
    kinds = [*whole, *kinds] if whole else [*kinds, *sections]
    if rest:
        parts.append(_rest(Entries(rest, root.file, root.line), kinds, make))
        if root.get("wavetree") is not None:
            kinds.insert(0, NATIVE)
    return merged(parts, lambda path, message, node: make.error(node, message)), tuple(kinds)


def _rest(rest: Entries, kinds: list[str], make: Maker) -> Node:
    """What no importer reads: of a document whose importer keeps the rest, its business; else native."""
    for importer in _importers():
        if importer.KIND in kinds and hasattr(importer, "rest"):
            kept: Node = importer.rest(rest, make)
            return kept
    return rest


@cache
def _importers() -> tuple[Importer, ...]:
    folder = importlib.import_module("engine.importers.kinds").__path__
    names = sorted(found.name for found in pkgutil.iter_modules(folder))
    modules = [importlib.import_module(f"engine.importers.kinds.{name}") for name in names]
    return tuple(cast(Importer, module) for module in modules if hasattr(module, "KIND"))
