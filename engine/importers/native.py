"""The native plan, `wavetree: 1`: from files to a frozen Plan, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from engine.core import graph
from engine.core.errors import Fault, PlanError
from engine.core.plan import Plan, Task, Wave
from engine.importers import texts
from engine.importers.check import check, kind_of
from engine.importers.fields import PLAN
from engine.importers.log import Log
from engine.importers.merging import merged
from engine.importers.nodes import Node
from engine.importers.reading import BAD, read
from engine.importers.settings import settle


class Validation(Struct, frozen=True):
    """What checking found: the plan when there are no errors, and which settings it gives."""

    plan: Plan | None
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    given: tuple[str, ...] = ()


def load(*paths: Path) -> Plan:
    """The plan in one file, or in several that make up one; `-` is standard input.

    Raises PlanError with every error of all files."""
    return _plan_or_raise(validate(paths))


def loads(text: str | bytes, name: str = "plan") -> Plan:
    """The plan in `text`; `name` stands for the file in errors. Raises PlanError."""
    return _plan_or_raise(validate_texts([(name, text.encode() if isinstance(text, str) else text)]))


def validate(paths: Sequence[Path]) -> Validation:
    """Check files that make up one plan. Raises nothing: what cannot be read is an error like the others."""
    sources: list[tuple[str, bytes]] = []
    errors: list[Fault] = []
    for path in paths:
        try:
            sources.append(texts.read(path))
        except PlanError as error:
            errors += error.faults
    found = validate_texts(sources)
    return _ordered(found, [str(path) for path in paths], errors) if errors else found


def validate_texts(sources: Sequence[tuple[str, bytes]]) -> Validation:
    """Check texts that make up one plan, each with the name that stands for it in errors."""
    names = [name for name, _ in sources]
    errors: list[Fault] = []
    roots: list[Node] = []
    for name, data in sources:
        try:
            root, faults = texts.tree(data, name)
        except PlanError as error:
            errors += error.faults
        else:
            roots.append(root)
            errors += faults
    if not roots:
        return _ordered(Validation(None), names, errors)
    log = Log(roots[0])
    try:
        found = _checked(roots, log, names[0], not errors)
    except PlanError as error:
        found = Validation(None, error.faults)
    return _ordered(found, names, errors)


def _checked(roots: list[Node], log: Log, name: str, sound: bool) -> Validation:
    root = merged(roots, log)
    log.root = root
    data = read(PLAN, root, (), log)
    if data is BAD:
        return Validation(None, tuple(log.errors))
    check(data, log)
    settings = settle(data, log)
    warnings = tuple(log.warnings)
    if log.errors or not sound:
        return Validation(None, tuple(log.errors), warnings)
    given = (*settings, *(key for key in ("base", "start_policy") if key in data))
    return Validation(_plan(data, settings, name), (), warnings, given)


def _plan(data: dict[str, Any], settings: dict[str, Any], name: str) -> Plan:
    """The plan of data without errors; `msgspec.convert` checks every type once more."""
    tasks = msgspec.convert([_task(task) for task in data["tasks"]], tuple[Task, ...])
    waves = tuple(
        msgspec.convert({"number": number, "name": f"Wave {number}"} | wave, Wave)
        for number, wave in enumerate(data.get("waves", ()), start=1)
    )
    agents = data.get("agents", {})
    conflicts = data.get("conflicts", {})
    if "handling" in settings:
        conflicts = conflicts | {"handling": settings["handling"]}
    given: dict[str, Any] = {
        key: data[key] for key in ("base", "start_policy", "setup", "gates") if key in data
    }
    if "slots" in settings:
        given["slots"] = settings["slots"]
    if "log_limit" in settings:
        settings = settings | {"log_limit": int(settings["log_limit"])}
    given |= {
        "name": data.get("name") or _stem(name),
        "tasks": tasks,
        "waves": waves or graph.waves(tasks),
        "agents": {key: spec | {"name": key, "kind": kind_of(key, agents)} for key, spec in agents.items()},
        "conflicts": conflicts,
        "settings": settings,
    }
    return msgspec.convert(given, Plan)


def _task(task: dict[str, Any]) -> dict[str, Any]:
    needs = {(need["task"], need.get("milestone")): need for need in task.get("needs", ())}
    done = task.get("complete", False) or task.get("status", False)
    return task | {"needs": list(needs.values()), "complete": done}


def _stem(name: str) -> str:
    stem = Path(name).stem
    return stem if stem.isprintable() and stem and not name.startswith("<") else "plan"


def _plan_or_raise(found: Validation) -> Plan:
    if found.plan is None:
        raise PlanError(found.errors)
    return found.plan


def _ordered(found: Validation, names: Sequence[str], more: Sequence[Fault]) -> Validation:
    """The same with `more` errors, all in the order of the files and their lines."""
    rank = {name: number for number, name in enumerate(names)}
    errors = sorted([*found.errors, *more], key=lambda fault: (rank.get(fault.file, len(rank)), fault.line))
    warnings = sorted(found.warnings, key=lambda fault: (rank.get(fault.file, len(rank)), fault.line))
    plan = None if errors else found.plan
    return Validation(plan, tuple(errors), tuple(warnings), found.given)
