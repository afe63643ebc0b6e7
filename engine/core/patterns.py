"""File patterns: which paths one matches, and whether two of them can match the same path (M044).

A pattern is anchored at the top of the repository; a leading `/` or `./` changes nothing.

- `*`, `?`, `[abc]`, `[a-z]`, `[!a]` match inside one segment; `\\` makes the next character ordinary.
- `**` as a whole segment matches any number of segments, also none; at the end it matches at least one, so
  `src/**` is everything below `src`. `src/` means the same. `.` and `/` are the whole repository.
- Without any of these a pattern is one path: `src` is a file of that name, not what lies below a folder.
  `*.sql` matches at the top only; everywhere is `**/*.sql`.
- A segment with brackets is also read with its brackets as ordinary characters, because `app/[id]/page.tsx`
  is the usual name of a file with some web frameworks.
- `..` steps back over the segment before it. A pattern that leaves the repository, is empty, or is longer
  than any path (4,096 characters) matches nothing.

With `fold_case` letter case makes no difference, as on the usual file systems of macOS and Windows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from msgspec import Struct

from engine.core.globs import STAR, Chars, expression, fold, intersect, overlap, read_units

LONGEST = 4096
"""Characters of a path at most: PATH_MAX of Linux."""

Pairs = tuple[tuple[str, str], ...]


class Segment(Struct, frozen=True, eq=False):
    """One segment: its text when it is ordinary (None otherwise), and the ways to read it."""

    text: str | None
    readings: tuple[tuple[Chars | str, ...], ...]


class Glob(Struct, frozen=True, eq=False):
    """A pattern that was read: its segments, with STAR for `**`; the folders that it begins with (`src/api/`,
    or nothing); the one path that it names, None for one with wildcards; a regular expression for paths."""

    segments: tuple[Segment | str, ...]
    prefix: str
    path: str | None
    expression: str


def can_meet(first: str, second: str, fold_case: bool = False) -> bool:
    """Whether some path matches both patterns (M044): exact, by the intersection of two automata over the
    segments of paths, and of two over the characters of segments."""
    one, two = _glob(first, fold_case), _glob(second, fold_case)
    if one is None or two is None or not _nested(one.prefix, two.prefix):
        return False
    return intersect(one.segments, two.segments, _segments_meet)


def matches(pattern: str, path: str, fold_case: bool = False) -> bool:
    """Whether `path`, as git names it, matches `pattern`."""
    glob = _glob(pattern, fold_case)
    return glob is not None and bool(_compiled(glob.expression)(fold(path) if fold_case else path))


def plain_path(pattern: str) -> str | None:
    """The one path that a pattern without wildcards names; None for a pattern with them, or for none."""
    glob = _glob(pattern, False)
    return None if glob is None else glob.path


def expand(
    patterns: Iterable[str], paths: Iterable[str], fold_case: bool = False
) -> dict[str, tuple[str, ...]]:
    """Of each pattern the paths that it matches, in the order of the alphabet; () when there is none."""
    spelled: dict[str, list[str]] = {}
    for path in sorted(set(paths)):
        spelled.setdefault(fold(path) if fold_case else path, []).append(path)
    known = sorted(spelled)
    return {
        pattern: tuple(sorted(path for key in _matching(pattern, known, fold_case) for path in spelled[key]))
        for pattern in patterns
    }


def shared(first: Sequence[str], second: Sequence[str], fold_case: bool = False) -> Pairs:
    """The pairs, one pattern of each side, that can match the same path; in the order given, each once."""
    return tuple(
        (one, two)
        for one in dict.fromkeys(first)
        for two in dict.fromkeys(second)
        if can_meet(one, two, fold_case)
    )


def meetings(files: Mapping[str, Sequence[str]], fold_case: bool = False) -> dict[tuple[str, str], Pairs]:
    """Every two names (tasks) whose patterns can match the same path, with those patterns. The name that
    comes first in `files` is first in the key, and its pattern first in each pair.

    Costs no comparison of all names: see `meeting_patterns`. What comes out grows with the number of pairs
    that do meet, which is the square of the number of names that declare one and the same file."""
    place = {name: number for number, name in enumerate(files)}
    owners: dict[str, list[str]] = {}
    for name, patterns in files.items():
        for pattern in dict.fromkeys(patterns):
            owners.setdefault(pattern, []).append(name)
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for pattern, names in owners.items():
        if len(names) > 1 and _glob(pattern, fold_case) is not None:
            for pair in combinations(names, 2):
                found.setdefault(pair, []).append((pattern, pattern))
    for one, two in meeting_patterns(owners, fold_case):
        for first in owners[one]:
            for second in owners[two]:
                if place[first] < place[second]:
                    found.setdefault((first, second), []).append((one, two))
                elif first != second:
                    found.setdefault((second, first), []).append((two, one))
    order = sorted(found, key=lambda pair: (place[pair[0]], place[pair[1]]))
    return {pair: tuple(sorted(found[pair])) for pair in order}


def meeting_patterns(patterns: Iterable[str], fold_case: bool = False) -> Iterator[tuple[str, str]]:
    """Every two different patterns that can match the same path, each pair once, in no order to rely on.

    Patterns without wildcards are looked up by their path. One with wildcards is compared only with those
    whose leading folders lie below its own, or the other way round."""
    plain: dict[str, list[str]] = {}
    wild: list[tuple[str, str]] = []
    for pattern in dict.fromkeys(patterns):
        if glob := _glob(pattern, fold_case):
            if glob.path is None:
                wild.append((glob.prefix, pattern))
            else:
                plain.setdefault(glob.path, []).append(pattern)
    for same in plain.values():
        yield from combinations(same, 2)
    paths = sorted(plain)
    wild.sort()
    for number, (prefix, pattern) in enumerate(wild, 1):
        for path in _matching(pattern, paths, fold_case):
            yield from ((pattern, other) for other in plain[path])
        for below, other in wild[number:]:
            if not below.startswith(prefix):
                break
            if can_meet(pattern, other, fold_case):
                yield pattern, other


def _matching(pattern: str, paths: Sequence[str], fold_case: bool) -> list[str]:
    """Those of `paths` (in order, folded when case is) that a pattern matches."""
    glob = _glob(pattern, fold_case)
    if glob is None:
        return []
    start = bisect_left(paths, glob.prefix if glob.path is None else glob.path)
    if glob.path is not None:
        return list(paths[start : start + 1]) if paths[start : start + 1] == [glob.path] else []
    stop = bisect_left(paths, glob.prefix + chr(0x10FFFF), start) if glob.prefix else len(paths)
    return list(filter(_compiled(glob.expression), paths[start:stop]))


@lru_cache(maxsize=20_000)
def _compiled(expression: str) -> Callable[[str], object]:
    return re.compile(expression).fullmatch


def _nested(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def _segments_meet(first: Segment, second: Segment) -> bool:
    if first.text is not None and second.text is not None:
        return first.text == second.text
    return any(intersect(one, two, overlap) for one in first.readings for two in second.readings)


@lru_cache(maxsize=20_000)
def _glob(pattern: str, fold_case: bool) -> Glob | None:
    """The pattern, read; None when it matches nothing."""
    names = _names(pattern)
    if not names:
        return None
    segments = tuple(STAR if name == "**" else _segment(name, fold_case) for name in names)
    texts = [None if isinstance(segment, str) else segment.text for segment in segments]
    known = texts.index(None) if None in texts else len(texts) - 1
    prefix = "".join(f"{text}/" for text in texts[:known])
    path = None if None in texts else prefix + str(texts[-1])
    return Glob(segments, prefix, path, _expression(segments))


def _names(pattern: str) -> list[str]:
    """The segments of a pattern, written in one way; none when it matches nothing."""
    if not pattern or len(pattern) > LONGEST:
        return []
    given = pattern.split("/")
    names: list[str] = []
    for name in given:
        if name == "..":
            if not names or names[-1] == "**":
                return []
            names.pop()
        elif name not in ("", ".") and not (name == "**" and names[-1:] == ["**"]):
            names.append(name)
    if given[-1] in ("", ".", "..") and names[-1:] != ["**"]:
        names.append("**")
    return [*names, "*"] if names[-1:] == ["**"] else names


@lru_cache(maxsize=20_000)
def _segment(name: str, fold_case: bool) -> Segment:
    ordinary = read_units(name, False, fold_case)
    assert ordinary is not None
    as_class = read_units(name, True, fold_case) if "[" in name else None
    readings = tuple(dict.fromkeys(reading for reading in (as_class, ordinary) if reading is not None))
    single = all(not isinstance(unit, str) and unit[0][0] == unit[-1][1] for unit in ordinary)
    text = "".join(chr(unit[0][0]) for unit in ordinary if not isinstance(unit, str))
    return Segment(text if single and len(readings) == 1 else None, readings)


def _expression(segments: Sequence[Segment | str]) -> str:
    """The path as a regular expression. As in a segment, each `**` but the last takes the first place where
    what follows it fits; so does each segment, whose end is fixed by the next slash."""
    blocks: list[list[str]] = [[]]
    for segment in segments:
        if isinstance(segment, str):
            blocks.append([])
        elif segment.text is not None:
            blocks[-1].append(re.escape(segment.text))
        else:
            readings = "|".join(map(expression, segment.readings))
            blocks[-1].append(rf"(?>(?=[^/])(?:{readings})(?=/|\Z))")
    head, *rest = ("/".join(block) for block in blocks)
    if not rest:
        return head
    middle = "".join(f"(?>(?:[^/]+/)*?{block}/)" for block in rest[:-1])
    return (f"{head}/" if head else "") + middle + f"(?:[^/]+/)*{rest[-1]}"
