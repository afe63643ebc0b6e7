"""What single values cannot show: ids, needs, cycles, waves and agents of a plan fit together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.core import graph, parts
from engine.core.naming import watched
from engine.core.plan import Plan
from engine.importers.fields import BUILT_IN, PLACEHOLDERS, PRESETS
from engine.importers.log import Log, listed
from engine.importers.nodes import Entries, Path
from engine.importers.reading import BAD
from engine.importers.task_data import Tasks, dicts, need_path, needs_of, tell_unknown
from engine.importers.wave_check import check_order, check_waves

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")


def check(data: dict[str, Any], log: Log, *, lenient: bool = False) -> bool:
    """Tell the log all that does not fit; `data` is the plan as read, with its bad values left out. Whether
    nothing is wrong but needs that its waves do not respect.

    In a `lenient` one, made of other tools' documents, it may be open who does a task."""
    tasks = _by_id(data, log)
    _needs(tasks, log)
    _cycles(tasks, log)
    placed = check_waves(data["waves"], tasks, log) if data.get("waves") else {}
    agents = data.get("agents", {})
    _agents(agents, log)
    own = data.get("agent")
    if own is not None and own not in known_agents(agents):
        _unknown_agent(own, ("agent",), agents, log)
    for index, task in dicts(data.get("tasks", ())):
        if not lenient or "run" in task:
            _agent_of(task, data, ("tasks", index), log)
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


def kind_of(name: str, agents: dict[str, Any]) -> str:
    """The kind of agent behind a name: its own `kind`, else `command` with a command, else the name."""
    spec = agents.get(name)
    if spec is None:
        return name
    return str(spec.get("kind", "command" if "command" in spec or name not in PRESETS else name))


def known_agents(agents: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of all agents there are."""
    return (*BUILT_IN, *PRESETS, *agents)


def without_agent(plan: Plan) -> tuple[str, ...]:
    """The ids of tasks that are to be done and of which nobody has said who does them."""
    known = known_agents(plan.agents)
    return tuple(task.id for task in plan.tasks if not task.complete and task.agent not in known)


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


def _unknown_agent(name: str, path: Path, agents: dict[str, Any], log: Log) -> None:
    known = known_agents(agents)
    log.error(path, f"found {name!r}; accepted: {listed(known)}{log.nearest(name, known)}")


def _agent_of(task: dict[str, Any], data: dict[str, Any], path: Path, log: Log) -> None:
    agents = data.get("agents", {})
    name = task.get("agent") or data.get("agent", "shell")
    if name not in known_agents(agents):
        if "agent" in task:
            _unknown_agent(name, (*path, "agent"), agents, log)
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
