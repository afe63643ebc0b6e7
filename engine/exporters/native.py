"""A plan in the native format: what was read from any document, written so that it reads back the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import yaml

from engine.core import durations
from engine.core.plan import Need, Plan, Span, Supply, Task, Wave
from engine.importers.fields import FORMAT

_OTHER_WORDS = {"supplies": "resources"}
_LAST = ("tasks", "waves", "sections")


class _Plain(yaml.SafeDumper):
    """Writes every value out: the reader accepts no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def native(plan: Plan) -> dict[str, Any]:
    """The plan as plain data of the native format; keys at their default are left out."""
    said = _changed(plan)
    data = {"wavetree": FORMAT, "name": plan.name}
    data |= {_OTHER_WORDS.get(key, key): said[key] for key in said if key not in ("name", "seen", *_LAST)}
    data["tasks"] = [_task(task, plan) for task in plan.tasks]
    data["waves"] = [_wave(wave) for wave in plan.waves]
    if plan.sections:
        data["sections"] = plan.sections
    return data


def to_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as YAML that every reader of plans accepts: no anchors, texts quoted where they need it."""
    return yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def _task(task: Task, plan: Plan) -> dict[str, Any]:
    data = _changed(task)
    unsaid = plan.agent or ("" if plan.draft and not task.run else "shell")
    data.pop("agent", None)
    return data if task.agent in ("", unsaid) else {"id": task.id, "agent": task.agent, **data}


def _wave(wave: Wave) -> dict[str, Any]:
    data = _changed(wave)
    data.pop("number")
    return data


def _changed(struct: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct that are not at their default, in the native words."""
    data: dict[str, Any] = {}
    for field in _fields(type(struct)):
        value = getattr(struct, field.name)
        if field.required or value != _default(field):
            data[field.encode_name] = _plain(value)
    return data


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Looked up once for each kind of struct: msgspec reads all annotations each time."""
    return msgspec.structs.fields(kind)


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _plain(value: Any) -> Any:
    match value:
        case Span():
            return durations.text(value)
        case Need():
            return (
                value.task if value.milestone is None else {"task": value.task, "milestone": value.milestone}
            )
        case Supply() if not value.alternative:
            return value.count
        case msgspec.Struct():
            data = _changed(value)
            data.pop("name", None) if hasattr(value, "env") else None
            return data
        case str():
            return str(value)
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _:
            return value
