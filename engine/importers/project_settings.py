"""Settings of a repository for all its plans: `.wavetree.yaml` at its top, or a file given in its place.

What a plan says itself counts more, except for limits of the machine: of those the smaller counts (M199).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.core import durations
from engine.core.errors import Fault, PlanError, UsageError
from engine.importers import texts
from engine.importers.check import check
from engine.importers.fields import AGENT, MACHINE, SETTINGS
from engine.importers.log import Log
from engine.importers.reading import BAD, read
from engine.importers.scalars import count, name, path
from engine.importers.section_fields import INTEGRATION
from engine.importers.settings import settle_alone
from engine.importers.shapes import Field, Kept, MapOf, Record

NAMES = (".wavetree.yaml", ".wavetree.yml", ".wavetree.json")
ROADMAP = "docs/roadmap/ROADMAP.md"
LIMITS = ("start_cpu_percent", "max_cpu_percent")
"""Settings that only ever hold back: the smallest of all that are given counts."""

PROJECT = Record(
    "project settings",
    "settings of a repository",
    (
        Field("slots", count, "how many agents work at once", default="3"),
        Field("agent", name, "the agent of tasks that name none and have nothing to run"),
        Field("agents", MapOf(name, AGENT), "named agents"),
        Field("machine", MACHINE, "cores and memory that agents share, for plans that do not say"),
        Field("tickets", path, "the file with the project's tickets", default="tickets.yaml"),
        Field("roadmap", path, "the Markdown roadmap", default=ROADMAP),
        *SETTINGS.fields,
        Field("integration_setup", Kept(INTEGRATION), "how a story is carried out"),
    ),
)


class ProjectSettings(Struct, frozen=True):
    """What a settings file says: `settings` by their one name, and what else is there, empty when it is not.
    `tickets` and `roadmap` are paths from the top of the repository."""

    file: Path
    settings: dict[str, Any] = {}
    agent: str = ""
    agents: dict[str, dict[str, Any]] = {}
    machine: dict[str, Any] = {}
    tickets: str = ""
    roadmap: str = ""
    warnings: tuple[Fault, ...] = ()

    def beneath(self, data: dict[str, Any]) -> dict[str, Any]:
        """A plan's data with the agents and the machine of the repository where it names none itself."""
        agents = {**self.agents, **data.get("agents", {})}
        data = {"machine": self.machine, **data} if self.machine else data
        data = {**data, "agents": agents} if agents else data
        if not self.agent or "agent" in data:
            return data
        tasks = tuple(_by_shell(task) for task in data.get("tasks", ()))
        return {**data, "agent": self.agent, **({"tasks": tasks} if "tasks" in data else {})}

    def over(self, own: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The settings in force for a plan that says `own`, and the keys whose value is this file's."""
        found = {**self.settings, **own}
        for key in LIMITS:
            given = [said[key] for said in (self.settings, own) if key in said]
            if given:
                found[key] = min(given)
        if all(key in found for key in LIMITS):
            found[LIMITS[0]] = min(found[key] for key in LIMITS)
        return found, tuple(key for key in self.settings if found[key] != own.get(key))


def _by_shell(task: Any) -> Any:
    """A task that says what to run needs no agent but the shell."""
    return {"agent": "shell", **task} if isinstance(task, dict) and "run" in task else task


def project_settings(start: Path, config: Path | None = None) -> ProjectSettings | None:
    """The settings in the file `config`, else in the settings file at the top of the repository around
    `start`; None when there is none. Raises PlanError with everything that is wrong in the file, UsageError
    when the repository has two."""
    if config is not None:
        return read_settings(config)
    top = top_of(start)
    there = [top / name for name in NAMES if (top / name).exists()] if top else []
    if len(there) > 1:
        raise UsageError(
            f"{top} has {' and '.join(file.name for file in there)}",
            "keep one of them, or name one: --config FILE",
        )
    return read_settings(there[0]) if there else None


def top_of(start: Path) -> Path | None:
    """The top folder of the working tree around `start`, without asking git; None outside of one."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)


def read_settings(file: Path) -> ProjectSettings:
    """The settings in a file. Raises PlanError with everything that is wrong in it."""
    shown, data = texts.read(file)
    root, faults = texts.tree(data, shown)
    log = Log(root)
    said = read(PROJECT, root, (), log)
    if said is BAD:
        raise PlanError([*faults, *log.errors])
    check({key: said[key] for key in ("agent", "agents") if key in said}, log, lenient=True)
    own = settle_alone(said, log)
    if faults or log.errors:
        raise PlanError([*faults, *log.errors])
    return ProjectSettings(
        file,
        {**_integration(said.get("integration_setup", {})), **own},
        said.get("agent", ""),
        said.get("agents", {}),
        said.get("machine", {}),
        said.get("tickets", ""),
        said.get("roadmap", ""),
        tuple(log.warnings),
    )


def _integration(setup: dict[str, Any]) -> dict[str, Any]:
    """What a story's configuration sets: its mode, and how often conflicts are looked for."""
    found: dict[str, Any] = {}
    coordinator = setup.get("coordinator_config")
    mode = str(coordinator.get("execution_mode", "")) if isinstance(coordinator, dict) else ""
    if mode.casefold() in ("sequential", "serial"):
        found["enabled"] = False
    interval = setup.get("analyzer_config", {}).get("monitoring_interval")
    if interval is not None:
        found["scan_interval"] = durations.parse(str(interval), bare=True).most
    return found
