"""Names that two agents give to different things: what a wave watches beside its declared files (M053).

An entry of `watch` is a regular expression between slashes, after a file pattern and a colon where it is
about some files only: `api/*.py: /route\\("([^"]+)"/`. Its first group, else all that it matches, is the
name. Words such as "API endpoint naming conflicts" stand for the usual expressions. Only lines that were
added count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations

from msgspec import Struct

from engine.core.patterns import matches

MOST = 50
"""Clashes that are told of at once."""
ROUTES = r"""(?:route|get|post|put|patch|delete|path|url)\(\s*[rbuf]?["']([^"'\s]+)["']"""
DEFINITIONS = (
    r"""^\s*(?:export\s+|pub\s+|public\s+|async\s+)*(?:def|class|function|func|fn)\s+([A-Za-z_]\w*)"""
)
REGISTRATIONS = r"""(?:component|register\w*|define)\(\s*["']([^"'\s]+)["']"""
_WORDS = (
    (("endpoint", "route", "api"), ROUTES),
    (("naming", "name", "endpoint", "function", "class"), DEFINITIONS),
    (("component", "registration"), REGISTRATIONS),
)
_ENTRY = re.compile(r"(?:(?P<files>[^:]+?)\s*:\s*)?/(?P<expression>.+)/")
_NO_NAME = re.compile(r"__\w+__|test_?\w*|main|setUp|tearDown")
"""What every file may have."""


class Watched(Struct, frozen=True):
    """An expression whose group is a name, in files of that pattern."""

    files: str
    expression: str


class Added(Struct, frozen=True):
    """A line that an agent added."""

    file: str
    line: int
    text: str


class NameClash(Struct, frozen=True):
    """Two tasks that both add this name, in different files."""

    name: str
    first: str
    second: str
    at_first: Added
    at_second: Added


def watched(entries: Iterable[str]) -> tuple[Watched, ...]:
    """What the entries of a wave ask for. Raises re.error for a broken expression."""
    found: dict[Watched, None] = {}
    for entry in entries:
        if match := _ENTRY.fullmatch(entry.strip()):
            re.compile(match["expression"])
            found[Watched(match["files"] or "**", match["expression"])] = None
            continue
        folded = entry.casefold()
        for words, expression in _WORDS:
            if any(word in folded for word in words):
                found[Watched("**", expression)] = None
    return tuple(found)


def names(lines: Iterable[Added], wanted: Iterable[Watched]) -> dict[str, Added]:
    """The names that lines give, each with the first line that does."""
    found: dict[str, Added] = {}
    for line in lines:
        for one in wanted:
            if not matches(one.files, line.file):
                continue
            for match in _compiled(one.expression).finditer(line.text):
                name = match[1] if match.re.groups else match[0]
                if name and not _NO_NAME.fullmatch(name):
                    found.setdefault(name, line)
    return found


@lru_cache(maxsize=64)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def clashing(sides: Mapping[str, Mapping[str, Added]]) -> tuple[NameClash, ...]:
    """Every name that two tasks both add in different files; in one file git sees to it."""
    found = [
        NameClash(name, one, two, sides[one][name], sides[two][name])
        for one, two in combinations(sides, 2)
        for name in sides[one].keys() & sides[two].keys()
        if sides[one][name].file != sides[two][name].file
    ]
    return tuple(sorted(found, key=lambda clash: (clash.first, clash.second, clash.name))[:MOST])
