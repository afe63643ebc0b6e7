"""Who does which task: agents that fit together, and names that map to none of them (M097)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.core.few import few
from engine.core.plan import Plan
from engine.importers.fields import BUILT_IN, PLACEHOLDERS, PRESETS
from engine.importers.log import Log, listed
from engine.importers.nodes import Entries, Path
from engine.importers.reading import BAD
from engine.importers.task_data import dicts

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")


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


def default_agent(own: str | None, *, runs: bool) -> str:
    """Who does a task whose own name maps to no agent: the plan's `own` agent, else the shell when the task
    `runs` something; empty when nobody can (M097)."""
    return own or ("shell" if runs else "")


def check_agents(data: dict[str, Any], log: Log, *, lenient: bool) -> None:
    """Tell the log of agents that cannot be, and of tasks whose agent there is not; in a `lenient` plan it
    may be open who does a task that has nothing to run."""
    agents = data.get("agents", {})
    _specs(agents, log)
    own = data.get("agent")
    if own is not None and own not in known_agents(agents):
        _refuse(own, ("agent",), agents, log)
    roles: dict[str, None] = {}
    for index, task in dicts(data.get("tasks", ())):
        if not lenient or "run" in task:
            _agent_of(task, data, ("tasks", index), log)
        elif "agent" in task and task["agent"] not in known_agents(agents):
            roles[task["agent"]] = None
    if roles and own in known_agents(agents):
        verb = "is no agent" if len(roles) == 1 else "are no agents"
        log.warn((), f"{few(roles)} {verb} of this plan: the default agent {own!r} does their tasks")


def _specs(agents: dict[str, Any], log: Log) -> None:
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


def _refuse(name: str, path: Path, agents: dict[str, Any], log: Log) -> None:
    known = known_agents(agents)
    log.error(path, f"found {name!r}; accepted: {listed(known)}{log.nearest(name, known)}")


def _agent_of(task: dict[str, Any], data: dict[str, Any], path: Path, log: Log) -> None:
    agents = data.get("agents", {})
    name = task.get("agent") or data.get("agent", "shell")
    if name not in known_agents(agents):
        name = _stand_in(task, data, path, log) if "agent" in task else ""
    if name:
        _told(task, kind_of(name, agents), name, path, log)


def _stand_in(task: dict[str, Any], data: dict[str, Any], path: Path, log: Log) -> str:
    """Who does the task in place of the agent it names, which there is not; empty, and an error, when nobody
    can."""
    agents, name = data.get("agents", {}), task["agent"]
    known, runs = known_agents(agents), _runs(task, path, log)
    instead = default_agent(data.get("agent"), runs=runs)
    if instead not in known or (kind_of(instead, agents) == "shell" and not runs):
        _refuse(name, (*path, "agent"), agents, log)
        return ""
    near = log.nearest(name, known)
    words = f"no agent is called {name!r}: the default agent {instead!r} does {task.get('id', 'the task')!r}"
    log.warn((*path, "agent"), f"{words}{near}")
    return instead


def _told(task: dict[str, Any], kind: str, name: str, path: Path, log: Log) -> None:
    """What a task says and its agent does not use, and what the agent needs and is not said."""
    if kind == "shell" and not _runs(task, path, log):
        instead = "agent: simulated" if "simulate" in task else "another agent"
        log.error(
            path, f"the key 'run' is missing: the agent {name!r} runs it with bash; or give it {instead}"
        )
    for key, user in (("run", "shell"), ("simulate", "simulated")):
        if key in task and kind != user:
            log.warn((*path, key), f"is not used: the agent {name!r} is not {user!r}")
    if kind not in BUILT_IN and not task.get("title") and not task.get("prompt"):
        log.warn(path, f"the agent {name!r} is told nothing: give the task a title or a prompt")


def _runs(task: dict[str, Any], path: Path, log: Log) -> bool:
    """Whether the task says what to run; also when that was found wrong and told already."""
    node = log.at(path)
    return "run" in task or (isinstance(node, Entries) and node.get("run") is not None)
