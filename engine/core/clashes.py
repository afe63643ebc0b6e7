"""Which tasks say that they will change the same files, how likely that ends in a conflict, and which of them
therefore never run at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.core import patterns
from engine.core.ordering import Order
from engine.core.parts import Grade, Part, parse, path_of, worst
from engine.core.plan import FileRule, Level, OnConflict, Plan, Resolution

Located = Mapping[str, Part]
"""Entries of tasks' `files` whose lines were looked up in the repository."""
LEVELS = (Level.LOW, Level.MEDIUM, Level.HIGH)
_LEVEL_OF = {Grade.APART: Level.LOW, Grade.WHOLE: Level.MEDIUM, Grade.TOUCH: Level.HIGH}
_NO_CLASH = (Resolution.PARALLEL_SAFE, Resolution.FINAL_MERGE_STEP)
_ONE_AT_A_TIME = (Resolution.SEQUENTIAL_ACCESS, Resolution.DEPENDENCY_ORDER)


class Clash(Struct, frozen=True):
    """Two tasks that declare the same file. `file` is what `first` calls it, `other` what `second` does; the
    `level` is the plan's own grade of the file, else that of the parts (M045). `handled` says why nothing can
    come of it; it is empty for an open one."""

    first: str
    second: str
    file: str
    other: str
    grade: Grade
    level: Level
    handled: str = ""


def files_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """What each task that is not complete declares to change: its own entries, and the files of rules that
    name it."""
    ruled: dict[str, list[str]] = {}
    for rule in plan.file_rules:
        for name in rule.tasks:
            ruled.setdefault(name, []).append(rule.file)
    return {
        task.id: tuple(dict.fromkeys((*task.files, *ruled.get(task.id, ()))))
        for task in plan.tasks
        if not task.complete
    }


def undeclared(plan: Plan) -> tuple[str, ...]:
    """The tasks whose files nobody knows (M042); a plan with file rules counts as analysed."""
    if plan.file_rules:
        return ()
    return tuple(name for name, files in files_of(plan).items() if not files)


def clashes(plan: Plan, located: Located | None = None) -> tuple[Clash, ...]:
    """Every two open tasks that declare the same file, one entry for each two patterns that meet."""
    declared = files_of(plan)
    parts = {entry: _part(entry, located or {}) for entries in declared.values() for entry in entries}
    paths = {name: tuple(dict.fromkeys(map(path_of, entries))) for name, entries in declared.items()}
    ordered = Order(plan)
    found: list[Clash] = []
    for (first, second), pairs in patterns.meetings(paths).items():
        for mine, theirs in pairs:
            if _ignored(plan, mine, theirs):
                continue
            one = [parts[entry] for entry in declared[first] if path_of(entry) == mine]
            two = [parts[entry] for entry in declared[second] if path_of(entry) == theirs]
            grade, *_ = worst(one, two)
            rule = _rule(plan.file_rules, mine, theirs, first, second)
            level = rule.level if rule is not None else _LEVEL_OF[grade]
            handled = _by_rule(rule) or ordered.why(first, second)
            found.append(Clash(first, second, mine, theirs, grade, level, handled))
    return tuple(found)


def locks(plan: Plan, located: Located | None = None) -> dict[str, tuple[str, ...]]:
    """What only one of its tasks holds at a time, from its start until its work is merged, by the reason in
    words: tasks that name each other (M003), files with such a rule (M046), and, where the plan asks for it,
    tasks that declare the same file (D05)."""
    held: dict[str, tuple[str, ...]] = {}
    open_ = [task.id for task in plan.tasks if not task.complete]
    for task in plan.tasks:
        for other in task.conflicts_with:
            one, two = (
                sorted((task.id, other), key=open_.index) if {task.id, other} <= set(open_) else ("", "")
            )
            if one:
                held[f"{one} and {two} never run together"] = (one, two)
    for rule in plan.file_rules:
        if rule.resolution in _ONE_AT_A_TIME:
            held[rule.file] = tuple(name for name in open_ if not rule.tasks or name in rule.tasks)
    if plan.conflicts.on_conflict is not OnConflict.SHOW:
        held |= _split(plan, located, open_)
    return {reason: names for reason, names in held.items() if len(names) > 1}


def _split(plan: Plan, located: Located | None, open_: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found = [clash for clash in clashes(plan, located) if _serious(clash)]
    if not found:
        return {}
    if plan.conflicts.on_conflict is OnConflict.SEQUENTIAL:
        return {"the plan runs one task at a time, because tasks clash": tuple(open_)}
    by_file: dict[str, dict[str, None]] = {}
    for clash in found:
        file = clash.file if clash.file == clash.other else f"{clash.file}, {clash.other}"
        names = (clash.first, clash.second)
        key = (
            file
            if clash.grade is Grade.WHOLE and clash.file == clash.other
            else f"{file} ({' and '.join(names)})"
        )
        by_file.setdefault(key, {}).update(dict.fromkeys(names))
    return {file: tuple(names) for file, names in by_file.items()}


def _serious(clash: Clash) -> bool:
    safe = clash.handled in (
        _by_resolution(Resolution.PARALLEL_SAFE),
        _by_resolution(Resolution.FINAL_MERGE_STEP),
    )
    return clash.grade is not Grade.APART and not safe


def _part(entry: str, located: Located) -> Part:
    return located.get(entry) or parse(entry)


def _ignored(plan: Plan, mine: str, theirs: str) -> bool:
    return any(
        patterns.matches(pattern, path) or patterns.matches(f"**/{pattern}", path)
        for pattern in plan.conflicts.ignore
        for path in (mine, theirs)
    )


def _rule(rules: Sequence[FileRule], mine: str, theirs: str, first: str, second: str) -> FileRule | None:
    for rule in rules:
        if rule.tasks and not {first, second} <= set(rule.tasks):
            continue
        if patterns.can_meet(rule.file, mine) and patterns.can_meet(rule.file, theirs):
            return rule
    return None


def _by_rule(rule: FileRule | None) -> str:
    return _by_resolution(rule.resolution) if rule is not None and rule.resolution in _NO_CLASH else ""


def _by_resolution(resolution: Resolution) -> str:
    return resolution.value.replace("_", " ")
