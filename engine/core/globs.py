"""Glob patterns as sequences: one segment of a path, or a whole path, in which a star stands for any run."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from functools import cache, lru_cache
from typing import TypeVar

STAR = "*"
"""In a sequence: any number of units, none at all included. No unit is equal to it."""

Chars = tuple[tuple[int, int], ...]
"""A set of characters: ranges of code points, first and last, in order, none touching another."""

Unit = TypeVar("Unit", bound=Hashable)

TOP = 0x10FFFF
SLASH = ord("/")
ANY: Chars = ((0, SLASH - 1), (SLASH + 1, TOP))
CASED_BELOW = 0x1F000
"""No character from here on has a second case."""


def intersect(
    first: Sequence[Unit | str], second: Sequence[Unit | str], fits: Callable[[Unit, Unit], bool]
) -> bool:
    """Whether some sequence is described by both, exactly: the product of two automata, the second one's
    states held as bits. `fits` says whether two units have something in common; every unit stands for at
    least one thing. Takes len(first) steps on numbers of len(second) bits, however many stars there are."""
    end = 1 << len(second)
    stars = sum(1 << place for place, unit in enumerate(second) if unit == STAR)
    where: dict[Unit, int] = {}
    for place, unit in enumerate(second):
        if not isinstance(unit, str):
            where[unit] = where.get(unit, 0) | 1 << place
    known: dict[Unit, int] = {}
    now = 1 | (stars & 1) << 1
    for unit in first:
        if isinstance(unit, str):
            now = -(now & -now) & (end << 1) - 1
            continue
        if unit not in known:
            known[unit] = sum(places for other, places in where.items() if fits(unit, other))
        now = now & stars | (now & known[unit]) << 1
        now |= (now & stars) << 1
        if not now:
            return False
    return bool(now & end)


def overlap(first: Chars, second: Chars) -> bool:
    """Whether two sets have a character in common."""
    one = two = 0
    while one < len(first) and two < len(second):
        if first[one][1] < second[two][0]:
            one += 1
        elif second[two][1] < first[one][0]:
            two += 1
        else:
            return True
    return False


def without(chars: Chars) -> Chars:
    """Every character that can stand in a segment and is not one of these."""
    gaps, start = [], 0
    for first, last in ordered((*chars, (SLASH, SLASH))):
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    return (*gaps, (start, TOP)) if start <= TOP else tuple(gaps)


def ordered(ranges: Sequence[tuple[int, int]]) -> Chars:
    """Ranges in any order, empty ones among them, as a set."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(part for part in ranges if part[0] <= part[1]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def fold(text: str) -> str:
    """Letter case taken away, character by character, so that the length stays (`ß` is not `ss`)."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


def _folded(char: str) -> str:
    return next((form for form in (char.casefold(), char.lower()) if len(form) == 1), char)


@cache
def _cases() -> tuple[tuple[int, ...], ...]:
    """The characters that fold to the same one, together with it; only where there are two or more."""
    groups: dict[int, list[int]] = {}
    for code in range(CASED_BELOW):
        if (becomes := ord(_folded(chr(code)))) != code:
            groups.setdefault(becomes, [becomes]).append(code)
    return tuple(map(tuple, groups.values()))


@lru_cache(maxsize=4096)
def in_every_case(chars: Chars) -> Chars:
    """These characters and all that fold to the same as one of them."""
    ends = [last for _, last in chars]
    starts = [first for first, _ in chars] + [TOP + 1]
    added = []
    for group in _cases():
        if any(starts[bisect_left(ends, code)] <= code for code in group):
            added += [(code, code) for code in group]
    return ordered((*chars, *added))


def read_units(text: str, brackets: bool, fold_case: bool) -> tuple[Chars | str, ...] | None:
    """One segment: `*`, `?`, `[abc]`, `[a-z]`, `[!a]` and `[^a]`, and `\\` before a character that means
    itself. A bracket that is not closed is itself, and so is every one unless `brackets`. None when no text
    can match, for `[z-a]` holds no character."""
    units: list[Chars | str] = []
    place = 0
    while place < len(text):
        char, place = text[place], place + 1
        if char == "*":
            units += [STAR] if units[-1:] != [STAR] else []
            continue
        if char == "?":
            units.append(ANY)
            continue
        if char == "[" and brackets and (close := _close(text, place)):
            chars = _class(text[place:close], fold_case)
            place = close + 1
            if not chars:
                return None
            units.append(chars)
            continue
        if char == "\\" and place < len(text):
            char, place = text[place], place + 1
        code = ord(fold(char) if fold_case else char)
        units.append(((code, code),))
    return tuple(units)


def _close(text: str, start: int) -> int:
    """Where the bracket opened before `start` is closed, 0 when it is not; a `]` at once is a character."""
    place = start + text.startswith(("!", "^"), start)
    place += text.startswith("]", place)
    while place < len(text) and text[place] != "]":
        place += 1 + (text[place] == "\\")
    return place if place < len(text) else 0


def _class(inside: str, fold_case: bool) -> Chars:
    negated = inside.startswith(("!", "^"))
    body = [(part[-1], len(part) > 1) for part in re.findall(r"\\.|.", inside[negated:], re.DOTALL)]
    ranges, place = [], 0
    while place < len(body):
        first = last = ord(body[place][0])
        if place + 2 < len(body) and body[place + 1] == ("-", False):
            last, place = ord(body[place + 2][0]), place + 2
        ranges.append((first, last))
        place += 1
    listed = in_every_case(ordered(ranges)) if fold_case else ordered(ranges)
    return without(listed) if negated else without(without(listed))


def expression(units: Sequence[Chars | str]) -> str:
    """The segment as a regular expression. Every star but the last takes the first place where what follows
    it fits and never tries another (`(?>…)`), which is right for globs and cannot take exponential time."""
    runs: list[list[str]] = [[]]
    for unit in units:
        if isinstance(unit, str):
            runs.append([])
        else:
            runs[-1].append(_char_expression(unit))
    head, *rest = ("".join(run) for run in runs)
    middle = "".join(f"(?>[^/]*?{run})" for run in rest[:-1])
    return head + middle + (f"[^/]*{rest[-1]}" if rest else "")


def _char_expression(chars: Chars) -> str:
    if chars == ANY:
        return "[^/]"
    if len(chars) == 1 and chars[0][0] == chars[0][1]:
        return re.escape(chr(chars[0][0]))
    negated = chars[-1][1] == TOP
    listed = without(chars) if negated else chars
    inside = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in listed)
    return f"[^/{inside}]" if negated else f"[{inside}]"
