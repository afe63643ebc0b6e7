"""Which tasks say that they will change the same files, how likely that ends in a conflict, and which of them
therefore never run at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from engine.core import patterns
from engine.core.ordering import Order
from engine.core.parts import Grade, Part, parse, path_of, worst
from engine.core.plan import FileRule, Level, OnConflict, Plan, Resolution, once

LEVELS = (Level.LOW, Level.MEDIUM, Level.HIGH)
NEVER = "never run together"
ONE_BY_ONE = "one at a time, as they clash"
_LEVEL_OF = {Grade.APART: Level.LOW, Grade.WHOLE: Level.MEDIUM, Grade.TOUCH: Level.HIGH}
_NO_CLASH = (Resolution.PARALLEL_SAFE, Resolution.FINAL_MERGE_STEP)
_ONE_AT_A_TIME = (Resolution.SEQUENTIAL_ACCESS, Resolution.DEPENDENCY_ORDER)


class Clash(Struct, frozen=True):
    """Two tasks that declare the same file. `file` is what `first` calls it, `other` what `second` does; the
    `level` is the plan's own grade of the file, else that of the parts (M045). `handled` says why nothing can
    come of it; it is empty for an open one. `note` is what the tasks' texts add; `guess` tells that a task
    declares nothing and only its text names the file."""

    first: str
    second: str
    file: str
    other: str
    grade: Grade
    level: Level
    handled: str = ""
    note: str = ""
    guess: bool = False


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


@once
def clashes(plan: Plan) -> tuple[Clash, ...]:
    """Every two open tasks that declare the same file, one entry for each two patterns that meet. Lines are
    those that were looked up in the repository (`plan.seen`); where a task declares nothing, or only whole
    files, the parts that its text names are looked at too."""
    return _Clashes(plan).all()


class _Clashes:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._declared = files_of(plan)
        self._named = {name: plan.seen.named.get(name, ()) for name in self._declared}
        self._files = {name: files or self._named[name] for name, files in self._declared.items()}
        self._order = Order(plan)
        self._never = {frozenset((task.id, other)) for task in plan.tasks for other in task.conflicts_with}
        self._parts: dict[str, Part] = {}
        self._paths = {name: tuple(dict.fromkeys(map(path_of, files))) for name, files in self._files.items()}
        every = dict.fromkeys(path for paths in self._paths.values() for path in paths)
        self._rules = _rules_at(plan.file_rules, every)

    def all(self) -> tuple[Clash, ...]:
        met = patterns.meetings(self._paths)
        paths = {path for pairs in met.values() for pair in pairs for path in pair}
        ignored = {path for path in paths if _ignored(self._plan, path)}
        return tuple(
            self._clash(first, second, mine, theirs)
            for (first, second), pairs in met.items()
            for mine, theirs in pairs
            if mine not in ignored and theirs not in ignored
        )

    def _clash(self, first: str, second: str, mine: str, theirs: str) -> Clash:
        grade, *_ = worst(self._inside(first, mine), self._inside(second, theirs))
        note, guess = "", not (self._declared[first] and self._declared[second])
        if grade is Grade.WHOLE:
            grade, note = self._by_texts(first, second, mine, theirs)
        rule = self._rule(first, second, mine, theirs)
        level = rule.level if rule is not None else _LEVEL_OF[grade]
        found = Clash(first, second, mine, theirs, grade, level, "", note, guess)
        return replace(found, handled=self._handled(found, rule))

    def _rule(self, first: str, second: str, mine: str, theirs: str) -> FileRule | None:
        """The first rule about a place where the two meet: one of what they declare lies within its file."""
        for number in sorted(self._rules[mine] & self._rules[theirs]):
            rule = self._plan.file_rules[number]
            if rule.tasks and not {first, second} <= set(rule.tasks):
                continue
            if covers(rule.file, mine) or covers(rule.file, theirs):
                return rule
        return None

    def _inside(self, task: str, path: str) -> list[Part]:
        return [self._part(entry) for entry in self._files[task] if path_of(entry) == path]

    def _part(self, entry: str) -> Part:
        if entry not in self._parts:
            self._parts[entry] = self._plan.seen.parts.get(entry) or parse(entry)
        return self._parts[entry]

    def _by_texts(self, first: str, second: str, mine: str, theirs: str) -> tuple[Grade, str]:
        """A whole file stays one, but texts that name the same part of it make a clash there likely."""
        one, two = self._spoken(first, mine), self._spoken(second, theirs)
        if not one or not two:
            return Grade.WHOLE, ""
        grade, *_ = worst(one, two)
        if grade is Grade.TOUCH:
            return grade, "their texts name the same part"
        return Grade.WHOLE, "their texts name parts that lie apart" if grade is Grade.APART else ""

    def _spoken(self, task: str, path: str) -> list[Part]:
        known = [part for part in self._inside(task, path) if not part.whole]
        return known or [self._part(entry) for entry in self._named[task] if path_of(entry) == path]

    def _handled(self, clash: Clash, rule: FileRule | None) -> str:
        if rule is not None and rule.resolution in _NO_CLASH:
            return _words(rule.resolution)
        if order := self._order.why(clash.first, clash.second):
            return order
        if frozenset((clash.first, clash.second)) in self._never:
            return NEVER
        if rule is not None:
            return f"one at a time, {_words(rule.resolution)}"
        split = self._plan.conflicts.on_conflict is not OnConflict.SHOW
        return ONE_BY_ONE if split and _splits(clash) else ""


@once
def locks(plan: Plan) -> dict[str, tuple[str, ...]]:
    """What only one of its tasks holds at a time, from its start until its work is merged, by the reason in
    words: tasks that name each other (M003), files with such a rule (M046), and, where the plan asks for it,
    tasks that declare the same file (D05)."""
    held: dict[str, tuple[str, ...]] = {}
    place = {task.id: number for number, task in enumerate(plan.tasks) if not task.complete}
    for task in plan.tasks:
        for other in task.conflicts_with:
            if task.id in place and other in place:
                one, two = sorted((task.id, other), key=place.__getitem__)
                held[f"{one} and {two} {NEVER}"] = (one, two)
    held |= _holders(plan, [rule for rule in plan.file_rules if rule.resolution in _ONE_AT_A_TIME])
    if plan.conflicts.on_conflict is not OnConflict.SHOW:
        held |= _split(plan, tuple(place))
    return {reason: names for reason, names in held.items() if len(names) > 1}


def _holders(plan: Plan, rules: Sequence[FileRule]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of each rule's file the open tasks that it is about: those it names, else those that declare such a
    file, else all."""
    files = {name: tuple(map(path_of, entries)) for name, entries in files_of(plan).items()}
    place = {name: number for number, name in enumerate(files)}
    about = _rules_at(rules, [path for paths in files.values() for path in paths])
    declare: list[dict[str, None]] = [{} for _ in rules]
    for name, paths in files.items():
        for number in {number for path in paths for number in about[path]}:
            declare[number][name] = None
    for rule, names in zip(rules, declare, strict=True):
        if rule.tasks:
            yield rule.file, tuple(sorted(place.keys() & rule.tasks, key=place.__getitem__))
        else:
            yield rule.file, tuple(names or files)


