"""Reads plan files: bytes from disk or standard input, then YAML or JSON into a tree, strictly and bounded.

YAML is read from parser events, never through a constructor: nothing in a file can name a Python object, and
anchors, aliases, merge keys and tags are refused. It does not recurse, so no nesting can exhaust the stack.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import yaml

from engine.core.errors import Fault, PlanError
from engine.importers.json_reading import read_json
from engine.importers.nodes import Builder, Entries, Node
from engine.importers.translating import from_text

MAX_BYTES = 10 * 2**20
MAX_YAML = 4 * 2**20
"""YAML is read at about 1 MB a second, JSON several times as fast."""
MAX_TOLD = 20
"""Faults of one file that hide the rest: as many are told."""
STDIN = Path("-")
_STDIN_DEVICE = Path("/dev/stdin")

_MARKDOWN = (".md", ".markdown")
_HEADING = re.compile(r"\s*#{1,6}[ \t]+\S")
_KEY = re.compile(r"^[a-z_]+:(?:\s|$)", re.MULTILINE)
_NO_PRIORITIES = "has no priorities; a roadmap has headings such as `### PRIORITY 1: Title 📝 Planned`"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> tuple[str, bytes]:
    """The name of a file for messages, and its bytes, of which one more than MAX_BYTES at most. `-` and
    `/dev/stdin` are standard input; a named pipe is read to its end. Raises PlanError."""
    if path in (STDIN, _STDIN_DEVICE):
        return shown(path), sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise PlanError([Fault("is a folder" if stat.S_ISDIR(mode) else "is not a file", str(path))])
        with path.open("rb") as file:
            return str(path), file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise PlanError([Fault(f"cannot be read: {reason}", str(path))]) from None


def shown(path: Path) -> str:
    """The one name by which messages call a file."""
    return "<stdin>" if path == STDIN else str(path)


def tree(data: bytes, file: str) -> tuple[Node, list[Fault]]:
    """The content of one file, and what is wrong with it that does not hide the rest.

    Raises PlanError when there is no content to speak of: too large, not UTF-8, empty, no YAML, or with
    anchors, aliases, merge keys or tags, without which its content would be another one."""
    try:
        root, builder = _tree(data, file)
        if builder.refused:
            raise PlanError(builder.faults)
    except PlanError as error:
        raise PlanError(_few(error.faults)) from None
    return root, builder.faults


def _few(faults: Sequence[Fault]) -> Sequence[Fault]:
    """The first of many faults of one file, and how many there are more."""
    if len(faults) <= MAX_TOLD:
        return faults
    more = msgspec.structs.replace(faults[MAX_TOLD], message=f"and {len(faults) - MAX_TOLD} more", path="")
    return [*faults[:MAX_TOLD], more]


def _tree(data: bytes, file: str) -> tuple[Node, Builder]:
    text = _decoded(data, file)
    builder = Builder(file)
    if (root := from_text(text, file)) is not None:
        return root, builder
    is_json = text.lstrip()[:1] in ("{", "[")
    if file.lower().endswith(_MARKDOWN) and not is_json:
        raise PlanError([Fault(_NO_PRIORITIES, file, 1)])
    if file.endswith(".json") or is_json:
        failed = read_json(text, builder)
        if failed is None:
            return _root(builder), builder
        if file.endswith(".json") or len(data) > MAX_YAML:
            raise PlanError([*builder.faults, failed])
        builder = Builder(file)
    if len(data) > MAX_YAML:
        raise PlanError([Fault(f"is larger than {MAX_YAML // 2**20} MB; write it as JSON", file)])
    return _yaml_root(text, builder), builder


def _yaml_root(text: str, builder: Builder) -> Node:
    """The content as YAML; a text of another name that begins like Markdown and is no mapping is a roadmap
    without priorities."""
    named = builder.file.endswith((".yaml", ".yml"))
    is_prose = not named and _HEADING.match(text) and not _KEY.search(text)
    try:
        _yaml(text, builder)
        root = _root(builder)
    except PlanError:
        if is_prose:
            raise PlanError([Fault(_NO_PRIORITIES, builder.file, 1)]) from None
        raise
    if is_prose and not isinstance(root, Entries):
        raise PlanError([Fault(_NO_PRIORITIES, builder.file, 1)])
    return root


def _decoded(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise PlanError([Fault(f"is larger than {MAX_BYTES // 2**20} MB", file)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlanError([Fault(f"is not UTF-8: byte 0x{data[error.start]:02x}", file, line)]) from None
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise PlanError([Fault(f"has the control character U+{ord(found.group()):04X}", file, line)])
    if not text.strip():
        raise PlanError([Fault("is empty; a plan starts with `wavetree: 1`", file)])
    return text


def _root(builder: Builder) -> Node:
    if builder.root is None:
        builder.fault("has no content; a plan starts with `wavetree: 1`", 1)
        raise PlanError(builder.faults)
    return builder.root


def _yaml(text: str, builder: Builder, loader: type = _FAST) -> None:
    documents = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            line = _line(event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    builder.fault("a second document (---) starts here; accepted: one plan in a file", line)
                    return
            elif isinstance(event, yaml.AliasEvent):
                builder.broken(
                    f"the alias *{str(event.anchor)[:60]} is not accepted; write the value out", line
                )
            elif isinstance(event, yaml.NodeEvent):
                _yaml_node(event, builder, line)
            elif isinstance(event, yaml.CollectionEndEvent):
                builder.close()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlanError([*builder.faults, Fault(_words(error), builder.file, _line(mark))]) from None
    except yaml.YAMLError as error:
        raise PlanError([*builder.faults, Fault(f"is not YAML: {error}", builder.file)]) from None


def _line(mark: object) -> int:
    line = getattr(mark, "line", None)
    return 0 if line is None else int(line) + 1


def _yaml_node(event: yaml.NodeEvent, builder: Builder, line: int) -> None:
    if event.anchor is not None:
        builder.refuse(f"the anchor &{event.anchor[:60]} is not accepted; write the value out", line)
    tag = getattr(event, "tag", None)
    if tag is not None:
        builder.refuse(f"the tag {tag[:80]!r} is not accepted; leave it out", line)
    if isinstance(event, yaml.ScalarEvent):
        builder.scalar(event.value, bool(event.style), line)
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.open_list(line)
    else:
        builder.open_map(line)


def _words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "cannot be understood"
    hint = ""
    if "cannot start any token" in problem:
        hint = " (YAML is indented with blanks; text that starts with @, `, % or a tab needs quotes)"
    elif "mapping values are not allowed" in problem:
        hint = " (text with a colon and a blank in it needs quotes)"
    return f"is not YAML: {problem}{hint}"
