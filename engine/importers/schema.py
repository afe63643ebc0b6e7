"""The native plan as a JSON Schema (draft 2020-12), so that editors complete and check it."""

from __future__ import annotations

import re
from typing import Any, assert_never

from engine.core import durations
from engine.importers.fields import PLAN
from engine.importers.shapes import (
    Amount,
    Anything,
    Choice,
    Duration,
    Either,
    Flag,
    Kept,
    ListOf,
    MapOf,
    Number,
    Record,
    Shape,
    Text,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema as plain data. It holds all that is true of single values; that ids, needs, cycles and waves
    fit together is for `wavetree validate` to say."""
    named: dict[str, Any] = {}
    root = _record(PLAN, named)
    return {"$schema": DIALECT, "title": "wavetree plan", **root, "$defs": dict(sorted(named.items()))}


def _of(shape: Shape, named: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case Text():
            return _text(shape)
        case Number():
            kind = "integer" if shape.whole else "number"
            return {"type": kind, "minimum": shape.least, "maximum": shape.most}
        case Flag():
            return {"type": "boolean"}
        case Choice():
            if shape.loose:
                return {"type": "string", "pattern": shape.pattern}
            return {"enum": [str(word) for word in shape.words]}
        case Duration():
            return _named("span" if shape.span else "duration", _duration(shape), named)
        case Amount():
            quantity = {
                "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": shape.pattern}]
            }
            return _named("rate" if shape.rate else "size", quantity, named)
        case ListOf():
            bound: dict[str, Any] = {"minItems": shape.least} if shape.least else {}
            return {
                "type": "array" if shape.least else ["array", "null"],
                "items": _of(shape.item, named),
                **bound,
            }
        case MapOf():
            only = {
                "patternProperties": {shape.key.pattern: _of(shape.value, named)},
                "additionalProperties": False,
            }
            return {"type": ["object", "null"], **only}
        case Record():
            return _named(shape.name.replace(" ", "_"), None, named) or _add(shape, named)
        case Either():
            return {"anyOf": [_of(shape.plain, named), _of(shape.record, named)]}
        case Anything():
            return {}
        case Kept():
            return _of(shape.shape, named)
        case _:
            assert_never(shape)


def _add(shape: Record, named: dict[str, Any]) -> dict[str, Any]:
    return _named(shape.name.replace(" ", "_"), _record(shape, named), named)


def _named(name: str, what: dict[str, Any] | None, named: dict[str, Any]) -> dict[str, Any]:
    """A reference to a definition, which is made from `what` when it is new; nothing when there is none."""
    if what is not None:
        named.setdefault(name, what)
    return {"$ref": f"#/$defs/{name}"} if name in named else {}


def _record(shape: Record, named: dict[str, Any]) -> dict[str, Any]:
    required = [field.key for field in shape.fields if field.required]
    properties: dict[str, Any] = {}
    for field in shape.fields:
        default = f" Default: {field.default}." if field.default else ""
        properties[field.key] = {"description": f"{field.about}.{default}", **_of(field.shape, named)}
    described: dict[str, Any] = {
        "description": shape.about,
        "type": "object" if required else ["object", "null"],
    }
    if required:
        described["required"] = required
    return described | {
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": shape.open,
    }


def _text(shape: Text) -> dict[str, Any]:
    """A number or a truth value where text belongs is the text that was typed."""
    kinds: dict[str, Any] = {"type": ["string", "number", "boolean"], "pattern": shape.pattern}
    return kinds if re.search(shape.pattern, "-5") else kinds | {"minimum": 0}


def _duration(shape: Duration) -> dict[str, Any]:
    said = {"type": "string", "pattern": durations.PATTERN}
    if shape.span:
        return said
    return {"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1e9}, said]}
