"""What the body of an issue says beside its prose: acceptance criteria, steps, files, an estimate, needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.core import durations
from engine.core.errors import PlanError
from engine.importers.making import Maker
from engine.importers.nodes import Node
from engine.importers.prose import Line, Said, boxes, joined, lines_of, said, words_of
from engine.importers.shapes import PATH
from engine.importers.words import TICKET

_TERMS = ("criteria", "files", "estimate", "points", "steps", "deliverables")
_WORDS = words_of({**{term: TICKET[term] for term in _TERMS}, "needs": (*TICKET["needs"], "requires")})
_WAITS = re.compile(
    r"[\s>*+-]*(?:depends on|blocked by|needs|requires|waiting on)\b[\s:*_]*(?P<issues>\S*(?:#|/|-)[0-9].*)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?:#|/issues/)[0-9]")
_CODE = re.compile(r"`([^`]+)`")
_SPACE = re.compile(r"\s")
_IN_PATHS = re.compile(r"[./*]")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


def from_body(text: str, at: Node, make: Maker) -> tuple[dict[str, Node], list[str]]:
    """Native keys of a task, all standing at `at`, and the texts that say what it waits for.

    A key is a line `Files: a.py` or a heading; task lists are steps; what is left is the description. Files
    that cannot be paths and estimates that are no durations are prose, not errors."""
    terms, rest = said(lines_of(text), _WORDS)
    needs = [part.text for part in _parts(terms, "needs")]
    needs += [waits["issues"] for line in rest if not line.code and (waits := _WAITS.match(line.text))]
    steps, rest = boxes(rest)
    steps = [step for step in steps if _SPACE.search(step.text) or not _REFERENCE.search(step.text)]
    lists = {
        "steps": [step.text for step in (*_parts(terms, "steps"), *steps)],
        "criteria": [part.text for part in _parts(terms, "criteria")],
        "deliverables": [part.text for part in _parts(terms, "deliverables")],
        "files": [name for part in _parts(terms, "files") for name in _paths(part.text)],
    }
    made: dict[str, Node] = {key: make.texts(values, at) for key, values in lists.items() if values}
    for part in _parts(terms, "estimate")[:1]:
        if is_duration(part.text):
            made["estimate"] = make.text(part.text, at)
    for part in _parts(terms, "points")[:1]:
        if _NUMBER.fullmatch(part.text):
            made["points"] = make.value(float(part.text), at)
    if prose := joined(rest):
        made["description"] = make.text(prose, at)
    return made, needs


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
