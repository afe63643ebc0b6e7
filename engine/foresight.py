"""What a repository tells about the conflicts of a plan before it runs: where the parts are that its tasks
name, which symbols their texts speak of, and which files usually change together.

It reads the repository with GitPython: the commands that ask for it end soon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.core.companions import Meeting, meet_only_there
from engine.core.errors import WavetreeError
from engine.core.graph import ancestors, needs_of
from engine.core.mentions import mentioned
from engine.core.parts import Part, entry_of, parse
from engine.core.patterns import plain_path
from engine.core.plan import Plan, StartPolicy, Task
from engine.edge.cochange import companions
from engine.edge.symbol_index import FEW, SymbolIndex
from engine.edge.symbols import symbols_supported

NAMES = 2000
"""Names looked up in a repository for one plan at most."""


class Foresight(Struct, frozen=True):
    """What the repository adds to what a plan declares.

    In `plan` a task's whole file is narrowed to the parts of it that the task's text names, and a task
    without files has those parts for its files; `named` has them by task. `located` has the lines of declared
    parts and of these. `meetings` are tasks that may run together and share no file, but may meet in one that
    usually changes with theirs, the likeliest first (rules of Zimmermann et al. 2005). `notes` say what could
    not be read."""

    plan: Plan
    located: dict[str, Part] = {}
    named: dict[str, tuple[str, ...]] = {}
    meetings: tuple[Meeting, ...] = ()
    notes: tuple[str, ...] = ()


def foresee(plan: Plan, checkout: Path | None) -> Foresight:
    """Look at the repository around `checkout` as it is at the plan's base; without one nothing is added.
    What git cannot tell becomes a note, never an error: a forecast is worth having without it."""
    if checkout is None:
        return Foresight(plan)
    try:
        return _seen(plan, checkout)
    except WavetreeError as error:
        return Foresight(plan, notes=(f"the repository could not be read: {error.message}",))


def _seen(plan: Plan, checkout: Path) -> Foresight:
    commit = plan.base or "HEAD"
    index = SymbolIndex(checkout, commit)
    named = _named([task for task in plan.tasks if not task.complete], index)
    narrowed = replace(plan, tasks=tuple(_narrowed(task, named.get(task.id, ())) for task in plan.tasks))
    entries = dict.fromkeys(entry for task in narrowed.tasks for entry in task.files)
    located = {entry: index.located(parse(entry)) for entry in entries}
    rules = companions(checkout, entries, commit)
    files = {task.id: task.files for task in narrowed.tasks if not task.complete}
    met = tuple(meeting for meeting in meet_only_there(files, rules) if _together(plan, meeting))
    return Foresight(
        narrowed,
        {entry: part for entry, part in located.items() if not part.whole},
        {task: tuple(entry_of(part) for part in parts) for task, parts in named.items()},
        met,
        _notes(located.values()),
    )


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


def _narrowed(task: Task, named: Sequence[Part]) -> Task:
    if not named or task.complete:
        return task
    if not task.files:
        return replace(task, files=tuple(dict.fromkeys(map(entry_of, named))))
    files: dict[str, None] = {}
    for entry in task.files:
        inside = [part for part in named if plain_path(entry) == part.path]
        files.update(dict.fromkeys(map(entry_of, inside)) if inside else {entry: None})
    return replace(task, files=tuple(files))


def _together(plan: Plan, meeting: Meeting) -> bool:
    """Whether the two may be at work at the same time."""
    wave = {name: wave.number for wave in plan.waves for name in wave.tasks}
    if plan.start_policy is StartPolicy.WAVE:
        return wave[meeting.first] == wave[meeting.second]
    needs = needs_of(plan.tasks)
    return meeting.first not in ancestors(needs, meeting.second) and meeting.second not in ancestors(
        needs, meeting.first
    )


def _notes(parts: Iterable[Part]) -> tuple[str, ...]:
    missing: Mapping[str, None] = dict.fromkeys(
        support.why for part in parts if part.symbol and not (support := symbols_supported(part.path)).yes
    )
    return tuple(missing)
