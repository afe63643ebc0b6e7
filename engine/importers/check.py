"""What single values cannot show: ids, needs, cycles, waves and agents of a plan fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.core import graph
from engine.importers.fields import BUILT_IN, PLACEHOLDERS, PRESETS
from engine.importers.log import Log, listed
from engine.importers.nodes import Entries, Path
from engine.importers.reading import BAD

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")


def check(data: dict[str, Any], log: Log) -> None:
    """Tell the log all that does not fit; `data` is the plan as read, with its bad values left out."""
    tasks = _by_id(data, log)
    _needs(tasks, log)
    _cycles(tasks, log)
    if data.get("waves"):
        _waves(data["waves"], tasks, log)
    agents = data.get("agents", {})
    _agents(agents, log)
    for index, task in _dicts(data.get("tasks", ())):
        _agent_of(task, agents, ("tasks", index), log)
        _status_of(task, ("tasks", index), log)
    for level, gates in data.get("gates", {}).items():
        _gates(level, gates, log)


def kind_of(name: str, agents: dict[str, Any]) -> str:
    """The kind of agent behind a name: its own `kind`, else `command` with a command, else the name."""
    spec = agents.get(name)
    if spec is None:
        return name
    return str(spec.get("kind", "command" if "command" in spec or name not in PRESETS else name))


def _dicts(values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((index, value) for index, value in enumerate(values) if value is not BAD)


def _by_id(data: dict[str, Any], log: Log) -> dict[str, tuple[int, dict[str, Any]]]:
    tasks: dict[str, tuple[int, dict[str, Any]]] = {}
    folded: dict[str, str] = {}
    for index, task in _dicts(data.get("tasks", ())):
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


def _needs_of(task: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((index, need) for index, need in _dicts(task.get("needs", ())) if "task" in need)


def _need_path(task: int, need: int, log: Log) -> Path:
    path: Path = ("tasks", task, "needs", need)
    return (*path, "task") if isinstance(log.at(path), Entries) else path


def _needs(tasks: dict[str, tuple[int, dict[str, Any]]], log: Log) -> None:
    for task_id, (index, task) in tasks.items():
        for place, need in _needs_of(task):
            if need["task"] == task_id:
                log.error(_need_path(index, place, log), "a task cannot need itself")
            elif need["task"] not in tasks:
                near = log.nearest(need["task"], tasks)
                message = f"found {need['task']!r}; accepted: the id of a task{near}"
                log.error(_need_path(index, place, log), message)


def _cycles(tasks: dict[str, tuple[int, dict[str, Any]]], log: Log) -> None:
    needs = {
        task_id: tuple(
            dict.fromkeys(
                n["task"] for _, n in _needs_of(task) if n["task"] in tasks and n["task"] != task_id
            )
        )
        for task_id, (_, task) in tasks.items()
    }
    for members in graph.cycles(needs):
        log.error(("tasks", tasks[members[0]][0], "needs"), f"cycle: {' -> '.join(members)}")


def _waves(waves: Any, tasks: dict[str, tuple[int, dict[str, Any]]], log: Log) -> None:
    placed: dict[str, tuple[int, int]] = {}
    for number, wave in _dicts(waves):
        for place, task_id in enumerate(wave.get("tasks", ())):
            path: Path = ("waves", number, "tasks", place)
            if task_id is BAD:
                continue
            if task_id not in tasks:
                near = log.nearest(task_id, tasks)
                log.error(path, f"found {task_id!r}; accepted: the id of a task{near}")
            elif task_id in placed:
                log.error(path, f"found {task_id!r}, which waves[{placed[task_id][0]}] has already")
            else:
                placed[task_id] = (number, place)
    if missing := [task_id for task_id in tasks if task_id not in placed]:
        log.error(("waves",), f"no wave has {listed(missing)}; accepted: every task in exactly one wave")
    _needs_across(waves, tasks, placed, log)


def _needs_across(
    waves: Any, tasks: dict[str, tuple[int, dict[str, Any]]], placed: dict[str, tuple[int, int]], log: Log
) -> None:
    for task_id, (index, task) in tasks.items():
        for place, need in _needs_of(task):
            if need["task"] == task_id or task_id not in placed or need["task"] not in placed:
                continue
            (here, spot), (there, other) = placed[task_id], placed[need["task"]]
            sequential = waves[here].get("mode") == "sequential"
            message = ""
            if there > here:
                message = "is in a later wave; accepted: a task of an earlier wave"
            elif there == here and sequential and other > spot:
                message = "comes later in the same wave; accepted: one that comes earlier"
            elif there == here and not sequential and "milestone" not in need:
                message = "is in the same wave; put it in an earlier wave, or make the wave's mode sequential"
            if message:
                log.error(_need_path(index, place, log), f"{need['task']} {message}")


def _agents(agents: dict[str, Any], log: Log) -> None:
    for name, spec in agents.items():
        if name in BUILT_IN:
            log.error(("agents", name), f"the agent {name!r} is built in; accepted: another name")
        elif kind_of(name, agents) == "command" and "command" not in spec:
            accepted = f'a command such as ["claude", "-p", "{{prompt}}"], or a kind: {", ".join(PRESETS)}'
            log.error(("agents", name), f"has no command; accepted: {accepted}")
        for place, word in enumerate(spec.get("command", ())):
            for found in () if word is BAD else _PLACEHOLDER.findall(word):
                if found not in PLACEHOLDERS and (near := log.nearest(found, PLACEHOLDERS)):
                    log.warn(("agents", name, "command", place), f"{{{found}}} is no placeholder{near}")


def _agent_of(task: dict[str, Any], agents: dict[str, Any], path: Path, log: Log) -> None:
    name = task.get("agent", "shell")
    known = (*BUILT_IN, *PRESETS, *agents)
    if name not in known:
        near = log.nearest(name, known)
        log.error((*path, "agent"), f"found {name!r}; accepted: {listed(known)}{near}")
        return
    kind = kind_of(name, agents)
    if kind == "shell" and "run" not in task and not _is_given(path, "run", log):
        instead = "agent: simulated" if "simulate" in task else "another agent"
        log.error(
            path, f"the key 'run' is missing: the agent {name!r} runs it with bash; or give it {instead}"
        )
    for key, user in (("run", "shell"), ("simulate", "simulated")):
        if key in task and kind != user:
            log.warn((*path, key), f"is not used: the agent {name!r} is not {user!r}")
    if kind not in BUILT_IN and not task.get("title") and not task.get("prompt"):
        log.warn(path, f"the agent {name!r} is told nothing: give the task a title or a prompt")


def _is_given(path: Path, key: str, log: Log) -> bool:
    node = log.at(path)
    return isinstance(node, Entries) and node.get(key) is not None


def _status_of(task: dict[str, Any], path: Path, log: Log) -> None:
    if "status" in task and "complete" in task and task["status"] != task["complete"]:
        log.error((*path, "status"), "contradicts the key 'complete'; accepted: one of them, or the same")


def _gates(level: str, gates: Any, log: Log) -> None:
    seen: set[str] = set()
    for index, gate in _dicts(gates):
        if gate.get("name") in seen:
            log.error(("gates", level, index, "name"), f"two gates of this level are called {gate['name']!r}")
        seen.add(gate.get("name", ""))
