"""The words and marks of other tools and of the glossary, and the native terms they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.importers.shapes import folded, words_of
from engine.importers.task_fields import STATES, TASK

_TICKET: dict[str, tuple[str, ...]] = {
    "id": ("number", "key", "ticket", "ticket id", "story number", "story id", "issue", "issue key"),
    "title": ("name", "summary"),
    "description": ("body", "details"),
    "type": ("kind", "issue type"),
    "agent": ("subagent", "agent type", "developer"),
    "needs": ("dependencies", "depends on", "blocked by", "waiting on"),
    "required_by": ("blocks", "needed by"),
    "estimate": ("estimated", "estimated duration", "duration"),
    "steps": ("sub tasks", "tasks"),
    "criteria": ("acceptance criteria", "success criteria", "validation criteria", "acceptance criterion"),
    "urgency": ("priority",),
    "points": ("story points",),
    "labels": ("tags",),
    "team": ("team assignment", "parallel team"),
    "skills": ("required skills",),
    "status": ("state",),
    "cores": ("cpus",),
    "ram": ("memory",),
}
TICKET = {field.key: () for field in TASK.fields} | _TICKET
"""What the keys of a ticket, a story or an issue are called elsewhere, by the native key; `required_by`,
`cores` and `ram` become parts of `needs` and `resources`."""
TICKET_KEYS = words_of(TICKET)
"""The native key that each of these words stands for."""
ID_KEYS = words_of({"id": TICKET["id"]})
LOGGED_KEYS = words_of({"story": ("story number", "story id", "number", "id"), "status": ("state",)})
"""What an entry of an implementation log is told by."""
NEED_KEYS = words_of({"task": ("id", "ticket", "story", "issue", "number", "key"), "milestone": ()})
GROUP_KEYS = words_of(
    {
        "id": ("key", "number"),
        "title": ("name", "summary"),
        "current": ("active",),
        "days_left": (),
        "points_per_day": (),
    }
)
"""What the keys of an epic or a sprint are called."""

_URGENCIES = {
    "high": ("high", "highest", "critical", "urgent", "blocker", "major", "p0", "p1", "high priority"),
    "medium": ("medium", "normal", "moderate", "p2", "medium priority"),
    "low": ("low", "lowest", "minor", "trivial", "p3", "p4", "low priority"),
}
_LEVELS = words_of(_URGENCIES)
_TYPES = {
    "bugfix": ("bug", "bugfix", "bug fix", "defect", "fix"),
    "docs": ("docs", "doc", "documentation"),
    "feature": (
        "feature",
        "enhancement",
        "story",
        "user story",
        "new feature",
        "improvement",
        "task",
        "sub task",
    ),
}
_KINDS = words_of(_TYPES)
_NOT_NAME = re.compile(r"[^A-Za-z0-9._-]+")

_OTHER_STATES = {
    "pending": ("moved out of the wave",),
    "running": ("coordinating", "at a sync point", "isolated"),
    "complete": ("skipped", "already complete"),
    "blocked": ("dependency failed",),
    "stopped": ("stopped by a person", "stopped by person"),
}
_STATE_OF = words_of(STATES) | words_of(_OTHER_STATES)
_MARKS = {
    "pending": "📝📋◯○⬜☐",
    "waiting": "⏳⌛",
    "running": "🔄🚧🏗▶",
    "paused": "⏸",
    "reviewing": "👀🔍",
    "complete": "✅✓✔☑",
    "failed": "❌✗✘",
    "blocked": "🚫⛔",
    "stopped": "🛑",
}
_PHRASES = (
    (re.compile(r"(?:waiting (?:on|for)|needs|depends on|blocked by)\b.*", re.IGNORECASE), "waiting"),
    (re.compile(r"running\b.*", re.IGNORECASE), "running"),
)
_LONGEST = 200  # what is longer is no status, and slow to look through
_AFTER = re.compile(r"\s*(?:[(\[,;:–—]|-\s|\d{4}-)")  # a remark or a date behind the word


def _spellings(mark: str) -> set[str]:
    """The mark, and what it looks like when its UTF-8 was read as Mac Roman or as Windows-1252; the private
    character that Mac Roman begins an emoji with is often lost on the way."""
    mac = mark.encode().decode("mac_roman")
    return {mark, mac, mac.removeprefix("\uf8ff"), mark.encode().decode("cp1252", "ignore")}


_MARK_STATES = {
    spelling: state for state, marks in _MARKS.items() for mark in marks for spelling in _spellings(mark)
}


def _any_of(spellings: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, spellings), key=len, reverse=True))


MARK = re.compile(f"(?P<mark>{_any_of(_MARK_STATES)})(?:{_any_of(_spellings(chr(0xFE0F)))})?")
"""A mark that stands for a state, also one that was spoiled by a wrong decoding (M016)."""


def state_of(text: str) -> str | None:
    """The state of the glossary that a word, a mark or both stand for, such as `✅ Complete (2025-10-20)` or
    `Waiting on PROJ-1`; None when it is none of them. The word counts more than the mark."""
    text = text.strip().strip("*_ ")[:_LONGEST]
    found = MARK.match(text)
    said = text[found.end() :].strip() if found else text
    for word in (said, _AFTER.split(said, maxsplit=1)[0]):
        if state := _STATE_OF.get(folded(word)):
            return state
    for pattern, state in _PHRASES:
        if pattern.fullmatch(said):
            return state
    return _MARK_STATES[found["mark"]] if found else None


def urgency_of(text: str) -> str | None:
    """high, medium or low for a tracker's word such as `Highest` or `P2`; None when it is none."""
    return _LEVELS.get(folded(text))


def type_of(text: str) -> str | None:
    """bugfix, docs or feature for a tracker's word; None when it is none."""
    return _KINDS.get(folded(text))


def type_named(text: str) -> str:
    """bugfix, docs or feature for a tracker's word; any other word is a type of its own, as far as it can be
    a name."""
    return type_of(text) or _NOT_NAME.sub("-", text.strip().lower()).strip("-.")
