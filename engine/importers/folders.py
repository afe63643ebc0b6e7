"""Folders declared by their bare names: taken as such when another entry lies below them (M044)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.core.parts import path_of
from engine.importers.log import Log
from engine.importers.nodes import Path
from engine.importers.reading import BAD
from engine.importers.task_data import dicts

_LISTS = ("files", "reads")
_WILD = frozenset("*?")


def with_folders(data: dict[str, Any], log: Log) -> dict[str, Any]:
    """The plan's data where `src` is written `src/` when something below `src` is declared too, as nothing
    lies below a file; the log is warned of each. `data` is the plan as read."""
    bare = {name for entry in _entries(data) if (name := _bare(entry))}
    folders = {name for entry in _entries(data) for name in _above(path_of(entry)) if name in bare}
    if not folders:
        return data
    tasks = [
        task if task is BAD else _task(task, ("tasks", index), folders, log)
        for index, task in enumerate(data.get("tasks", ()))
    ]
    rules = [
        rule
        if rule is BAD or "file" not in rule
        else {**rule, "file": _written(rule["file"], ("file_rules", index, "file"), folders, log)}
        for index, rule in enumerate(data.get("file_rules", ()))
    ]
    return {**data, "tasks": tuple(tasks), **({"file_rules": tuple(rules)} if rules else {})}


def _entries(data: dict[str, Any]) -> Iterator[str]:
    for _, task in dicts(data.get("tasks", ())):
        for key in _LISTS:
            yield from (entry for entry in task.get(key, ()) if entry is not BAD)
    yield from (rule["file"] for _, rule in dicts(data.get("file_rules", ())) if "file" in rule)


def _bare(entry: str) -> str:
    """The path of an entry that may be a folder's name; empty for patterns, parts and what ends in `/`."""
    whole = path_of(entry) == entry and not entry.endswith("/") and not _WILD & set(entry)
    return entry.removeprefix("./") if whole else ""


def _above(path: str) -> Iterable[str]:
    """The folders that a path or pattern begins with."""
    path = path.removeprefix("./")
    return (path[:place] for place, letter in enumerate(path) if letter == "/")


def _task(task: dict[str, Any], path: Path, folders: set[str], log: Log) -> dict[str, Any]:
    changed = {
        key: tuple(
            entry if entry is BAD else _written(entry, (*path, key, place), folders, log)
            for place, entry in enumerate(task[key])
        )
        for key in _LISTS
        if key in task
    }
    return {**task, **changed}


def _written(entry: str, path: Path, folders: set[str], log: Log) -> str:
    if _bare(entry) not in folders:
        return entry
    log.warn(path, f"{entry[:60]} is a folder; written {entry[:60]}/")
    return f"{entry}/"
