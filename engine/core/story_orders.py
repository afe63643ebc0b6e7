"""The order that a person's answers ask for: what the no's mean, and sentences such as `a before b`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from engine.core import graph
from engine.core.story import question
from engine.core.story_answers import says_no, says_yes
from engine.core.story_roles import named_in

Needs = dict[str, tuple[str, ...]]

_AFTER_A_NO = (
    ("doctype_first", "api-architect", "doctype-designer"),
    ("doctype_first", "ui-layout-designer", "doctype-designer"),
    ("api_first", "api-architect", "doctype-designer"),
    ("ui_first", "ui-layout-designer", "api-developer"),
)
"""The question, and which role then waits for which."""

_SENTENCE = re.compile(r"[;,\n]|\.\s|\band\b", re.IGNORECASE)
_THEN = re.compile(r"\s*(?:->|→|=>|\bbefore\b|\bthen\b|\bprecedes?\b)\s*", re.IGNORECASE)
_AFTER = re.compile(r"\s*\b(?:after|needs?|requires?|depends? on|waits? for|follows?)\b\s*", re.IGNORECASE)


def ordered(needs: Needs, answers: Mapping[str, str]) -> tuple[Needs, list[str]]:
    """The needs of the roles there are with those that the answers add, and what was assumed in words.

    Nothing is added that would close a cycle."""
    assumed: list[str] = []
    for key in dict.fromkeys(key for key, _, _ in _AFTER_A_NO):
        answer = answers.get(key, "")
        if says_yes(answer) or not answer:
            continue
        pairs = [(one, other) for asked, one, other in _AFTER_A_NO if asked == key]
        added = [pair for pair in pairs if pair[0] in needs and pair[1] in needs]
        if added and not says_no(answer):
            assumed.append(f"{question(key).text} {answer!r} is neither yes nor no and was read as no")
        for later, earlier in added:
            needs = _with(needs, later, earlier, assumed)
    said = answers.get("ordering", "")
    if said and not says_no(said):
        for part in filter(None, (part.strip() for part in _SENTENCE.split(said))):
            needs = _sentence(needs, part, assumed)
    return needs, assumed


def _sentence(needs: Needs, part: str, assumed: list[str]) -> Needs:
    pairs = list(_pairs(part))
    if not pairs and not says_yes(part):
        assumed.append(f"the order {part!r} was not understood: `needs` of a task say what it waits for")
    for later, earlier in pairs:
        missing = [role for role in (later, earlier) if role not in needs]
        if missing:
            assumed.append(f"the order {part!r} changes nothing: the story has no {missing[0]}")
        else:
            needs = _with(needs, later, earlier, assumed)
    return needs


def _pairs(part: str) -> Iterator[tuple[str, str]]:
    """Who waits for whom in one sentence, the later one first."""
    chain = _THEN.split(part)
    if len(chain) > 1:
        names = [named_in(piece) for piece in chain]
        yield from (
            (later, earlier) for earlier, later in pairwise(names) if earlier and later and earlier != later
        )
        return
    sides = _AFTER.split(part)
    if len(sides) == 2:
        later, earlier = named_in(sides[0]), named_in(sides[1])
        if earlier and later and earlier != later:
            yield later, earlier


def _with(needs: Needs, later: str, earlier: str, assumed: list[str]) -> Needs:
    if earlier in needs[later]:
        return needs
    if later in graph.ancestors(needs, earlier):
        assumed.append(f"{later} does not wait for {earlier}, which already waits for {later}")
        return needs
    return needs | {later: (*needs[later], earlier)}
