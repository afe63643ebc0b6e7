"""Reads what an agent's output lines say of its progress and of its failure (M103, M168).

`::wavetree progress=40 says="testing" tests=12/15 milestone="schema done" step=2 cost_usd=0.12`
`PROGRESS 80 Implementation done, testing`        `TESTS 12/15`
`{"type": "progress", "progress": 40}`            types: progress, status, milestone, question, error
`::wavetree to=b type=coordination message="…"`   `{"type": "coordination", "to": "b", "body": "…"}` (M151)

Whatever a line holds, it is data from outside: a field that makes no sense is left out, the others count,
and no line ever raises.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from engine.core.clean import clean
from engine.core.gauged import ErrorType, TaskError
from engine.core.outcomes import Report, Words

LINE_LIMIT = 10_000  # characters of a line that are looked at
SAYS_LIMIT = 200
NAME_LIMIT = 100
MESSAGE_LIMIT = 2_000
MOST_STEPS = 10_000
MOST_TESTS = 10_000_000
MOST_COST = 1_000_000.0  # US dollars
MOST_MILESTONES = 50

_SIGN = "::wavetree"
_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*+"|[^\s"]\S*+)')
_PROGRESS = re.compile(r"PROGRESS\s+(\d{1,3}(?:\.\d{1,6})?)%?(?:\s+(.*))?$", re.DOTALL)
_TESTS = re.compile(r"(\d{1,8})\s*/\s*(\d{1,8})")
_TYPES = ("progress", "status", "milestone", "question")
_SAID_AS = {  # names in JSON lines for one field
    "text": "says",
    "message": "says",
    "status": "says",
    "percent": "progress",
    "name": "milestone",
}

Pairs = list[tuple[str, Any]]


def parse(line: str) -> Report | None:
    """What the line reports, or None. Progress is 0-100; texts are clean and short."""
    line = line[:LINE_LIMIT].strip()
    pairs = _pairs(line)
    words = _words(line, pairs)
    report = Report(messages=(words,)) if words else _report(pairs)
    return report if report != Report() else None


def _words(line: str, pairs: Pairs) -> Words | None:
    """A message to somebody: a line that names a recipient."""
    told = dict(pairs) if line.startswith(_SIGN) else _json(line)
    to = _text(told.get("to"), NAME_LIMIT)
    body = _text(told.get("message", told.get("body")), MESSAGE_LIMIT)
    if not to or not body:
        return None
    return Words(_text(told.get("type"), NAME_LIMIT) or "coordination", to, body)


def failure(line: str) -> TaskError | None:
    """The typed failure the line states, with at most four hints, or None."""
    line = line[:LINE_LIMIT].strip()
    if line.startswith(_SIGN):
        pairs = _sign_pairs(line)
        stated = dict(pairs)
        given = [value for key, value in pairs if key == "hint"]
        return _error(stated, stated["error"], given) if "error" in stated else None
    content = _json(line)
    if content.get("type") != "error":
        return None
    inner = content.get("error")
    stated = inner if isinstance(inner, dict) else {**content, "type": None}
    message = stated.get("message", inner)
    hints = stated.get("recoveryHints", stated.get("recovery_hints"))
    return _error(stated, message, hints) if isinstance(message, str) else None


def _pairs(line: str) -> Pairs:
    if line.startswith(_SIGN):
        return _sign_pairs(line)
    if line.startswith("PROGRESS") and (match := _PROGRESS.match(line)):
        return [("progress", match[1]), ("says", match[2])]
    if line.startswith("TESTS"):
        return [("tests", line.removeprefix("TESTS"))]
    content = _json(line)
    if content.get("type") not in _TYPES:
        return []
    return [(_field(str(content["type"]), key), value) for key, value in content.items()]


def _field(kind: str, key: str) -> str:
    if key in ("text", "message") and kind in ("question", "milestone"):
        return kind
    return _SAID_AS.get(key, key)


def _sign_pairs(line: str) -> Pairs:
    rest = line.removeprefix(_SIGN)
    if rest[:1].strip():  # another word that only begins like the sign
        return []
    return [(key, _unquoted(value)) for key, value in _PAIR.findall(rest)]


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value, strict=False))
    except ValueError:
        return value[1:-1]


def _json(line: str) -> dict[str, Any]:
    if not (line.startswith("{") and '"type"' in line):
        return {}
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _report(pairs: Pairs) -> Report:
    told: dict[str, Any] = {}
    milestones: list[str] = []
    for key, value in pairs:
        if key in ("milestone", "milestones"):
            milestones += filter(None, (_text(name, NAME_LIMIT) for name in _several(value)))
        elif key in _READERS and (read := _READERS[key](value)) is not None:
            told[key] = read
    return Report(**told, milestones=tuple(dict.fromkeys(milestones))[:MOST_MILESTONES])


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any, limit: int) -> str | None:
    if not isinstance(value, str):
        return None
    return clean(value, limit).strip() or None


def _number(value: Any, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.removesuffix("%") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= most else None


def _whole(value: Any, most: int) -> int | None:
    number = _number(value, most)
    return int(number) if number is not None and number == int(number) else None


def _tests(value: Any) -> str | None:
    match = _TESTS.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    passed, total = int(match[1]), int(match[2])
    return f"{passed}/{total}" if passed <= total <= MOST_TESTS else None


_READERS: dict[str, Callable[[Any], Any]] = {
    "progress": lambda value: _number(value, 100.0),
    "says": lambda value: _text(value, SAYS_LIMIT),
    "tests": _tests,
    "step": lambda value: _whole(value, MOST_STEPS),
    "cost_usd": lambda value: _number(value, MOST_COST),
    "question": lambda value: _text(value, MESSAGE_LIMIT),
}


def _error(stated: dict[str, Any], message: str, hints: Any) -> TaskError:
    """The failure in its class (M168); a name that is none of the classes stays in the message."""
    given = hints if isinstance(hints, list) else []
    named = _text(stated.get("type"), NAME_LIMIT) or ErrorType.IMPLEMENTATION
    kind = ErrorType(named)
    words = _text(message, MESSAGE_LIMIT) or "the agent reports an error without a message"
    known = kind is not ErrorType.IMPLEMENTATION or "".join(named.split()).casefold() == kind.casefold()
    return TaskError(
        type=kind,
        message=words if known else f"{named}: {words}",
        context=_text(stated.get("context"), MESSAGE_LIMIT) or "",
        hints=tuple(dict.fromkeys(filter(None, (_text(hint, SAYS_LIMIT) for hint in given))))[:4],
        test=_text(stated.get("test"), SAYS_LIMIT) or "",
    )
