"""Whether tasks are separate enough to run side by side, as the object that orchestrators hand on (M043)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import combinations

from msgspec import Struct

from engine.core import graph
from engine.core.analysis.overlap import Pair, may_conflict, ordered_pairs
from engine.core.clashes import clashes, files_of, undeclared
from engine.core.parts import path_of
from engine.core.plan import Plan


class Separation(Struct, frozen=True):
    """`independent` are the pairs that run together: neither clashing nor waiting for each other, both with
    known files. `conflicts` has of each pair that must not run together the files that both declare, none
    when the tasks name each other; `unknown` are tasks without declared files (M042). `reason` is empty when
    the tasks are separate. `files` are the declared files of each task that is not complete."""

    reason: str
    independent: tuple[Pair, ...]
    conflicts: dict[Pair, tuple[str, ...]]
    unknown: tuple[str, ...]
    files: dict[str, tuple[str, ...]]

    @property
    def valid(self) -> bool:
        return not self.reason


def separation(plan: Plan, tasks: Sequence[str] | None = None) -> Separation:
    """Judge the tasks of those ids, or all, as if they started together, whatever waves they are in.

    When some clash, each of them goes to the first set of tasks that it clashes with none of, in the order of
    the plan; pairs are then independent inside one set only, for the sets run one after the other (D05)."""
    declared = files_of(plan)
    chosen = declared.keys() if tasks is None else declared.keys() & set(tasks)
    names = [name for name in declared if name in chosen]
    found = _conflicts(plan, chosen)
    unknown = tuple(name for name in undeclared(plan) if name in chosen)
    known = chosen - set(unknown)
    sets = _sets(names, found)
    needs = graph.needs_of(task for task in plan.tasks if not task.complete)
    before = {name: graph.ancestors(needs, name) for name in names}
    independent = tuple(
        (one, two)
        for one, two in combinations(names, 2)
        if sets[one] == sets[two]
        and one in known
        and two in known
        and one not in before[two]
        and two not in before[one]
    )
    files = {name: tuple(dict.fromkeys(map(path_of, declared[name]))) for name in names}
    return Separation(_reason(found, unknown), independent, found, unknown, files)


def _conflicts(plan: Plan, chosen: Set[str]) -> dict[Pair, tuple[str, ...]]:
    """What no two of the chosen tasks may do at once, in the order of the plan. Tasks of which one waits for
    the end of the other are in nobody's way."""
    place = {task.id: number for number, task in enumerate(plan.tasks)}
    found: dict[Pair, list[str]] = {pair: [] for pair in _never_together(plan, chosen, place)}
    for clash in clashes(plan):
        if {clash.first, clash.second} <= chosen and may_conflict(clash):
            found.setdefault((clash.first, clash.second), []).extend((clash.file, clash.other))
    ordered = ordered_pairs(plan, found)
    return {
        pair: tuple(dict.fromkeys(found[pair]))
        for pair in sorted(found, key=lambda pair: (place[pair[0]], place[pair[1]]))
        if pair not in ordered
    }


def _never_together(plan: Plan, chosen: Set[str], place: Mapping[str, int]) -> set[Pair]:
    named = {(task.id, other) for task in plan.tasks for other in task.conflicts_with}
    return {
        pair if place[pair[0]] < place[pair[1]] else pair[::-1]
        for pair in named
        if set(pair) <= chosen and pair[0] != pair[1]
    }


def _sets(names: Sequence[str], found: Mapping[Pair, object]) -> dict[str, int]:
    """Of each task the number of the first set that has none of those it clashes with."""
    against: dict[str, set[str]] = {name: set() for name in names}
    for one, two in found:
        against[one].add(two)
        against[two].add(one)
    sets: dict[str, int] = {}
    for name in names:
        taken = {sets[other] for other in against[name] if other in sets}
        sets[name] = next(number for number in range(len(names)) if number not in taken)
    return sets


def _reason(found: Mapping[Pair, tuple[str, ...]], unknown: Sequence[str]) -> str:
    if found:
        (one, two), files = next(iter(found.items()))
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return f"Tasks {one} and {two} {'have file conflicts' if files else 'never run together'}{more}"
    if unknown:
        names = f"Task {unknown[0]}" if len(unknown) == 1 else f"Tasks {', '.join(unknown)}"
        return f"{names}: files unknown, not proven safe"
    return ""


def as_result(found: Separation) -> dict[str, object]:
    """The object itself, ready for JSON. Ids that are decimal numbers become numbers, the keys of `conflicts`
    are the texts of such pairs; `reason` and no `task_file_map` when the tasks are not separate."""
    pairs = [[_number(name) for name in pair] for pair in found.independent]
    conflicts = {_text(pair): list(files) for pair, files in found.conflicts.items()}
    if found.valid:
        files = {name: list(entries) for name, entries in found.files.items()}
        return {"valid": True, "independent_pairs": pairs, "conflicts": conflicts, "task_file_map": files}
    return {"valid": False, "reason": found.reason, "independent_pairs": pairs, "conflicts": conflicts}


def _number(name: str) -> int | str:
    """Only what a number writes in the same way again: `007` stays text."""
    decimal = name.isascii() and name.isdecimal() and len(name) < 16 and str(int(name)) == name
    return int(name) if decimal else name


def _text(pair: Pair) -> str:
    return f"[{', '.join(str(_number(name)) for name in pair)}]"
