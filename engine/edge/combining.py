"""Combines two versions of a data file key by key, where nothing has to be chosen (M140)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from engine.core.plan import Plan, Resolution

_GONE = object()


class ChosenError(ValueError):
    """One of two values would have to be chosen."""


def combined_files(plan: Plan) -> tuple[str, ...]:
    """The patterns of files that are combined when their branches are merged."""
    rules = (rule for rule in plan.file_rules if rule.resolution is Resolution.FINAL_MERGE_STEP)
    return tuple(form for rule in rules for form in (rule.file, f"**/{rule.file}"))


def combined(file: str, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What both made of a JSON or YAML file, in ours' form: keys that only one changed are as that one has
    them, lists that both extended hold both additions. None for other files, for what is no mapping, for
    YAML with comments, which would be lost, and where one key has two new values."""
    try:
        if file.endswith(".json"):
            old, one, two = (json.loads(text or b"{}") for text in (base, ours, theirs))
            return _json(_merged(old, one, two), ours.decode())
        if file.endswith((".yaml", ".yml")) and not any(b"#" in text for text in (base, ours, theirs)):
            old, one, two = (yaml.safe_load(text or b"{}") for text in (base, ours, theirs))
            return yaml.safe_dump(_merged(old, one, two), sort_keys=False, allow_unicode=True).encode()
    except (ValueError, yaml.YAMLError, RecursionError):
        return None
    return None


def _json(value: Any, like: str) -> bytes:
    """JSON indented as the text `like` is."""
    lines = like.splitlines()
    inner = lines[1] if len(lines) > 1 else ""
    blank = inner[: len(inner) - len(inner.lstrip())]
    text = json.dumps(value, indent=blank or None, ensure_ascii=False)
    return (text + ("\n" if like.endswith("\n") else "")).encode()


def _merged(old: Any, one: Any, two: Any) -> Any:
    if _same(one, two) or _same(two, old):
        return one
    if _same(one, old):
        return two
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        before = old if isinstance(old, Mapping) else {}
        return _mappings(before, one, two)
    if isinstance(one, list) and isinstance(two, list) and isinstance(old, list):
        size = len(old)
        if one[:size] == old == two[:size]:
            return [*one, *(item for item in two[size:] if item not in one[size:])]
    raise ChosenError("two values")


def _same(one: Any, two: Any) -> bool:
    """Also in kind: 1 is not true."""
    return repr(one) == repr(two)


def _mappings(old: Mapping[Any, Any], one: Mapping[Any, Any], two: Mapping[Any, Any]) -> dict[Any, Any]:
    found = {}
    for key in dict.fromkeys([*one, *two]):
        values = [side.get(key, _GONE) for side in (old, one, two)]
        value = _merged(*values)
        if value is not _GONE:
            found[key] = value
    return found
