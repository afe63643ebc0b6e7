"""Fills the `${NAME}` placeholders of a document's template from values, as its format needs it (M019).

A template is YAML or Markdown. Where a placeholder stands decides how its value is written:

- alone on a line, lists and mappings become a block and texts keep their lines, each indented to the
  placeholder's column;
- inside a block scalar of YAML, a text keeps its lines too; below a `>` YAML folds them, as it does there;
- as a value of YAML, lists and mappings become a flow value, texts are quoted when they need it;
- inside a quoted scalar of YAML, or in the middle of other text, a value is one line, escaped.

Values are put in once: a `${` inside a value is text and stays, so a filled document may well have one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import yaml

from engine.core.errors import Fault, PlanError
from engine.exporters.markdown import Markdown, inline, plain

Value: TypeAlias = str | int | float | list[Any] | dict[str, Any]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPENING = re.compile(r"\$\{(?![A-Za-z_][A-Za-z0-9_]*\})")
_ALONE = re.compile(r"( *)\$\{(\w+)\}\s*")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_HEAD = re.compile(rf" *(?:- +)*(?:(?:{_QUOTED.pattern}|[^\s\"'#\[{{][^:#]*):(?: +|$))?")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_LINE_START = re.compile(r"[\s>#*+-]*(?:[0-9]+[.)]\s+)?")
_LITERAL = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_QUOTED_OR_PLACEHOLDER = re.compile(f"{_QUOTED.pattern}|{_PLACEHOLDER.pattern}")


def fill(
    template: str,
    values: Mapping[str, Value],
    *,
    file: str = "template",
    markdown: bool = False,
    sources: Mapping[str, str] | None = None,
) -> str:
    """The template with every placeholder filled; `file` stands for it in errors, and `sources` tell where
    the value would come from of a placeholder that has none.

    Raises PlanError with one fault for each placeholder that has no value, naming it and its line; also for
    a YAML template that is no YAML once it is filled."""
    faults = [
        fault
        for number, line in enumerate(template.split("\n"), 1)
        for fault in _unfilled(line, number, values, file, sources or {})
    ]
    if faults:
        raise PlanError(faults)
    if markdown:
        return "\n".join(_markdown_line(line, values) for line in template.split("\n"))
    text = "\n".join(_yaml_lines(template, values))
    _check(text, file)
    return text


def names(template: str) -> tuple[str, ...]:
    """The placeholders of a template, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def _unfilled(
    line: str, number: int, values: Mapping[str, Value], file: str, sources: Mapping[str, str]
) -> list[Fault]:
    faults = []
    for name in names(line):
        if name not in values:
            unsaid = f"the plan does not say it; {sources[name]} does" if name in sources else ""
            why = unsaid or f"there are {', '.join(sorted({*values, *sources}))}"
            faults.append(Fault(f"the placeholder ${{{name}}} has no value; {why}", file, number))
    if _OPENING.search(line):
        faults.append(Fault("found ${ without a name and a }; accepted: ${NAME}", file, number))
    return faults


def _markdown_line(line: str, values: Mapping[str, Value]) -> str:
    if alone := _ALONE.fullmatch(line):
        return _indented(_as_markdown(values[alone[2]], whole=True), alone[1])

    def put(found: re.Match[str]) -> str:
        starts = _LINE_START.fullmatch(line, 0, found.start()) is not None
        return _as_markdown(values[found[1]], starts=starts)

    return _PLACEHOLDER.sub(put, line)


def _as_markdown(value: Value, *, whole: bool = False, starts: bool = False) -> str:
    """A value alone on its line, or inside one, where only what `starts` it can open a block."""
    match value:
        case Markdown():
            return str(value) if whole else " ".join(value.split())
        case list() | dict():
            if whole:
                return "\n".join(f"- {plain(item)}" for item in _items(value))
            return (plain if starts else inline)(", ".join(_items(value)))
        case _:
            return (plain if whole or starts else inline)(value)


def _yaml_lines(template: str, values: Mapping[str, Value]) -> Iterator[str]:
    literal = -1  # how far the line is indented that opened a block scalar; -1 outside of them
    for line in template.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if literal >= 0 and line.strip() and indent <= literal:
            literal = -1
        if "${" not in line:
            yield line
        elif literal >= 0:
            yield _literal_line(line, values)
        elif line.lstrip().startswith("#"):
            yield _one_liners(line, values)
        else:
            yield _yaml_line(line, values)
        if literal < 0 and _LITERAL.search(line):
            literal = indent


