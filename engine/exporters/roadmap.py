"""Marks a priority of a Markdown roadmap, every other character staying as it is (M016, M142)."""

from __future__ import annotations

import re

from engine.importers.priorities import Priority, priorities, status_line
from engine.importers.words import state_of

_DATE = re.compile(r"\d{4}-\d\d-\d\d")

MARKS = {
    "pending": "📝 Planned",
    "running": "🔄 In Progress",
    "complete": "✅ Complete",
    "failed": "❌ Failed",
    "blocked": "🚫 Blocked",
    "stopped": "🛑 Stopped",
}
"""What a roadmap says for a state of the glossary."""


def with_status(text: str, number: int | str, word: str, date: str) -> str:
    """A roadmap with one priority's status changed to `word`, a key of `MARKS`, followed by the ISO `date`.

    The heading is marked, or the `Status` line when only that says the status, or both when both do. Line
    ends stay, and so does what is spoiled elsewhere. Raises KeyError for an unknown number or word."""
    said = f"{MARKS[word]} ({date})" if date else MARKS[word]
    found = next((each for each in priorities(text) if each.number == str(number)), None)
    if found is None:
        raise KeyError(number)
    lines = text.split("\n")
    for line, column in _places(found):
        old = lines[line - 1]
        ends = old[len(old.rstrip()) :]
        kept = old[:column]
        gap = "" if kept.endswith((" ", "\t")) else " "
        lines[line - 1] = f"{kept}{gap}{said}{ends}"
    return "\n".join(lines)


def is_complete(priority: Priority) -> bool:
    """Whether it is marked complete wherever it says its status, with a date."""
    lines = {line.number: line.text for line in (priority.heading, *priority.body)}
    said = [lines[line][column:].strip(" \t()[]-–—|") for line, column in _places(priority)]
    return all(state_of(words) == "complete" for words in said) and any(map(_DATE.search, said))


def _places(priority: Priority) -> list[tuple[int, int]]:
    """Line numbers and columns where the status is written, or has to be."""
    places = [(line.number, at) for line in priority.body if (at := status_line(line)) is not None][:1]
    if priority.status or not places:
        places.append((priority.heading.number, priority.status_at))
    return places
