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
    r"[ \t\r\n]*+(?:"
    r'(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*+")'
    r"|(?P<plain>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?+(?![0-9A-Za-z_.])"
    r"|true\b|false\b|null\b)"
    r"|(?P<mark>[\[\]{},:])"
    r"|(?P<end>\Z))"
)


def read_json(text: str, builder: Builder) -> Fault | None:
    """Tell the builder what the text holds; the fault when it is not JSON."""
    if len(text) > MAX_NODES and _values(text) > MAX_NODES:
        raise PlanError([Fault(TOO_LARGE, builder.file)])
    position, line = 0, 1
    closers: list[str] = []
    expect = "value"
    while True:
        token = _TOKEN.match(text, position)
        if token is None:
            start = position + len(text[position:]) - len(text[position:].lstrip(" \t\r\n"))
            return _not_json(text, start, expect, builder.file)
        kind = token.lastgroup or ""
        start, end = token.span(kind)
        if start > position:
            line += text.count("\n", position, start)
        if kind == "end" and expect == "end":
            return None
        follows = _json_token(kind, text[start:end], expect, closers, builder, line)
        if follows is None:
            return _not_json(text, start, expect, builder.file)
        expect, position = follows, end


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


def _json_token(
    kind: str, found: str, expect: str, closers: list[str], builder: Builder, line: int
) -> str | None:
    """What is expected after this token; None when it is not what was expected."""
    if kind == "mark":
        return _json_mark(found, expect, closers, builder, line)
    is_value = expect in ("value", "item")
    if kind == "string" and (is_value or expect in ("key", "entry")):
        if not _json_string(found, builder, line):
            return None
    elif kind == "plain" and is_value:
        builder.scalar(found, False, line)
    else:
        return None
    return "colon" if not is_value else "comma" if closers else "end"


def _json_mark(found: str, expect: str, closers: list[str], builder: Builder, line: int) -> str | None:
    if found == ":":
        return "value" if expect == "colon" else None
    if found == ",":
        return None if expect != "comma" else "value" if closers[-1] == "]" else "key"
    if found in _CLOSED_BY:
        return _json_open(found, closers, builder, line) if expect in ("value", "item") else None
    if expect not in ("comma", "item", "entry") or closers[-1] != found:
        return None
    builder.close()
    closers.pop()
    return "comma" if closers else "end"


_CLOSED_BY = {"[": "]", "{": "}"}


def _json_open(found: str, closers: list[str], builder: Builder, line: int) -> str:
    closers.append(_CLOSED_BY[found])
    if found == "[":
        builder.open_list(line)
        return "item"
    builder.open_map(line)
    return "entry"


def _json_string(token: str, builder: Builder, line: int) -> bool:
    try:
        builder.scalar(loads(token) if "\\" in token else token[1:-1], True, line)
    except JSONDecodeError:
        return False
    return True


def _not_json(text: str, start: int, expect: str, file: str) -> Fault:
    found = repr(text[start : start + 20]) if start < len(text) else "the end of the file"
    return Fault(
        f"is not JSON: found {found}; accepted here: {_WORDS[expect]}", file, text.count("\n", 0, start) + 1
    )
