"""Reads JSON into a tree, with the line of every value.

It has a reader of its own because YAML's parsers do not know tabs between JSON values and pairs of
surrogates. It does not recurse, so no nesting can exhaust the stack.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, loads

from engine.core.errors import Fault, PlanError
from engine.importers.nodes import MAX_NODES, TOO_LARGE, Builder

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_TOKEN = re.compile(
    r"[ \t\r\n]*+("
    r'"(?:[^"\\\x00-\x1f]|\\.)*+"'
    r"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?+(?![0-9A-Za-z_.])"
    r"|true\b|false\b|null\b"
    r"|[\[\]{}]"
    r"|\Z)"
    r"(?:[ \t\r\n]*+([,:]))?+"
)
"""A string, a plain value, a bracket or the end, with the comma or colon behind it."""


def read_json(text: str, builder: Builder) -> Fault | None:
    """Tell the builder what the text holds; the fault when it is not JSON."""
    if len(text) > MAX_NODES and _values(text) > MAX_NODES:
        raise PlanError([Fault(TOO_LARGE, builder.file)])
    position, line = 0, 1
    closers: list[str] = []
    expect: str | None = "value"
    while expect:
        token = _TOKEN.match(text, position)
        wanted = expect
        if token is None:
            start = position + len(text[position:]) - len(text[position:].lstrip(" \t\r\n"))
            return _not_json(text, start, wanted, builder.file)
        start, end = token.span(1)
        if start > position:
            line += text.count("\n", position, start)
        if start == end and wanted == "end":
            return None
        expect = _token(text[start:end], wanted, closers, builder, line)
        position = end
        if expect and (mark := token[2]):
            start, position = token.span(2)
            if start > end:
                line += text.count("\n", end, start)
            wanted, expect = expect, _after_mark(mark, expect, closers)
    return _not_json(text, start, wanted, builder.file)


def _values(text: str) -> int:
    """At least so many values are in a JSON text, keys included: one for each comma and colon."""
    bare = _STRING.sub("", text)
    return bare.count(",") + bare.count(":")


_WORDS = {
    "value": "a value",
    "item": "a value or ]",
    "key": "a key in double quotes",
    "entry": "a key in double quotes or }",
    "colon": "a colon",
    "comma": "a comma, ] or }",
    "end": "the end of the file",
}


def _token(found: str, expect: str, closers: list[str], builder: Builder, line: int) -> str | None:
    """What is expected after this token; None when it is not what was expected."""
    first = found[:1]
    is_value = expect in ("value", "item")
    if first == '"' and (is_value or expect in ("key", "entry")):
        if "\\" not in found:
            builder.scalar(found[1:-1], True, line)
        elif not _escaped(found, builder, line):
            return None
        return "colon" if not is_value else "comma" if closers else "end"
    if first in _CLOSED_BY:
        return _opened(first, closers, builder, line) if is_value else None
    if first in ("]", "}"):
        return _closed(first, expect, closers, builder)
    if not is_value or not first or first == '"':
        return None
    builder.scalar(found, False, line)
    return "comma" if closers else "end"


def _after_mark(mark: str, expect: str, closers: list[str]) -> str | None:
    if mark == ":":
        return "value" if expect == "colon" else None
    return None if expect != "comma" else "value" if closers[-1] == "]" else "key"


_CLOSED_BY = {"[": "]", "{": "}"}


def _opened(found: str, closers: list[str], builder: Builder, line: int) -> str:
    closers.append(_CLOSED_BY[found])
    if found == "[":
        builder.open_list(line)
        return "item"
    builder.open_map(line)
    return "entry"


def _closed(found: str, expect: str, closers: list[str], builder: Builder) -> str | None:
    if expect not in ("comma", "item", "entry") or closers[-1] != found:
        return None
    builder.close()
    closers.pop()
    return "comma" if closers else "end"


def _escaped(token: str, builder: Builder, line: int) -> bool:
    try:
        builder.scalar(loads(token), True, line)
    except JSONDecodeError:
        return False
    return True


def _not_json(text: str, start: int, expect: str, file: str) -> Fault:
    found = repr(text[start : start + 20]) if start < len(text) else "the end of the file"
    return Fault(
        f"is not JSON: found {found}; accepted here: {_WORDS[expect]}", file, text.count("\n", 0, start) + 1
    )
