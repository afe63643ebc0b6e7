"""What the body of an issue says beside its prose: acceptance criteria, steps, files, an estimate, needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.core import durations
from engine.core.errors import PlanError
from engine.importers.making import Maker
from engine.importers.nodes import Node
from engine.importers.prose import Line, Said, boxes, is_box, is_ticked, joined, lines_of, said
from engine.importers.shapes import PATH, words_of
from engine.importers.words import TICKET

_TERMS = ("criteria", "files", "estimate", "points", "steps", "deliverables")
_WORDS = words_of({**{term: TICKET[term] for term in _TERMS}, "needs": (*TICKET["needs"], "requires")})
_WAITS = re.compile(
    r"[\s>*+-]*(?:depends on|blocked by|needs|requires|waiting on)\b[\s:*_]*(?P<issues>\S*(?:#|/|-)[0-9].*)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?:#|/issues/)[0-9]")
_ISSUES = re.compile(
    r"\b(?:and|or|none)\b|(?<![\w/#])(?:#|[A-Za-z][A-Za-z0-9_]*-)[0-9]+\b|https?://\S+/(?:issues|browse)/\S+",
    re.IGNORECASE,
)
_LISTS = ("steps", "criteria", "deliverables", "files")
_WORD = re.compile(r"\w")
_CODE = re.compile(r"`([^`]+)`")
_SPACE = re.compile(r"\s")
_IN_PATHS = re.compile(r"[./*]")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


def from_body(text: str, at: Node, make: Maker) -> tuple[dict[str, Node], list[str]]:
    """Native keys of a task, all standing at `at`, and the texts that say what it waits for.

    A key is a line `Files: a.py` or a heading; task lists are steps. What is left is the description, so that
    nothing is lost: also boxes that are ticked, which are done and no steps any more, and what stands under a
    key but is not all of its kind, such as files that cannot be paths."""
    terms, rest = said(lines_of(text), _WORDS)
    lists = {
        term: [value for part in _parts(terms, term) for value in _SAYS[term](part)[0]] for term in _SAYS
    }
    waiting = [waits["issues"] for line in rest if not line.code and (waits := _WAITS.match(line.text))]
    boxed, rest = boxes(sorted([*rest, *_left(terms)], key=lambda line: line.number))
    lists["steps"] += [step.text for step in boxed if not _is_reference(step.text)]
    rest += [Line(step.number, step.whole) for step in boxed if _is_reference(step.text)]
    made: dict[str, Node] = {key: make.texts(lists[key], at) for key in _LISTS if lists[key]}
    for duration in lists["estimate"][:1]:
        made["estimate"] = make.text(duration, at)
    for points in lists["points"][:1]:
        made["points"] = make.value(float(points), at)
    if prose := joined(sorted(rest, key=lambda line: line.number)):
        made["description"] = make.text(prose, at)
    return made, lists["needs"] + waiting


def _left(terms: Mapping[str, Said]) -> list[Line]:
    """What is said under keys and not taken, or not wholly, as it was written."""
    left: list[Line] = []
    for term, each in terms.items():
        parts = [part for part in each.parts if not _SAYS[term](part)[1]]
        boxed = [part for part in parts if is_box(part.whole)]
        left += [Line(part.number, part.whole) for part in boxed]
        left += each.lines_of([part for part in parts if not is_box(part.whole)])
    return left


def _texts(part: Line) -> tuple[list[str], bool]:
    """What is taken of a part of a list of texts, and whether that is all it says."""
    return [part.text], True


def _steps(part: Line) -> tuple[list[str], bool]:
    return ([], False) if is_ticked(part.whole) else ([part.text], True)


def _files(part: Line) -> tuple[list[str], bool]:
    names = _paths(part.text)
    rest = part.text
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, " ")
    return names, not _WORD.search(rest)


def _needs(part: Line) -> tuple[list[str], bool]:
    """Which references name an issue, the tracker's importer knows; here only whether more is said."""
    return [part.text], not _WORD.search(_ISSUES.sub(" ", part.text))


def _estimate(part: Line) -> tuple[list[str], bool]:
    right = is_duration(part.text)
    return [part.text] if right else [], right


def _points(part: Line) -> tuple[list[str], bool]:
    right = _NUMBER.fullmatch(part.text) is not None
    return [part.text] if right else [], right


_SAYS: Mapping[str, Callable[[Line], tuple[list[str], bool]]] = {
    "steps": _steps,
    "criteria": _texts,
    "deliverables": _texts,
    "files": _files,
    "estimate": _estimate,
    "points": _points,
    "needs": _needs,
}


def _is_reference(step: str) -> bool:
    """Whether a step is nothing but another issue."""
    return not _SPACE.search(step) and _REFERENCE.search(step) is not None


def is_duration(text: str) -> bool:
    """Whether the text is a duration of M004."""
    try:
        durations.parse(text)
    except PlanError:
        return False
    return True


def _parts(terms: Mapping[str, Said], term: str) -> list[Line]:
    return terms[term].parts if term in terms else []


def _paths(text: str) -> list[str]:
    """Only what can be a path in the repository."""
    names: list[str] = []
    for part in text.split(","):
        names += _CODE.findall(part) or [part.strip()]
    likely = (name for name in names if _IN_PATHS.search(name) and not _SPACE.search(name))
    return [name for name in likely if re.search(PATH, name)]
