"""Files that usually change together: rules mined from past commits, and tasks that meet only through them.

The rules are the association rules of ROSE (Zimmermann, Weißgerber, Diehl and Zeller, "Mining Version
Histories to Guide Software Changes", IEEE TSE 31(6), 2005): of the commits that changed `file`, so many
changed `other` too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from engine.core.parts import path_of
from engine.core.patterns import expand, meetings

SUPPORT = 3
"""Commits that changed both files, at least: two may be chance."""

CONFIDENCE = 0.3
"""Part of the commits of the one file that changed the other too, at least."""

LARGEST_COMMIT = 30
"""Files of a commit that is learned from, at most, as ROSE has it: a new licence header or a formatter's run
touches everything, tells of no two files, and would outweigh all commits that do."""


class Companion(Struct, frozen=True):
    """Of the `of` commits that changed `file`, `together` (the rule's support) changed `other` as well;
    `confidence` is together / of."""

    file: str
    other: str
    together: int
    of: int
    confidence: float


class Meeting(Struct, frozen=True):
    """Two tasks that declare no file in common may both change `file`. `because` has one rule when one of
    them declares `file` itself, else the first's and the second's. `support` is their least; `confidence`
    their product, the chance that both come to `file` if one task's changes say nothing of the other's."""

    first: str
    second: str
    file: str
    support: int
    confidence: float
    because: tuple[Companion, ...]


def mine(
    commits: Sequence[Sequence[str]],
    files: Iterable[str],
    support: int = SUPPORT,
    confidence: float = CONFIDENCE,
) -> tuple[Companion, ...]:
    """The companions of each file that one of `files` (patterns, parts of files among them) matches, the
    surest first. `commits` has each commit's paths; one of more than 30 files is passed over."""
    learned = [paths for commit in commits if 1 < len(paths := frozenset(commit)) <= LARGEST_COMMIT]
    alone = Counter(path for commit in commits if len(set(commit)) == 1 for path in set(commit))
    changes = alone + Counter(path for paths in learned for path in paths)
    often = {path for path, count in changes.items() if count >= support}
    wanted = {path for found in expand({path_of(file) for file in files}, often).values() for path in found}
    pairs = Counter(
        (file, other)
        for paths in learned
        for file in paths & wanted
        for other in paths & often
        if other != file
    )
    found = (
        Companion(file, other, together, changes[file], together / changes[file])
        for (file, other), together in pairs.items()
        if together >= support and together >= confidence * changes[file]
    )
    return tuple(sorted(found, key=lambda rule: (-rule.confidence, -rule.together, rule.file, rule.other)))


def meet_only_there(
    files_of: Mapping[str, Sequence[str]], companions: Iterable[Companion], fold_case: bool = False
) -> tuple[Meeting, ...]:
    """The pairs of tasks whose declared files (patterns, parts of files among them) can not be the same, but
    that meet in a file which usually changes with a declared file of one or both; the surest first, one entry
    for each pair and file. The task that comes first in `files_of` is `first`."""
    rules: dict[str, list[Companion]] = {}
    for rule in companions:
        rules.setdefault(rule.file, []).append(rule)
    declared = {name: tuple(dict.fromkeys(map(path_of, entries))) for name, entries in files_of.items()}
    others = {rule.other for found in rules.values() for rule in found}
    known = expand({path for paths in declared.values() for path in paths}, rules.keys() | others, fold_case)
    reached: dict[str, dict[str, Companion | None]] = {}
    for name, patterns in declared.items():
        own = {path for pattern in patterns for path in known[pattern]}
        for file, reason in _reached(own, rules).items():
            reached.setdefault(file, {})[name] = reason
    in_common = meetings(declared, fold_case)
    found = [
        _meeting(first, second, file, [rule for rule in (names[first], names[second]) if rule])
        for file, names in reached.items()
        for first, second in combinations(names, 2)
        if (names[first] or names[second]) and (first, second) not in in_common
    ]
    return tuple(
        sorted(found, key=lambda met: (-met.confidence, -met.support, met.first, met.second, met.file))
    )


def _reached(own: set[str], rules: Mapping[str, Sequence[Companion]]) -> dict[str, Companion | None]:
    """The files that a task may change: its own, and each companion of them with the surest rule for it."""
    best: dict[str, Companion | None] = {}
    for file in sorted(own):
        for rule in rules.get(file, ()):
            known = best.get(rule.other)
            if known is None or (rule.confidence, rule.together) > (known.confidence, known.together):
                best[rule.other] = rule
    return best | dict.fromkeys(own)


def _meeting(first: str, second: str, file: str, because: Sequence[Companion]) -> Meeting:
    confidence = 1.0
    for rule in because:
        confidence *= rule.confidence
    return Meeting(first, second, file, min(rule.together for rule in because), confidence, tuple(because))
