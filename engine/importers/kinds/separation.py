"""What a check of task separation found: tasks that can run side by side, and tasks that clash (D05)."""

from __future__ import annotations

import re

from engine.importers.making import Maker, items_of, text_of, usable
from engine.importers.nodes import Entries, Items, Node, Scalar
from engine.importers.reading import found

KIND = "task separation"
KEYS: tuple[str, ...] = ()

_PARTS = ("independent_pairs", "conflicts", "task_file_map")
_LONGEST = 200
_PAIR = re.compile(r"\s*[\[(]?\s*([^\s,\[\]()]{1,80})\s*,\s*([^\s,\[\]()]{1,80})\s*[\])]?\s*")
_WHOLE = re.compile(r"[0-9]{1,9}")


def recognises(root: Node) -> bool:
    """A verdict with one of its lists."""
    return (
        isinstance(root, Entries)
        and root.get("valid") is not None
        and any(root.get(key) is not None for key in _PARTS)
    )


def translate(root: Node, make: Maker) -> Node:
    """The tasks with their files; those that clash never run side by side. The document itself is kept in the
    section `task_separation`."""
    assert isinstance(root, Entries), "only mappings are recognised"
    valid = root.get("valid")
    if valid is not None and text_of(valid) not in ("true", "false", "yes", "no"):
        make.error(valid, f"{found(valid)}; accepted: true or false")
    ids: dict[str, Node] = {}
    files: dict[str, list[Node]] = {}
    foes: dict[str, dict[str, Node]] = {}
    _add_files(root.get("task_file_map"), ids, files, make)
    _add_pairs(root.get("independent_pairs"), ids, make)
    _add_conflicts(root.get("conflicts"), ids, files, foes, make)
    order = sorted(ids, key=int) if all(map(_WHOLE.fullmatch, ids)) else list(ids)
    tasks = [
        make.entries(
            {
                "id": make.text(name, ids[name]),
                "files": make.items(files[name], ids[name]) if name in files else None,
                "conflicts_with": _names(foes[name], ids[name], make) if name in foes else None,
            },
            ids[name],
        )
        for name in order
    ]
    return make.entries(
        {
            "tasks": make.items(tasks, root),
            "conflicts": make.entries({"on_conflict": make.text("split", root)}, root),
            "sections": make.entries({"task_separation": root}, root),
        },
        root,
    )


def _names(foes: dict[str, Node], at: Node, make: Maker) -> Node:
    return make.items((make.text(name, node) for name, node in foes.items()), at)


def _pairs_of(node: Node | None, make: Maker, accepted: str) -> list[tuple[Scalar, Node]]:
    if isinstance(node, Entries):
        return node.entries
    if node is not None and usable(node):
        make.error(node, f"{found(node)}; accepted: {accepted}")
    return []


def _add_files(node: Node | None, ids: dict[str, Node], files: dict[str, list[Node]], make: Maker) -> None:
    for key, listed in _pairs_of(node, make, "a mapping of tasks to lists of files"):
        ids.setdefault(key.text, listed)
        files[key.text] = list(_texts(listed, make))


def _add_pairs(node: Node | None, ids: dict[str, Node], make: Maker) -> None:
    if node is not None and usable(node) and not isinstance(node, Items):
        make.error(node, f"{found(node)}; accepted: a list of pairs of tasks")
    for pair in node.items if isinstance(node, Items) else ():
        names = [text_of(each) for each in items_of(pair)]
        if len(names) != 2 or not all(names):
            make.error(pair, f"{found(pair)}; accepted: a list of two tasks")
            continue
        for name in names:
            ids.setdefault(name, pair)


def _add_conflicts(
    node: Node | None,
    ids: dict[str, Node],
    files: dict[str, list[Node]],
    foes: dict[str, dict[str, Node]],
    make: Maker,
) -> None:
    """Each key names two tasks, such as `[65, 66]`; its files are files of both."""
    for key, listed in _pairs_of(node, make, "a mapping of pairs such as `[65, 66]` to lists of files"):
        pair = _PAIR.fullmatch(key.text.strip()) if len(key.text) < _LONGEST else None
        names = [name.strip("\"'") for name in pair.groups()] if pair else []
        if not all(names) or len(set(names)) != 2:
            make.error(listed, f"found the key {key.text[:60]!r}; accepted: two tasks, such as `[65, 66]`")
            continue
        shared = _texts(listed, make)
        for name, other in (names, reversed(names)):
            ids.setdefault(name, listed)
            foes.setdefault(name, {})[other] = listed
            known = {text_of(file) for file in files.setdefault(name, [])}
            files[name] += [file for file in shared if text_of(file) not in known]


def _texts(node: Node, make: Maker) -> list[Node]:
    """A list of files; what is none is told by whoever reads the tasks."""
    if isinstance(node, Entries):
        make.error(node, f"{found(node)}; accepted: a list of files")
    return items_of(node)
