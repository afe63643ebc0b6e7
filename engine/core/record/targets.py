"""Targets as documents write them: `> 30%`, `<10%`, `65%`; a text that is none of these is no target
(M187)."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

_FORM = re.compile(r"\s*(>=|<=|≥|≤|>|<|=)?\s*(\d+(?:\.\d+)?)\s*%?\s*$")
_TESTS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "=": operator.eq}
_SAME = {"≥": ">=", "≤": "<="}


class Target(Struct, frozen=True):
    """What a value should be: above, below or at `number`; `sign` as in a comparison."""

    sign: str
    number: float

    def met(self, value: float) -> bool:
        """Whether the value is as it should be; `>` and `<` are strict."""
        return bool(_TESTS[self.sign](value, self.number))

    @property
    def text(self) -> str:
        return f"{self.sign} {self.number:g}"


def target_of(text: object, sign: str = ">=") -> Target | None:
    """The target that a text states; a bare number is to be reached in the direction of `sign`."""
    match = _FORM.match(str(text)) if isinstance(text, str | int | float) else None
    if match is None:
        return None
    said = match[1] or sign
    return Target(_SAME.get(said, said), float(match[2]))


class Wanted(Struct, frozen=True):
    """What a plan wants of a metric: its target, and from where on it is a warning or critical."""

    target: Target
    warning: float | None = None
    critical: float | None = None


def warning(name: str, level: str, value: float, limit: float) -> str:
    """The sentence on a metric that is beyond a threshold, in percent (M117)."""
    return f"{name.replace('_', ' ')} is {level}: {value:.1f} % (the plan's limit is {limit:g} %)"


def headline(warning: str) -> str:
    """What is the same in two warnings on one metric at one level."""
    return warning.partition(":")[0] + ":"


def wanted(sections: Mapping[str, Any], signs: Mapping[str, str]) -> dict[str, Wanted]:
    """The targets that a plan's sections state, by the metric's name in small letters with underscores. Both
    forms of the documents: `metric`, `calculation`, `target`, and `metric_name`, `calculation`, `target`,
    `warning_threshold`, `critical_threshold`. What `calculation` says is never run. `signs` are the
    directions of the known metrics."""
    found: dict[str, Wanted] = {}
    for entry in _entries(sections):
        name = str(entry.get("metric") or entry.get("metric_name") or "").strip().lower().replace(" ", "_")
        target = target_of(entry.get("target"), signs.get(name, ">="))
        if name and target:
            levels = (target_of(entry.get(f"{level}_threshold")) for level in ("warning", "critical"))
            found[name] = Wanted(target, *(level.number if level else None for level in levels))
    return found


def _entries(node: Any) -> list[Mapping[str, Any]]:
    """Every mapping below that names a metric."""
    if isinstance(node, Mapping):
        mine = [node] if ("metric" in node or "metric_name" in node) and "target" in node else []
        return mine + [entry for value in node.values() for entry in _entries(value)]
    if isinstance(node, list | tuple):
        return [entry for value in node for entry in _entries(value)]
    return []
