"""The forms in which teams' documents write commands, as the plain commands that they stand for (M202)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

FORMS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("@parallel",): ("parallel",),
    ("*parallel-story",): ("story", "new"),
    ("/implement",): ("implement",),
    ("orchestrator", "parallel-execution", "--status"): ("status",),
    ("orchestrator", "parallel-execution"): ("parallel",),
}
"""What is typed first, and what that means; the longest that fits counts."""

_PERSONA = re.compile(r"/[\w.-]+:agents?:[\w.-]+")
_BEFORE = ("poetry", "run")


def plain(words: Sequence[str]) -> list[str]:
    """The words of a plain command for words in a document's form, which may also be one word with blanks in
    it; a persona before it (`/team:agent:scrum-master`) is left out. All other words stay as they are."""
    split = _split(words)
    if tuple(split[:2]) == _BEFORE:
        split = split[2:]
    if split and _PERSONA.fullmatch(split[0]):
        split = split[1:]
    for form in sorted(FORMS, key=len, reverse=True):
        if tuple(split[: len(form)]) == form:
            return [*FORMS[form], *split[len(form) :]]
    return list(words)


def _split(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for place, word in enumerate(words):
        if place < 2 and " " in word.strip() and _is_form(word):
            found += _parts(word)
        else:
            found.append(word.strip() if _is_form(word) else word)
    return found


def _is_form(word: str) -> bool:
    first = word.split()[:1]
    heads = {form[0] for form in FORMS} | {_BEFORE[0]}
    return bool(first) and (first[0] in heads or bool(_PERSONA.fullmatch(first[0])))


def _parts(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is never closed
        return text.split()
