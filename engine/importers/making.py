"""Makes native nodes out of another format's: everything made stands where its source stood, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeAlias, TypeVar

from engine.core.errors import Fault, PlanError
from engine.importers.nodes import MAX_FAULTS, Broken, Entries, Items, Node, Path, Scalar, is_null, show_path
from engine.importers.shapes import folded

Made: TypeAlias = Mapping[str, Node | None]
_Kept = TypeVar("_Kept", Scalar, Items, Entries)


class Maker:
    """Builds the native tree of one file; `errors` and `warnings` are what its importer found wrong.

    Whatever was made is kept alive, so that no identity is used twice."""

    def __init__(self, root: Node) -> None:
        self.errors: list[Fault] = []
        self.warnings: list[Fault] = []
        self._made: list[Node] = [root]

    @cached_property
    def origins(self) -> dict[int, Path]:
        """The key path in the file of every node, by the node's identity: messages name what the author
        wrote, not what it became. Found when it is first asked for: native plans need none."""
        return _traced(self._made[0])

    def error(self, node: Node, message: str) -> None:
        self.errors.append(self._fault(node, message))
        if len(self.errors) >= MAX_FAULTS:
            raise PlanError(self.errors)

    def warn(self, node: Node, message: str) -> None:
        if len(self.warnings) < MAX_FAULTS:
            self.warnings.append(self._fault(node, message))

    def text(self, value: str, at: Node) -> Scalar:
        """A text that stands where `at` stood."""
        return self._keep(Scalar(value, True, at.file, at.line), at)

    def value(self, value: float | bool, at: Node) -> Scalar:
        """A number or a truth value that stands where `at` stood."""
        word = str(value).lower() if isinstance(value, bool) else f"{value:.15g}"
        return self._keep(Scalar(word, False, at.file, at.line), at)

    def items(self, nodes: Iterable[Node], at: Node) -> Items:
        return self._keep(Items(list(nodes), at.file, at.line), at)

    def texts(self, values: Iterable[str], at: Node) -> Items:
        return self.items((self.text(value, at) for value in values), at)

    def entries(self, made: Made, at: Node) -> Entries:
        """A mapping; keys whose value is None are left out."""
        pairs = [
            (Scalar(key, False, node.file, node.line), node) for key, node in made.items() if node is not None
        ]
        for key, node in pairs:
            self.origins[id(key)] = self.origins.get(id(node), ())
        return self._keep(Entries(pairs, at.file, at.line), at)

    def _keep(self, node: _Kept, at: Node) -> _Kept:
        self._made.append(node)
        self.origins[id(node)] = self.origins.get(id(at), ())
        return node

    def _fault(self, node: Node, message: str) -> Fault:
        return Fault(message, node.file, node.line, show_path(self.origins.get(id(node), ())))


def _traced(root: Node) -> dict[int, Path]:
    paths: dict[int, Path] = {}
    todo: list[tuple[Node, Path]] = [(root, ())]
    while todo:
        node, path = todo.pop()
        paths[id(node)] = path
        if isinstance(node, Entries):
            todo += [(inner, (*path, key.text)) for key, inner in node.entries]
        elif isinstance(node, Items):
            todo += [(inner, (*path, index)) for index, inner in enumerate(node.items)]
    return paths


def text_of(node: Node | None) -> str:
    """The text of a scalar; empty for anything else and for no value."""
    return node.text if isinstance(node, Scalar) and not is_null(node) else ""


def items_of(node: Node | None) -> list[Node]:
    """The items of a list; a single scalar counts as a list of one, nothing as an empty one."""
    if isinstance(node, Items):
        return node.items
    return [node] if isinstance(node, Scalar) and not is_null(node) else []


def below(node: Node | None, *keys: str) -> Node | None:
    """What lies under the keys, each in the mapping under the one before; None when it is not there."""
    for key in keys:
        node = node.get(key) if isinstance(node, Entries) else None
    return node


def by_word(node: Entries, terms: Mapping[str, str]) -> tuple[dict[str, Node], dict[str, Node]]:
    """The values of a mapping by the term that each key's word stands for, and those of no known word.

    `terms` is made by `words_of`; letter case and `-`, `_`, blanks do not matter. The first of two synonyms
    in one mapping wins, the other one stays with the unknown."""
    known: dict[str, Node] = {}
    unknown: dict[str, Node] = {}
    for key, inner in node.entries:
        term = terms.get(folded(key.text))
        if term is None or term in known:
            unknown[key.text] = inner
        else:
            known[term] = inner
    return known, unknown


def usable(node: Node | None) -> bool:
    """Whether there is a value that can be read; what is broken was reported already."""
    return (
        node is not None and not isinstance(node, Broken) and not (isinstance(node, Scalar) and is_null(node))
    )
