"""What checks read of tasks and waves that were read, some of whose values may be bad."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from engine.importers.log import Log
from engine.importers.nodes import Entries, Path
from engine.importers.reading import BAD

Tasks: TypeAlias = dict[str, tuple[int, dict[str, Any]]]
"""Tasks by id, each with its place in the plan."""


def dicts(values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The good items of a list with their places."""
    return ((index, value) for index, value in enumerate(values) if value is not BAD)


def needs_of(task: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The needs of a task that name one, with their places."""
    return ((index, need) for index, need in dicts(task.get("needs", ())) if "task" in need)


def tell_unknown(name: str, tasks: Iterable[str], path: Path, log: Log) -> None:
    """Tell the log that what lies at `path` is the id of none of the tasks."""
    log.error(path, f"found {name!r}; accepted: the id of a task{log.nearest(name, tasks)}")


def need_path(task: int, need: int, log: Log) -> Path:
    """Where a need names its task, by the places of both."""
    path: Path = ("tasks", task, "needs", need)
    return (*path, "task") if isinstance(log.at(path), Entries) else path