def _literal_line(line: str, values: Mapping[str, Value]) -> str:
    """A line of a block scalar. Lines of a value go on at its column; blanks before the first one would be
    read as a deeper column and are left out."""
    indent = line[: len(line) - len(line.lstrip(" "))]

    def put(found: re.Match[str]) -> str:
        value = values[found[1]]
        if not isinstance(value, str):
            return _one_line(value)
        text = value.lstrip() if found.start() == len(indent) else value
        first, *more = text.rstrip().splitlines() or [""]
        return "\n".join([first, *(f"{indent}{each}" if each.strip() else "" for each in more)])

    return _PLACEHOLDER.sub(put, line)


def _yaml_line(line: str, values: Mapping[str, Value]) -> str:
    if alone := _ALONE.fullmatch(line):
        value = values[alone[2]]
        return _indented(value if isinstance(value, str) else _dumped(value), alone[1])
    found = _HEAD.match(line)
    head = found[0] if found is not None else ""
    rest = line[len(head) :]
    quoted = _QUOTED.match(rest)
    comment = _COMMENT.search(rest, quoted.end() if quoted else 0)
    typed = rest[: comment.start()] if comment else rest
    head = _PLACEHOLDER.sub(lambda name: _scalar(_one_line(values[name[1]])), head)
    return head + _yaml_value(typed, values) + _one_liners(rest[len(typed) :], values)


def _yaml_value(typed: str, values: Mapping[str, Value]) -> str:
    """What stands behind a key or a dash: a flow collection, a quoted scalar, or plain text."""
    if "${" not in typed:
        return typed
    if typed[0] in "[{\"'" or _PLACEHOLDER.fullmatch(typed):
        in_flow = typed[0] in "[{"

        def put(found: re.Match[str]) -> str:
            if found[1] is None:
                return (
                    _quoted(_texts(str(yaml.safe_load(found[0])), values)) if "${" in found[0] else found[0]
                )
            value = values[found[1]]
            if isinstance(value, str):
                return _quoted(value) if in_flow else _scalar(value)
            return _dumped(value, default_flow_style=True)

        return _QUOTED_OR_PLACEHOLDER.sub(put, typed)
    return _scalar(_texts(typed, values))


def _scalar(text: str) -> str:
    """A YAML scalar that reads as this text, or as the number that it is; plain where that is enough."""
    try:
        read = yaml.safe_load(f"k: {text}") if "\n" not in text else None
    except yaml.YAMLError:
        read = None
    plainly = read["k"] if isinstance(read, dict) and list(read) == ["k"] else None
    number = isinstance(plainly, int | float) and str(plainly) == text
    return text if plainly == text or number else _quoted(text)


def _quoted(text: str) -> str:
    return _dumped(text, default_style='"')


def _dumped(value: Value, **style: Any) -> str:
    separate = json.loads(json.dumps(value))  # a list that stands twice would become an anchor
    dumped: str = yaml.safe_dump(separate, sort_keys=False, allow_unicode=True, width=10**6, **style)
    return dumped.removesuffix("...\n").rstrip("\n")


def _texts(typed: str, values: Mapping[str, Value]) -> str:
    def put(found: re.Match[str]) -> str:
        value = values[found[1]]
        return value if isinstance(value, str) else _one_line(value)

    return _PLACEHOLDER.sub(put, typed)


def _one_liners(line: str, values: Mapping[str, Value]) -> str:
    return _PLACEHOLDER.sub(lambda found: _one_line(values[found[1]]), line)


def _one_line(value: Value) -> str:
    return ", ".join(" ".join(item.split()) for item in _items(value))


def _items(value: Value) -> list[str]:
    match value:
        case list():
            return [_one_line(item) for item in value]
        case dict():
            return [f"{key}: {_one_line(item)}" for key, item in value.items()]
        case _:
            return [str(value)]


def _indented(text: str, indent: str) -> str:
    return "\n".join(f"{indent}{line}" if line else "" for line in text.split("\n"))


def _check(text: str, file: str) -> None:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error)
        raise PlanError(
            [Fault(f"is no YAML once it is filled: {message}", file, mark.line + 1 if mark else 0)]
        ) from None
