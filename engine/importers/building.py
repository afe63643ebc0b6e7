"""The frozen Plan of data that was read and checked; `msgspec.convert` checks every type once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.core import waves
from engine.core.plan import Plan, StartPolicy, Task, Wave
from engine.importers.agent_check import default_agent, kind_of, known_agents

_PLAIN = (
    "base",
    "start_policy",
    "setup",
    "gates",
    "readiness",
    "agent",
    "file_rules",
    "machine",
    "buffer",
    "start",
    "deadline",
    "story",
    "analysis",
    "roadmap",
    "trackers",
    "sections",
)


def built(data: dict[str, Any], settings: dict[str, Any], name: str, *, draft: bool) -> Plan:
    """The plan of data without errors; `name` is the file's. In a `draft` it may be open who does a task;
    when all of them have an agent, the plan is none."""
    tasks = msgspec.convert([_task(task, data, draft) for task in data.get("tasks", ())], tuple[Task, ...])
    agents = data.get("agents", {})
    conflicts = data.get("conflicts", {})
    if "handling" in settings:
        conflicts = conflicts | {"handling": settings["handling"]}
    given: dict[str, Any] = {key: data[key] for key in _PLAIN if key in data}
    if _by_milestones(data, tasks, draft):
        given["start_policy"] = StartPolicy.DEPENDENCY
    if "slots" in settings:
        given["slots"] = settings["slots"]
    if settings.get("enabled") is False:
        given["slots"] = 1
    if "log_limit" in settings:
        settings = settings | {"log_limit": int(settings["log_limit"])}
    given |= {
        "name": data.get("name") or _stem(name),
        "tasks": tasks,
        "waves": (),
        "agents": {key: spec | {"name": key, "kind": kind_of(key, agents)} for key, spec in agents.items()},
        "conflicts": conflicts,
        "settings": settings,
        "supplies": data.get("resources", {}),
    }
    plan = msgspec.convert(_with_roles(given, tasks), Plan)
    known = known_agents(plan.agents)
    is_open = draft and any(task.agent not in known for task in tasks)
    return msgspec.structs.replace(plan, draft=is_open, waves=_waves(data) or waves.planned(plan))


def _by_milestones(data: dict[str, Any], tasks: tuple[Task, ...], draft: bool) -> bool:
    """Whether imported work that waits for milestones has to start by needs: waves would make them mean
    nothing (M060, D06)."""
    silent = draft and "start_policy" not in data and not data.get("waves")
    return silent and any(need.milestone for task in tasks for need in task.needs)


def _waves(data: dict[str, Any]) -> tuple[Wave, ...]:
    return tuple(
        msgspec.convert({"number": number, "name": f"Wave {number}"} | wave, Wave)
        for number, wave in enumerate(data.get("waves", ()), start=1)
    )


def _task(task: dict[str, Any], data: dict[str, Any], draft: bool) -> dict[str, Any]:
    needs = {(need["task"], need.get("milestone")): need for need in task.get("needs", ())}
    status = task.get("status", "")
    done = task.get("complete", False) or status == "complete"
    nobody = "" if draft and "run" not in task else "shell"
    agent = task.get("agent") or data.get("agent") or nobody
    return task | {"needs": list(needs.values()), "complete": done, "agent": agent}


def _with_roles(given: dict[str, Any], tasks: tuple[Task, ...]) -> dict[str, Any]:
    """The same where names that no agent has, such as those of roles, stand for the default (M097)."""
    agents, own = given["agents"], given.get("agent")
    known, silent = known_agents(agents), {task.agent for task in tasks if not task.run}
    roles = {}
    for name in dict.fromkeys(task.agent for task in tasks if task.agent not in known):
        if fallback := default_agent(own, runs=name not in silent):
            roles[name] = agents.get(fallback, {"kind": fallback}) | {"name": name}
    return given | {"agents": agents | roles}


def _stem(name: str) -> str:
    """The name of a file for its plan; pipes have none that says anything."""
    stem = Path(name).stem
    return stem if stem.isprintable() and stem and not name.startswith(("<", "/dev/")) else "plan"
