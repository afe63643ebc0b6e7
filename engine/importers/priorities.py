"""Where the priorities of a Markdown roadmap stand, and where each says its status."""

from __future__ import annotations

import re

from msgspec import Struct

from engine.importers.prose import Line, lines_of
from engine.importers.words import MARK, state_of

_HEADING = re.compile(
    r"(?P<level>#{2,6})[ \t]+(?:\*\*)?PRIORITY[ \t]+(?P<number>\d{1,9}(?:\.\d{1,9}){0,3})(?:\*\*)?"
    r"(?:[ \t]*[:.–—-][ \t]*|[ \t]+|$)",
    re.IGNORECASE,
)
_OTHER_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]")
_LAST = 3  # marks of a heading that may be its status; more are decoration
_PLAIN = re.compile(r"(?:[-–—|(\[][ \t]*)(?P<words>[A-Za-z][A-Za-z ]{0,30})[)\]]?$")
_BARE = re.compile(r"(?P<words>Planned|Complete)$")
_STATUS = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?(?:\*\*|__)?Status(?:\*\*|__)?[ \t]*:[ \t]*(?:\*\*|__)?[ \t]*", re.I
)


class Priority(Struct, frozen=True):
    """A priority's heading and the lines up to the next one. `status_at` is the column in the heading where
    its status begins, the heading's end when it has none."""

    number: str
    title: str
    heading: Line
    status_at: int
    body: tuple[Line, ...]

    @property
    def status(self) -> str:
        """What the heading says of the status, with its mark; empty when nothing."""
        return self.heading.text[self.status_at :].strip(" \t()[]-–—|")


def priorities(text: str) -> list[Priority]:
    """The priorities of a roadmap in the order of the file; none when it is no roadmap (M015)."""
    found: list[tuple[re.Match[str], Line, list[Line]]] = []
    level = 0  # of the heading whose section is open
    for line in lines_of(text):
        heading = None if line.code else _HEADING.match(line.text)
        other = None if line.code or heading else _OTHER_HEADING.match(line.text)
        if heading:
            found.append((heading, line, []))
            level = len(heading["level"])
        elif other and len(other["level"]) <= level:
            level = 0
        elif level:
            found[-1][2].append(line)
    return [_priority(heading, line, body) for heading, line, body in found]


def status_line(line: Line) -> int | None:
    """The column where a line such as `**Status**: 📝 Planned` has its value; None for other lines."""
    found = None if line.code else _STATUS.match(line.text)
    return found.end() if found else None


def _priority(heading: re.Match[str], line: Line, body: list[Line]) -> Priority:
    at = heading.end() + _status_at(line.text[heading.end() :])
    title = line.text[heading.end() : at].strip(" \t#*")
    return Priority(heading["number"], title, line, at, tuple(body))


def _status_at(said: str) -> int:
    """Where the status begins in a heading behind its number; marks inside a title are none."""
    end = len(said.rstrip())
    for mark in list(MARK.finditer(said))[: -_LAST - 1 : -1]:
        after = said[mark.end() :].strip(" \t*)]")
        if not after or state_of(after):
            return len(said[: mark.start()].rstrip(" \t([|-–—"))
    for pattern in (_PLAIN, _BARE):
        plain = pattern.search(said[:end])
        if plain and said[: plain.start()].strip() and state_of(plain["words"]):
            return plain.start()
    return end
