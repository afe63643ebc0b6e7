"""What can go wrong between tasks that run together: shared files, tables and schemas, hot spots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from engine.core import patterns
from engine.core.analysis.overlap import SAFE, Pair, why_apart
from engine.core.clashes import LEVELS, Clash, covers, files_of
from engine.core.parts import path_of
from engine.core.plan import FileRule, Level, Mode, Plan, StartPolicy, Wave, once

FILES = "file_system_conflicts"
SCHEMA = "database_schema_conflicts"
HOT_SPOT = "hot_spot"

_NAME = r"[\w*?\[\]{}-][\w.*?\[\]{}-]*"
_FILE = re.compile(rf"(?:[\w.*?\[\]{{}}-]+/)*(?:{_NAME}\.[A-Za-z]\w{{0,9}}|[\w.*-]*\*[\w.*-]*)")
"""A word that is a file or a pattern: with an extension, or with a star."""
_NO_FILES = ("e.g", "i.e")


class Finding(Struct, frozen=True):
    """Something that can go wrong. `handled` says why nothing comes of it and is empty for what is open;
    `wave` is the wave that a hot spot belongs to, 0 otherwise."""

    kind: str
    tasks: tuple[str, ...]
    files: tuple[str, ...]
    level: Level
    handled: str
    words: str
    wave: int = 0


class SharedFile(Struct, frozen=True):
    """A file that several tasks declare or that the plan has a rule for, with the highest level of its
    clashes (M045); `handled` is empty while any of them is open."""

    file: str
    level: Level
    tasks: tuple[str, ...]
    handled: str


class WaveRisk(Struct, frozen=True):
    """The level of a wave and the files that make it so, none when it is low."""

    wave: int
    level: Level
    files: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"wave {self.wave} is of {self.level.value} risk: {', '.join(self.files)}"


def highest(levels: Iterable[Level]) -> Level:
    """The highest of some levels, low when there are none."""
    return max(levels, key=LEVELS.index, default=Level.LOW)


def shared_files(plan: Plan, found: Sequence[Clash]) -> tuple[SharedFile, ...]:
    """Files with their grades, the highest first: those of the clashes, then those of rules without one."""
    by_file: dict[str, list[Clash]] = {}
    for clash in found:
        by_file.setdefault(_name(clash), []).append(clash)
    shared = [_shared(file, group) for file, group in by_file.items()]
    named = {side for clash in found for side in (clash.file, clash.other)}
    everybody = tuple(files_of(plan))
    shared += [_ruled(rule, everybody) for rule in plan.file_rules if rule.file not in named]
    return tuple(sorted(shared, key=lambda one: -LEVELS.index(one.level)))


def _name(clash: Clash) -> str:
    return clash.file if clash.file == clash.other else f"{clash.file}, {clash.other}"


def _shared(file: str, group: Sequence[Clash]) -> SharedFile:
    tasks = dict.fromkeys(task for clash in group for task in (clash.first, clash.second))
    reasons = dict.fromkeys(clash.handled for clash in group)
    handled = "" if "" in reasons else ", ".join(reasons)
    return SharedFile(file, highest(clash.level for clash in group), tuple(tasks), handled)


def _ruled(rule: FileRule, everybody: tuple[str, ...]) -> SharedFile:
    words = rule.resolution.value.replace("_", " ")
    return SharedFile(rule.file, rule.level, rule.tasks or everybody, words)


def wave_risks(plan: Plan, found: Sequence[Clash]) -> tuple[WaveRisk, ...]:
    """The grade of each wave: the highest level of a file that two of its tasks share (M045), whether or not
    one of them waits for the other, and of a schema that they clash in (M054); files that the plan calls
    safe, and waves that run one task after the other, have no risk."""
    wave_of = {name: wave.number for wave in plan.waves for name in wave.tasks}
    inside: dict[int, list[Clash]] = {}
    for clash in found:
        here = wave_of.get(clash.first)
        if here is not None and here == wave_of.get(clash.second) and clash.handled not in SAFE:
            inside.setdefault(here, []).append(clash)
    schemas: dict[int, list[Finding]] = {}
    for one in schema_conflicts(plan):
        here = wave_of.get(one.tasks[0])
        if not one.handled and here is not None and here == wave_of.get(one.tasks[1]):
            schemas.setdefault(here, []).append(one)
    return tuple(
        _wave_risk(wave, inside.get(wave.number, ()), schemas.get(wave.number, ())) for wave in plan.waves
    )


def _wave_risk(wave: Wave, inside: Sequence[Clash], schemas: Sequence[Finding]) -> WaveRisk:
    graded: list[tuple[Level, tuple[str, ...]]] = [(clash.level, (_name(clash),)) for clash in inside]
    graded += [(one.level, one.files) for one in schemas]
    level = Level.LOW if wave.mode is Mode.SEQUENTIAL else highest(level for level, _ in graded)
    files = dict.fromkeys(file for one, names in graded if one is level for file in names)
    return WaveRisk(wave.number, level, () if level is Level.LOW else tuple(files))


def open_conflicts(found: Iterable[Clash], others: Iterable[Finding] = ()) -> int:
    """How many clashes, and schema conflicts among the other findings, nothing handles; parts of a file that
    git merges cleanly (level low) are none."""
    schemas = sum(one.kind == SCHEMA and not one.handled for one in others)
    return schemas + sum(not clash.handled and clash.level is not Level.LOW for clash in found)


def findings(plan: Plan, found: Sequence[Clash]) -> tuple[Finding, ...]:
    """Everything that can go wrong, given the plan's clashes: what is open first, then the highest level."""
    all_ = [*_file_findings(found), *schema_conflicts(plan), *hot_spots(plan)]
    return tuple(sorted(all_, key=lambda one: (bool(one.handled), -LEVELS.index(one.level))))


