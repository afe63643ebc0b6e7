"""What Markdown says: lines such as `**Files**: a.py`, and lists below such a line or a heading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.importers.shapes import folded

_FENCE = re.compile(r"[ \t]{0,3}(?P<fence>```+|~~~+)")
_KEY = re.compile(
    r"[ \t]*(?:(?P<bullet>[-*+])[ \t]+|(?P<heading>#{1,6})[ \t]+)?(?P<bold>\*\*|__)?"
    r"(?P<key>[A-Za-z][A-Za-z _-]{1,30})(?P<colon>:?)(?:\*\*|__)?[ \t]*(?P<colon2>:?)[ \t]*"
)
_BULLET = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_BOX = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX]\][ \t]+")
_HEADING = re.compile(r"#{1,6}[ \t]")
_NO_ANSWER = "_No response_"  # what forms put where nothing was filled in


class Line(Struct, frozen=True):
    """`number` counts from 1; `code` when it stands in a fenced block; `whole` is the line as it was written
    when `text` is only what it says."""

    number: int
    text: str
    code: bool = False
    whole: str = ""


class Said(Struct):
    """What is said under a key: `text` behind it, or `items` below it. `head` is the line with the key;
    `below`: the text is the line below it."""

    line: int
    text: str
    items: list[Line]
    head: str = ""
    below: Line | None = None

    @property
    def parts(self) -> list[Line]:
        """The text or the items, whichever there are."""
        if self.below is not None and self.text:
            return [self.below]
        return [Line(self.line, self.text, whole=self.head)] if self.text else self.items

    def lines_of(self, parts: Sequence[Line]) -> list[Line]:
        """Some of the parts as they were written, below the line with their key."""
        lines = [Line(part.number, part.whole) for part in parts]
        has_head = any(line.number == self.line for line in lines)
        return lines if has_head or not lines else [Line(self.line, self.head), *lines]


def lines_of(text: str) -> list[Line]:
    """The lines without their ends; a fence and what is in it is code."""
    lines: list[Line] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _FENCE.match(line)
        lines.append(Line(number, line.removesuffix("\r"), bool(fence or found)))
        if found and not fence:
            fence = found["fence"]
        elif found and found["fence"].startswith(fence):
            fence = ""
    return lines


def said(lines: Sequence[Line], words: Mapping[str, str]) -> tuple[dict[str, Said], list[Line]]:
    """What is said under each term, and the other lines. `words` has the term that a folded key stands for.

    The first line with a key counts; below a heading, a line of text counts as its value."""
    terms: dict[str, Said] = {}
    rest: list[Line] = []
    open_: Said | None = None
    may_follow = False
    for line in lines:
        term, value, heading = (
            ("", "", False) if line.code else _key(line.text, words, within=open_ is not None)
        )
        bullet = None if line.code else _BULLET.match(line.text)
        if term and term not in terms:
            terms[term] = Said(line.number, value, [], line.text)
            open_ = None if value else terms[term]
            may_follow = heading
        elif open_ is not None and bullet:
            open_.items.append(Line(line.number, line.text[bullet.end() :].strip(), whole=line.text))
            may_follow = False
        elif open_ is not None and may_follow and line.text.strip() and not _HEADING.match(line.text):
            text = line.text.strip()
            open_.text = "" if text == _NO_ANSWER else text
            open_.below = Line(line.number, text, whole=line.text)
            open_, may_follow = None, False
        else:
            if line.text.strip():
                open_ = None
            rest.append(line)
    return terms, rest


def boxes(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The items of task lists that are not ticked, and the other lines."""
    items: list[Line] = []
    rest: list[Line] = []
    for line in lines:
        found = None if line.code else _BOX.match(line.text)
        if found and not is_ticked(line.text):
            items.append(Line(line.number, line.text[found.end() :].strip(), whole=line.text))
        else:
            rest.append(line)
    return items, rest


def is_box(line: str) -> bool:
    """Whether a line is an item of a task list."""
    return _BOX.match(line) is not None


def is_ticked(line: str) -> bool:
    """Whether a line is an item of a task list that is done."""
    found = _BOX.match(line)
    return found is not None and "[x]" in found.group().lower()


def joined(lines: Sequence[Line]) -> str:
    """The lines as one text without empty lines and rules at its ends."""
    return "\n".join(line.text for line in lines).strip("\n -").rstrip()


def _key(text: str, words: Mapping[str, str], *, within: bool) -> tuple[str, str, bool]:
    """Term, value and whether it is a heading; within a list, only a bold key ends it."""
    found = _KEY.match(text)
    if found is None or (within and found["bullet"] and not found["bold"]):
        return "", "", False
    heading = bool(found["heading"])
    if not (heading or found["colon"] or found["colon2"]):
        return "", "", False
    return words.get(folded(found["key"]), ""), text[found.end() :].strip(), heading
