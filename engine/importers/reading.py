"""Checks a file's tree against the shapes and turns what is right into plain data."""

from __future__ import annotations

import math
import re
from typing import Any, Final, assert_never

from engine.core import durations
from engine.core.errors import PlanError
from engine.importers.log import Log
from engine.importers.nodes import Broken, Entries, Items, Node, Path, Scalar, is_null
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

BAD: Final = object()
"""Stands for a value that was reported; keys of records whose value is bad are left out."""

_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:[eE][-+]?[0-9]{1,3})?")
_QUANTITY = re.compile(r"(?P<number>[0-9.]+) ?(?P<prefix>[KkMmGgTt]?)i?(?P<unit>B|b|[Bb]it)(?:/s)?")
_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_TYPED = {"true": True, "True": True, "false": False, "False": False}
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


def read(shape: Shape, node: Node, path: Path, log: Log) -> Any:
    """The value of `node` as `shape` describes it: str, float, int, bool, Span, tuple, dict; or BAD, told
    to the log. A list keeps BAD items in their place, so that indexes stay those of the file."""
    if isinstance(node, Broken):
        return BAD
    match shape:
        case Text() | Number() | Flag() | Choice() | Duration() | Amount():
            return _scalar(shape, node, path, log)
        case ListOf():
            return _list(shape, node, path, log)
        case MapOf():
            return _map(shape, node, path, log)
        case Record():
            return _record(shape, node, path, log)
        case Either():
            if isinstance(node, Scalar):
                value = _scalar(shape.plain, node, path, log)
                return BAD if value is BAD else {shape.key: value}
            if isinstance(node, Items):
                accepted = f"{shape.plain.accepts}, or a mapping with {_keys(shape.record)}"
                return _wrong(node, accepted, path, log)
            return _record(shape.record, node, path, log)
        case Anything():
            return plain(node)
        case Kept():
            return BAD if read(shape.shape, node, path, log) is BAD else plain(node)
        case _:
            assert_never(shape)


def plain(node: Node) -> Any:
    """What a file has at a place as JSON has it: dict, list, str, int, float, bool or None."""
    match node:
        case Entries():
            return {key.text: plain(inner) for key, inner in node.entries}
        case Items():
            return [plain(item) for item in node.items]
        case Scalar():
            return _plain_scalar(node)
        case Broken():
            return None
        case _:
            assert_never(node)


def _plain_scalar(node: Scalar) -> Any:
    if is_null(node):
        return None
    if (number := _number(node)) is not None:
        return int(node.text) if _WHOLE.fullmatch(node.text) else number
    if not node.quoted and node.text in _TYPED:
        return _TYPED[node.text]
    return node.text


def found(node: Node) -> str:
    """What a file has at a place, for the first half of a message."""
    match node:
        case Scalar():
            if is_null(node):
                return "found no value"
            text = node.text if len(node.text) <= 60 else node.text[:57] + "..."
            return f"found the text {text!r}" if node.quoted else f"found {text!r}"
        case Items():
            return "found a list"
        case Entries():
            return "found a mapping"
        case Broken():
            return "found something unreadable"
        case _:
            assert_never(node)


def _wrong(node: Node, accepts: str, path: Path, log: Log) -> object:
    log.error(path, f"{found(node)}; accepted: {accepts}", node)
    return BAD


def _list(shape: ListOf, node: Node, path: Path, log: Log) -> Any:
    if isinstance(node, Scalar) and is_null(node):
        node = Items([], node.file, node.line)
    if not isinstance(node, Items):
        return _wrong(node, shape.accepts, path, log)
    if len(node.items) < shape.least:
        log.error(path, f"found an empty list; accepted: at least {shape.least}", node)
        return BAD
    return tuple([read(shape.item, item, (*path, index), log) for index, item in enumerate(node.items)])


def _map(shape: MapOf, node: Node, path: Path, log: Log) -> Any:
    if isinstance(node, Scalar) and is_null(node):
        return {}
    if not isinstance(node, Entries):
        return _wrong(node, shape.accepts, path, log)
    values: dict[str, Any] = {}
    for key, inner in node.entries:
        if not shape.key.compiled.search(key.text):
            log.error(
                (*path, key.text), f"found the key {key.text[:60]!r}; accepted: {shape.key.accepts}", key
            )
            continue
        value = read(shape.value, inner, (*path, key.text), log)
        if value is not BAD:
            values[key.text] = value
    return values


