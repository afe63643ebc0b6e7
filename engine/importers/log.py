"""What is wrong in a plan, collected with file, line and key path, so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from engine.core.errors import Fault, PlanError
from engine.core.few import few
from engine.importers.nodes import MAX_FAULTS, Entries, Items, Node, Path, show_path
from engine.importers.shapes import folded

_MAX_SEARCHES = 20
_LIST_AT_MOST = 24


class Log:
    """Errors and warnings about the tree under `root`; raises PlanError when there are absurdly many.

    `origins` has the key paths of nodes in files of another format, by the nodes' identity."""

    def __init__(self, root: Node) -> None:
        self.errors: list[Fault] = []
        self.warnings: list[Fault] = []
        self.root = root
        self.origins: dict[int, Path] = {}
        self._searches = 0

    def error(self, path: Path, message: str, node: Node | None = None) -> None:
        """An error at `path`; `node` is what lies there, when it is at hand."""
        self.errors.append(self._fault(path, message, node))
        if len(self.errors) >= MAX_FAULTS:
            more = Fault(f"{MAX_FAULTS} errors so far; the rest of the file was not looked at")
            raise PlanError([*self.errors, more])

    def warn(self, path: Path, message: str) -> None:
        if len(self.warnings) < MAX_FAULTS:
            self.warnings.append(self._fault(path, message, None))

    def nearest(self, word: str, words: Iterable[str]) -> str:
        """`; did you mean "needs"?`, or nothing when no word is near or enough were looked for already."""
        if self._searches >= _MAX_SEARCHES or len(word) > 100:
            return ""
        self._searches += 1
        words = list(words)
        same = [other for other in words if folded(other) == folded(word)]
        same = same or get_close_matches(word, words, n=1, cutoff=0.6)
        return f'; did you mean "{same[0]}"?' if same else ""

    def at(self, path: Path) -> Node:
        """What lies at `path`, or the innermost value on the way to it that exists."""
        node = self.root
        for part in path:
            inner: Node | None = None
            if isinstance(node, Entries) and isinstance(part, str):
                inner = node.get(part)
            elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
                inner = node.items[part]
            if inner is None:
                break
            node = inner
        return node

    def _fault(self, path: Path, message: str, node: Node | None) -> Fault:
        node = node or self.at(path)
        return Fault(message, node.file, node.line, show_path(self.origins.get(id(node), path)))


def listed(words: Iterable[str]) -> str:
    """The words with commas between them, cut short when there are many."""
    return few(words, _LIST_AT_MOST)