def _file_findings(found: Iterable[Clash]) -> Iterator[Finding]:
    for clash in found:
        files = tuple(dict.fromkeys((clash.file, clash.other)))
        words = f"{clash.first} and {clash.second} both declare {_name(clash)}"
        yield Finding(FILES, (clash.first, clash.second), files, clash.level, clash.handled, words)


@once
def schema_conflicts(plan: Plan) -> tuple[Finding, ...]:
    """Two tasks that change one table or one schema file, and tasks that use a schema while it is changed,
    because they read its files or wait only for a milestone of the task that changes it (M054).

    A task waiting for the end of the one that changes a schema starts after that was merged: no conflict."""
    changes = _schema_changes(plan)
    spelled: dict[str, str] = {}
    tables = {
        task.id: tuple(f"table {spelled.setdefault(name.casefold(), name)}" for name in task.tables)
        for task in plan.tasks
    }
    both: dict[Pair, tuple[str, ...]] = _common(tables)
    for pair, met in patterns.meetings(changes).items():
        both[pair] = (*both.get(pair, ()), *dict.fromkeys(side for sides in met for side in sides))
    used = {pair: what for pair, what in _used(plan, changes, tables).items() if pair not in both}
    apart = why_apart(plan, [*both, *used])
    found = [_schema_finding(pair, both[pair], apart[pair], "change") for pair in both if pair in apart]
    found += [_schema_finding(pair, used[pair], apart[pair], "use") for pair in used if pair in apart]
    return tuple(found)


def _schema_changes(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Of each task the schema files that it declares to change."""
    return {
        name: tuple(
            file
            for file in dict.fromkeys(map(path_of, files))
            if any(covers(schema, file) for schema in plan.conflicts.schema)
        )
        for name, files in files_of(plan).items()
    }


def _common(sets: Mapping[str, Sequence[str]]) -> dict[Pair, tuple[str, ...]]:
    """Every two names with what both have, in the order of the names."""
    owners: dict[str, list[str]] = {}
    for name, items in sets.items():
        for item in dict.fromkeys(items):
            owners.setdefault(item, []).append(name)
    found: dict[Pair, tuple[str, ...]] = {}
    for item, names in owners.items():
        for number, one in enumerate(names):
            for two in names[number + 1 :]:
                found[(one, two)] = (*found.get((one, two), ()), item)
    return found


def _used(
    plan: Plan, changes: Mapping[str, Sequence[str]], tables: Mapping[str, Sequence[str]]
) -> dict[Pair, tuple[str, ...]]:
    """Of each task that changes a schema with one that uses it what that is."""
    found: dict[Pair, tuple[str, ...]] = {}
    for task in plan.tasks:
        for need in task.needs:
            what = (*tables.get(need.task, ()), *changes.get(need.task, ()))
            if need.milestone and what:
                found[(need.task, task.id)] = what
    sides = {("change", name): tuple(files) for name, files in changes.items() if files}
    sides |= {("read", task.id): tuple(map(path_of, task.reads)) for task in plan.tasks if task.reads}
    names = {" ".join(side): side for side in sides}
    for (one, two), met in patterns.meetings(
        {" ".join(side): files for side, files in sides.items()}
    ).items():
        (act, changer), (other, reader) = names[one], names[two]
        if (act, other) == ("change", "read") and changer != reader:
            files = (*found.get((changer, reader), ()), *(mine for mine, _ in met))
            found[(changer, reader)] = tuple(dict.fromkeys(files))
    return found


def _schema_finding(pair: Pair, what: tuple[str, ...], handled: str, act: str) -> Finding:
    one, two = pair
    things = ", ".join(what)
    both = f"{one} and {two} both change {things}"
    files = tuple(thing for thing in what if not thing.startswith("table "))
    words = both if act == "change" else f"{two} uses {things}, which {one} changes"
    return Finding(SCHEMA, pair, files, Level.HIGH, handled, words)


def hot_spots(plan: Plan) -> tuple[Finding, ...]:
    """What each wave's watch list names (M053). A text with a file or pattern in it becomes a finding of the
    wave's tasks whose declared files can be that file; one without, words to watch."""
    declared = files_of(plan)
    found: list[Finding] = []
    for wave in plan.waves:
        for text in wave.watch:
            file = watched_file(text)
            tasks = tuple(
                name
                for name in wave.tasks
                if file and any(_meets(file, path_of(entry)) for entry in declared.get(name, ()))
            )
            together = len(tasks) > 1
            level = Level.MEDIUM if together else Level.LOW
            handled = "one after the other" if together and _one_by_one(plan, wave) else ""
            files = (file,) if file else ()
            found.append(Finding(HOT_SPOT, tasks, files, level, handled, text, wave.number))
    return tuple(found)


def watched_file(text: str) -> str:
    """The file or pattern that a text such as `hooks.py modifications` names; empty when it names none."""
    words = (word.strip("`'\"(),;:").rstrip(".") for word in text.split())
    return next((word for word in words if _FILE.fullmatch(word) and word not in _NO_FILES), "")


def _meets(watched: str, declared: str) -> bool:
    """A watched name without folders is that file in any folder."""
    return patterns.can_meet(watched, declared) or (
        "/" not in watched and patterns.can_meet(f"**/{watched}", declared)
    )


def _one_by_one(plan: Plan, wave: Wave) -> bool:
    return wave.mode is Mode.SEQUENTIAL and plan.start_policy is StartPolicy.WAVE