def _rules_at(rules: Sequence[FileRule], paths: Iterable[str]) -> dict[str, set[int]]:
    """Of each path the places of the rules whose file can be the same."""
    places: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        places.setdefault(rule.file, []).append(number)
    found: dict[str, set[int]] = {path: set() for path in paths}
    if not rules:
        return found
    itself = ((file, file) for file in places if patterns.can_meet(file, file))
    for one, two in chain(itself, patterns.meeting_patterns((*places, *found))):
        for file, path in ((one, two), (two, one)):
            if file in places and path in found:
                found[path].update(places[file])
    return found


def _split(plan: Plan, open_: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found = [clash for clash in clashes(plan) if _splits(clash) and clash.handled != NEVER]
    if not found:
        return {}
    if plan.conflicts.on_conflict is OnConflict.SEQUENTIAL:
        return {"the plan runs one task at a time, because tasks clash": open_}
    by_file: dict[str, dict[str, None]] = {}
    for clash in found:
        file = clash.file if clash.file == clash.other else f"{clash.file}, {clash.other}"
        names = (clash.first, clash.second)
        one_file = clash.grade is Grade.WHOLE and clash.file == clash.other
        key = file if one_file else f"{file} ({' and '.join(names)})"
        by_file.setdefault(key, {}).update(dict.fromkeys(names))
    return {file: tuple(names) for file, names in by_file.items()}


def _splits(clash: Clash) -> bool:
    """Whether a plan that splits what clashes puts these two one after the other: what only a text says does
    not."""
    safe = clash.handled in (_words(resolution) for resolution in _NO_CLASH)
    return not clash.guess and clash.grade is not Grade.APART and not safe


def _ignored(plan: Plan, path: str) -> bool:
    return any(
        patterns.matches(pattern, path) or patterns.matches(f"**/{pattern}", path)
        for pattern in plan.conflicts.ignore
    )


def covers(wide: str, pattern: str) -> bool:
    """Whether everything that `pattern` can match is matched by `wide`; false where that is hard to tell."""
    if wide == pattern:
        return True
    if (path := patterns.plain_path(pattern)) is not None:
        return patterns.matches(wide, path)
    return wide.endswith("/**") and pattern.startswith(wide.removesuffix("**"))


def _words(resolution: Resolution) -> str:
    return resolution.value.replace("_", " ")
