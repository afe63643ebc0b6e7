"""What single values cannot show: ids, needs, cycles, waves and agents of a plan fit together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from engine.core import graph, parts
from engine.core.naming import watched
from engine.importers.agent_check import check_agents
from engine.importers.log import Log
from engine.importers.nodes import Path
from engine.importers.reading import BAD
from engine.importers.task_data import Tasks, dicts, need_path, needs_of, tell_unknown
from engine.importers.wave_check import check_order, check_waves


def check(data: dict[str, Any], log: Log, *, lenient: bool = False) -> bool:
    """Tell the log all that does not fit; `data` is the plan as read, with its bad values left out. Whether
    nothing is wrong but needs that its waves do not respect.

    In a `lenient` one, made of other tools' documents, it may be open who does a task."""
    tasks = _by_id(data, log)
    _needs(tasks, log)
    _cycles(tasks, log)
    placed = check_waves(data["waves"], tasks, log) if data.get("waves") else {}
    check_agents(data, log, lenient=lenient)
    for index, task in dicts(data.get("tasks", ())):
        _status_of(task, ("tasks", index), log)
        _known_ids(task.get("conflicts_with", ()), tasks, ("tasks", index, "conflicts_with"), log)
        _parts(task, ("tasks", index), log)
    for index, rule in dicts(data.get("file_rules", ()) if tasks else ()):
        _known_ids(rule.get("tasks", ()), tasks, ("file_rules", index, "tasks"), log)
    for level, gates in data.get("gates", {}).items():
        if level not in ("actions", "criteria", "review"):
            _gates(level, gates, log)
    for index, wave in dicts(data.get("waves", ())):
        _watch(wave.get("watch", ()), ("waves", index, "watch"), log)
    otherwise_right = not log.errors
    check_order(data.get("waves", ()), tasks, placed, log)
    return otherwise_right and bool(log.errors)


def _watch(entries: Iterable[Any], path: Path, log: Log) -> None:
    """Expressions between slashes have to be ones."""
    for place, entry in enumerate(entries):
        try:
            watched([entry] if isinstance(entry, str) else ())
        except re.error as error:
            log.error((*path, place), f"found {entry!r}; no regular expression: {error}")


def _by_id(data: dict[str, Any], log: Log) -> Tasks:
    tasks: Tasks = {}
    folded: dict[str, str] = {}
    for index, task in dicts(data.get("tasks", ())):
        if "id" not in task:
            continue
        other = folded.setdefault(task["id"].casefold(), task["id"])
        if task["id"] in tasks:
            first = tasks[task["id"]][0]
            log.error(("tasks", index, "id"), f"found {task['id']!r}, which tasks[{first}] has already")
        elif other != task["id"]:
            message = f"found {task['id']!r}, which differs from {other!r} only in capital letters"
            log.error(("tasks", index, "id"), message)
        else:
            tasks[task["id"]] = (index, task)
    return tasks


def _needs(tasks: Tasks, log: Log) -> None:
    for task_id, (index, task) in tasks.items():
        for place, need in needs_of(task):
            if need["task"] == task_id:
                log.error(need_path(index, place, log), "a task cannot need itself")
            elif need["task"] not in tasks:
                tell_unknown(need["task"], tasks, need_path(index, place, log), log)


def _cycles(tasks: Tasks, log: Log) -> None:
    needs = {
        task_id: tuple(
            dict.fromkeys(n["task"] for _, n in needs_of(task) if n["task"] in tasks and n["task"] != task_id)
        )
        for task_id, (_, task) in tasks.items()
    }
    for members in graph.cycles(needs):
        log.error(("tasks", tasks[members[0]][0], "needs"), f"cycle: {' -> '.join(members)}")


def _status_of(task: dict[str, Any], path: Path, log: Log) -> None:
    if "status" in task and "complete" in task and (task["status"] == "complete") != task["complete"]:
        log.error((*path, "status"), "contradicts the key 'complete'; accepted: one of them, or the same")


def _gates(level: str, gates: Any, log: Log) -> None:
    seen: set[str] = set()
    for index, gate in dicts(gates):
        if gate.get("name") in seen:
            log.error(("gates", level, index, "name"), f"two gates of this level are called {gate['name']!r}")
        seen.add(gate.get("name", ""))


def _parts(task: dict[str, Any], path: Path, log: Log) -> None:
    for place, entry in enumerate(task.get("files", ())):
        try:
            if entry is not BAD:
                parts.parse(entry)
        except ValueError as error:
            log.error((*path, "files", place), str(error))


def _known_ids(names: Iterable[Any], tasks: Tasks, path: Path, log: Log) -> None:
    for place, name in enumerate(names):
        if name is not BAD and name not in tasks:
            tell_unknown(name, tasks, (*path, place), log)
