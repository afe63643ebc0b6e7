"""What a repository tells about the conflicts of a plan before it runs: where the parts are that its tasks
name, which symbols their texts speak of, and which files usually change together.

It reads the repository with GitPython: the commands that ask for it end soon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.core import waves
from engine.core.clashes import locks
from engine.core.companions import Meeting, meet_only_there
from engine.core.errors import WavetreeError
from engine.core.mentions import mentioned
from engine.core.ordering import Order
from engine.core.parts import Part, entry_of, parse, path_of
from engine.core.patterns import expand, plain_path
from engine.core.plan import Plan, Seen, Task
from engine.edge.cochange import companions
from engine.edge.machine import on_this_machine
from engine.edge.symbol_index import FEW, SymbolIndex
from engine.edge.symbols import symbols_supported

NAMES = 2000
"""Names looked up in a repository for one plan at most."""


class Foresight(Struct, frozen=True):
    """What the repository adds to what a plan declares: `plan` knows the lines of its parts. `meetings` are
    tasks that may run together and share no file, but may meet in one that usually changes with theirs, the
    likeliest first (rules of Zimmermann et al. 2005). `notes` say what is new to the repository and what
    could not be read; `matched` are the files of the repository that declared patterns match (M042)."""

    plan: Plan
    meetings: tuple[Meeting, ...] = ()
    notes: tuple[str, ...] = ()
    matched: dict[str, tuple[str, ...]] = {}


def foresee(plan: Plan, checkout: Path | None) -> Foresight:
    """Look at the machine, and at the repository around `checkout` as it is at the plan's base, if any.
    What git cannot tell becomes a note, never an error: a forecast is worth having without it."""
    plan = on_this_machine(plan)
    if checkout is None:
        return Foresight(plan)
    try:
        return _foreseen(_with_folders(plan, checkout), checkout)
    except WavetreeError as error:
        return Foresight(plan, notes=(f"the repository could not be read: {error.message}",))


def looked_up(plan: Plan, checkout: Path | None) -> Plan:
    """The plan with the lines of the parts that its tasks declare, as they are at its base, and with what
    its tasks may take of this machine. Waves that were computed are computed again: parts that lie apart may
    share one."""
    plan = on_this_machine(plan)
    if checkout is None:
        return plan
    plan = _with_folders(plan, checkout)
    if all(parse(entry).whole for task in plan.tasks for entry in task.files):
        return plan
    try:
        return _with(plan, _located(plan, SymbolIndex(checkout, plan.base or "HEAD")), {})
    except WavetreeError:
        return plan


def _with_folders(plan: Plan, checkout: Path) -> Plan:
    """The plan where a folder of the repository that a task declares stands for everything below it."""
    named = {entry for task in plan.tasks for entry in task.files if plain_path(entry) == entry}
    folders = {entry for entry in named if (checkout / entry).is_dir()}
    if not folders:
        return plan
    tasks = tuple(
        replace(task, files=tuple(f"{entry}/" if entry in folders else entry for entry in task.files))
        for task in plan.tasks
    )
    return _again(replace(plan, tasks=tasks), plan)


def _foreseen(plan: Plan, checkout: Path) -> Foresight:
    commit = plan.base or "HEAD"
    index = SymbolIndex(checkout, commit)
    named = _named([task for task in plan.tasks if not task.complete], index)
    spoken = {entry_of(part): index.located(part) for parts in named.values() for part in parts}
    parts = _located(plan, index)
    entries = {task: tuple(map(entry_of, found)) for task, found in named.items()}
    seen = _with(plan, {**spoken, **parts}, entries)
    files = {task.id: task.files or entries.get(task.id, ()) for task in plan.tasks if not task.complete}
    rules = companions(checkout, [entry for found in files.values() for entry in found], commit)
    there = [rule for rule in rules if rule.other in index.files]
    beside = _Beside(seen)
    met = tuple(one for one in meet_only_there(files, there) if beside.each_other(one.first, one.second))
    paths = {path_of(entry) for declared in files.values() for entry in declared}
    wild = [path for path in paths if plain_path(path) is None]
    matched = {pattern: found for pattern, found in expand(sorted(wild), tuple(index.files)).items() if found}
    return Foresight(seen, met, tuple(dict.fromkeys(_notes(plan, parts, index))), matched)


def _located(plan: Plan, index: SymbolIndex) -> dict[str, Part]:
    entries = dict.fromkeys(entry for task in plan.tasks for entry in task.files)
    return {entry: index.located(parse(entry)) for entry in entries if not parse(entry).whole}


def _with(plan: Plan, parts: dict[str, Part], named: dict[str, tuple[str, ...]]) -> Plan:
    return _again(replace(plan, seen=Seen(parts, named)), plan)


def _again(plan: Plan, before: Plan) -> Plan:
    """The plan with its waves computed again, when those of `before` were computed."""
    return replace(plan, waves=waves.planned(plan)) if before.waves == waves.planned(before) else plan


def _text(task: Task) -> str:
    return "\n".join((task.title, task.description, task.prompt, *task.steps, *task.criteria))


def _named(tasks: Sequence[Task], index: SymbolIndex) -> dict[str, tuple[Part, ...]]:
    """Of each task the symbols of the repository that its text names, those in one place only first."""
    names = {task.id: mentioned(_text(task)) for task in tasks}
    every = list(dict.fromkeys(name for found in names.values() for name in found))[:NAMES]
    places = {name: parts for name, parts in index.lookup(every).items() if len(parts) <= FEW}
    found: dict[str, tuple[Part, ...]] = {}
    for task, mine in names.items():
        parts = sorted((places[name] for name in mine if name in places), key=len)
        if parts:
            found[task] = tuple(dict.fromkeys(part for some in parts for part in some))
    return found


class _Beside:
    """Whether two tasks may be at work at the same time."""

    def __init__(self, plan: Plan) -> None:
        self._order = Order(plan)
        self._locked = [set(names) for names in locks(plan).values()]

    def each_other(self, first: str, second: str) -> bool:
        return not self._order.why(first, second) and not any(
            {first, second} <= names for names in self._locked
        )


def _notes(plan: Plan, parts: dict[str, Part], index: SymbolIndex) -> Iterator[str]:
    """What is declared and not there yet, or cannot be read."""
    for task in plan.tasks:
        for entry in () if task.complete else task.files:
            declared = parse(entry)
            support = symbols_supported(declared.path)
            if plain_path(declared.path) is None or not index.commit:
                continue
            if declared.path not in index.files:
                yield f"{task.id}: {declared.path} is not there yet"
            elif declared.symbol and not support.yes:
                yield f"{task.id}: {entry} counts as the whole file: {support.why}"
            elif declared.symbol and not index.holds(declared):
                yield f"{task.id}: {entry} is not there yet; taken as new in line {parts[entry].first}"
            elif declared.last and declared.last > index.length(declared.path):
                yield f"{task.id}: {entry} is beyond the end, line {index.length(declared.path)}"