def _record(shape: Record, node: Node, path: Path, log: Log) -> Any:
    if isinstance(node, Scalar) and is_null(node):
        node = Entries([], node.file, node.line)
    if not isinstance(node, Entries):
        return _wrong(node, f"a mapping with {_keys(shape)}", path, log)
    values: dict[str, Any] = {}
    for key, inner in node.entries:
        field = shape.by_key.get(key.text)
        if field is not None:
            value = read(field.shape, inner, (*path, key.text), log)
            if value is not BAD:
                values[key.text] = value
        elif shape.open:
            values[key.text] = plain(inner)
        elif not key.text.startswith("x-"):
            near = log.nearest(key.text, (known.key for known in shape.fields))
            log.error(
                (*path, key.text),
                f"unknown key {key.text[:60]!r}{near or '; accepted: ' + _keys(shape)}",
                key,
            )
    for field in shape.required:
        if node.get(field.key) is None:
            log.error(path, f"the key {field.key!r} is missing: {field.about}", node)
    return values


def _keys(shape: Record) -> str:
    return ", ".join(field.key for field in shape.fields)


def _scalar(
    shape: Text | Number | Flag | Choice | Duration | Amount, node: Node, path: Path, log: Log
) -> Any:
    if not isinstance(node, Scalar) or is_null(node):
        accepts = durations.ACCEPTED if isinstance(shape, Duration) else shape.accepts
        return _wrong(node, accepts, path, log)
    match shape:
        case Text():
            return _text(shape, node, path, log)
        case Number():
            number = _number(node)
            right = number is not None and shape.least <= number <= shape.most
            if number is None or not right or (shape.whole and not number.is_integer()):
                return _wrong(node, shape.accepts, path, log)
            return int(number) if shape.whole else number
        case Flag():
            word = "" if node.quoted else node.text.lower()
            if word not in _TRUE | _FALSE:
                return _wrong(node, shape.accepts, path, log)
            return word in _TRUE
        case Choice():
            meant = shape.meant(node.text)
            if meant is None:
                near = log.nearest(node.text, shape.words)
                return _wrong(node, shape.accepts + near, path, log)
            return shape.words[meant]
        case Duration():
            return _duration(shape, node, path, log)
        case Amount():
            return _amount(shape, node, path, log)
        case _:
            assert_never(shape)


def _text(shape: Text, node: Scalar, path: Path, log: Log) -> Any:
    surrogate = not node.text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in node.text)
    if surrogate or not shape.compiled.search(node.text):
        return _wrong(node, shape.accepts, path, log)
    return node.text


def _number(node: Scalar) -> float | None:
    if node.quoted or not _NUMBER.fullmatch(node.text):
        return None
    number = float(node.text)
    return number if math.isfinite(number) else None


def _duration(shape: Duration, node: Scalar, path: Path, log: Log) -> Any:
    number = _number(node)
    if number is not None and not shape.span and 0 <= number < 1e9:
        seconds = number
    else:
        try:
            span = durations.parse(node.text)
        except PlanError as error:
            unit = "; say the unit, as in " + repr(node.text + " minutes") if number and shape.span else ""
            log.error(path, error.faults[0].message + unit, node)
            return BAD
        if shape.span:
            return span
        seconds = span.most
    if shape.positive and seconds <= 0:
        return _wrong(node, "a duration longer than nothing", path, log)
    return seconds


def _amount(shape: Amount, node: Scalar, path: Path, log: Log) -> Any:
    number = _number(node)
    if number is not None and number >= 0:
        return number
    if number is not None or not re.search(shape.pattern, node.text):
        return _wrong(node, shape.accepts, path, log)
    parts = _QUANTITY.fullmatch(node.text)
    assert parts is not None, "the pattern allows only quantities"
    base = 1000.0 if shape.rate else 1024.0
    bits = 8 if parts["unit"].lower() == "bit" else 1
    return float(parts["number"]) * base ** _POWER[parts["prefix"].lower()] / bits
