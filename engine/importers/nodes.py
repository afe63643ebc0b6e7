"""A file's content as typed: scalars keep their text, and everything knows its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn, TypeAlias

from msgspec import Struct

from engine.core.errors import Fault, PlanError

MAX_DEPTH = 32
MAX_NODES = 500_000
MAX_ITEMS = 20_000
"""Entries of one list or mapping, and tasks of a plan: more than anybody schedules at once."""
_REMEDY = "split it into several plans, and run one after the other"
TOO_MANY = f"more than {MAX_ITEMS:,} entries; {_REMEDY}"
TOO_LARGE = f"more than {MAX_NODES:,} values; {_REMEDY}"
MAX_FAULTS = 500

Path: TypeAlias = tuple[str | int, ...]
"""The way from the root to a value: keys and indexes from 0."""


class Scalar(Struct, frozen=True, gc=False):
    """`quoted` tells the text "3" from the number 3, also in a block scalar; lines count from 1."""

    text: str
    quoted: bool
    file: str
    line: int


class Items(Struct, frozen=True, gc=False):
    """A list of nodes, and where it stands."""

    items: list[Node]
    file: str
    line: int


class Entries(Struct, frozen=True, gc=False):
    """A mapping in the order of the file; every key once. A tree has no cycles, so nothing of it is looked at
    by the collector: a file of many values makes it work for nothing."""

    entries: list[tuple[Scalar, Node]]
    file: str
    line: int

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.text == key), None)


class Broken(Struct, frozen=True, gc=False):
    """A value that was reported while it was loaded, so nobody has to complain of it again."""

    file: str
    line: int


Node: TypeAlias = Scalar | Items | Entries | Broken


def show_path(path: Path) -> str:
    """`tasks[3].needs[0].milestone`"""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class Builder:
    """Makes the tree of one file from what a reader tells it, within bounds; collects `faults` on the way.

    A reader calls `open_list`, `open_map`, `scalar`, `broken` and `close` in the order of the file. Every
    method raises PlanError when the file is nested too deep, has too many values or a list of too many.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.refused = False
        self.root: Node | None = None
        self._open: list[_Frame] = []
        self._nodes = 0

    def open_list(self, line: int) -> None:
        node = Items([], self.file, line)
        self._enter(node, line)

    def open_map(self, line: int) -> None:
        node = Entries([], self.file, line)
        self._enter(node, line)

    def close(self) -> None:
        frame = self._open.pop()
        if self._open:
            self._open[-1].key = Broken(self.file, frame.node.line) if frame.is_key else None

    def scalar(self, text: str, quoted: bool, line: int) -> None:
        self._put(Scalar(text, quoted, self.file, line))

    def refuse(self, message: str, line: int) -> None:
        """Note something for which the whole file is refused, whatever else it says."""
        self.refused = True
        self.fault(message, line)

    def broken(self, message: str, line: int) -> None:
        """The same, where a value would be."""
        self.refuse(message, line)
        self._put(Broken(self.file, line))

    def fault(self, message: str, line: int) -> None:
        """Note what is wrong here, the path being that of the innermost open value."""
        path = tuple(part for frame in self._open for part in frame.part(innermost=frame is self._open[-1]))
        self.faults.append(Fault(message, self.file, line, show_path(path)))
        if len(self.faults) >= MAX_FAULTS:
            raise PlanError(self.faults)

    def _enter(self, node: Items | Entries, line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            self.faults.append(Fault(f"nested deeper than {MAX_DEPTH} levels", self.file, line))
            raise PlanError(self.faults)
        is_key = self._put(node)
        self._open.append(_Frame(node, is_key))

    def _put(self, node: Node) -> bool:
        """Put `node` where the next value belongs; whether it stands where a key must be."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.faults.append(Fault(TOO_LARGE, self.file, node.line))
            raise PlanError(self.faults)
        if not self._open:
            self.root = node
            return False
        frame = self._open[-1]
        if isinstance(frame.node, Items):
            if len(frame.node.items) >= MAX_ITEMS:
                self._too_many(node.line)
            frame.node.items.append(node)
            return False
        if frame.key is None:
            if len(frame.node.entries) >= MAX_ITEMS:
                self._too_many(node.line)
            return self._key(frame, node)
        if isinstance(frame.key, Scalar):
            frame.node.entries.append((frame.key, node))
        if not isinstance(node, Items | Entries):
            frame.key = None
        return False

    def _too_many(self, line: int) -> NoReturn:
        path = tuple(part for frame in self._open[:-1] for part in frame.part(innermost=False))
        self.faults.append(Fault(TOO_MANY, self.file, line, show_path(path)))
        raise PlanError(self.faults)

    def _key(self, frame: _Frame, node: Node) -> bool:
        if not isinstance(node, Scalar):
            if not isinstance(node, Broken):
                self.fault("found a list or a mapping as a key; accepted: text", node.line)
            frame.key = Broken(self.file, node.line)
            return not isinstance(node, Broken)
        wrong = ""
        if is_null(node):
            wrong = "found a key without a name; accepted: text"
        elif node.text == "<<" and not node.quoted:
            wrong = "merge keys (<<) are not accepted; write the keys out"
            self.refused = True
        elif node.text in frame.seen:
            wrong = f"the key {node.text[:60]!r} is given twice, first in line {frame.seen[node.text]}"
        if wrong:
            self.fault(wrong, node.line)
            frame.key = Broken(self.file, node.line)
        else:
            frame.seen[node.text] = node.line
            frame.key = node
        return False


class _Frame:
    """An open list or mapping; `key` waits for its value to be complete."""

    __slots__ = ("is_key", "key", "node", "seen")

    def __init__(self, node: Items | Entries, is_key: bool) -> None:
        self.node = node
        self.is_key = is_key
        self.key: Scalar | Broken | None = None
        self.seen: dict[str, int] = {}

    def part(self, *, innermost: bool) -> Iterator[str | int]:
        """Where the value is that comes next, or that is open."""
        if isinstance(self.node, Items):
            yield len(self.node.items) - (0 if innermost else 1)
        elif isinstance(self.key, Scalar):
            yield self.key.text


def is_null(node: Scalar) -> bool:
    """Whether the scalar stands for no value in YAML or JSON."""
    return not node.quoted and node.text in ("", "~", "null", "Null", "NULL")
