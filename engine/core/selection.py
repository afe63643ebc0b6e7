"""Which tickets of a project are worked on: by their ids, by epic or by sprint, and what could run together.

What is selected becomes a plan of its own. Tickets that are complete stay in it, in a first wave of their
own, so that lists can show them; needs on complete tickets outside of it are met and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from msgspec.structs import replace

from engine.core import waves
from engine.core.clashes import clashes
from engine.core.errors import UsageError
from engine.core.few import few
from engine.core.parts import Grade
from engine.core.plan import FileRule, Plan, StartPolicy, Task, Wave

CURRENT = "current"
COMPLETED = "Completed"
"""The name of the wave that holds what was complete before."""
MOST = 12


def select(
    plan: Plan,
    ids: Sequence[str] = (),
    epic: str = "",
    sprint: str = "",
    *,
    with_dependencies: bool = False,
) -> Plan:
    """The plan of the tickets with exactly these ids (M011), or of all tickets of an epic (M012) or a sprint,
    `current` being the one that is marked so (M013); several of the three together add up. A number stands
    for the only id that ends in it: `17` or `#17` for GH-17.

    `with_dependencies` lets each ticket start as soon as what it needs itself is there (D06); it adds no
    ticket. Raises UsageError for an id, epic or sprint that is not there, and when a ticket needs others that
    are neither selected nor complete, naming all of them (M014)."""
    known = {task.id: task for task in plan.tasks}
    chosen = {_meant(name, known) for name in ids}
    if epic:
        chosen |= _members(plan, "epic", group(plan, "epics", epic)["id"])
    if sprint:
        chosen |= _members(plan, "sprint", group(plan, "sprints", sprint)["id"])
    _refuse_missing(known, chosen)
    policy = StartPolicy.DEPENDENCY if with_dependencies else plan.start_policy
    return _narrowed(replace(plan, start_policy=policy), chosen)


def _meant(name: str, known: Mapping[str, Task]) -> str:
    """The id that was typed, as it is or by its number. Raises UsageError for none or several."""
    number = name.removeprefix("#")
    if name in known or (number.isdecimal() and number in known):
        return name if name in known else number
    ending = [other for other in known if other.endswith(f"-{number}")] if number.isdecimal() else []
    if len(ending) > 1:
        raise UsageError(f"{name!r} may be {few(ending, MOST)}", "write the whole id")
    if not ending:
        raise UsageError(f"there is no ticket {name!r}{_near(name, known)}")
    return ending[0]


def candidates(plan: Plan, slots: int) -> tuple[str, ...]:
    """The first of the open tickets in the order of the file, one more than there are slots (M017)."""
    return tuple(task.id for task in plan.tasks if is_open(task))[: slots + 1]


def independent(plan: Plan, most: int = 3) -> tuple[str, ...]:
    """The first open tickets that could run side by side now: all they need is complete and no two of them
    declare the same file or name each other (M069). Fewer than two are nothing to suggest."""
    complete = {task.id for task in plan.tasks if task.complete}
    ready = [task for task in plan.tasks if is_open(task) and {need.task for need in task.needs} <= complete]
    apart = {(clash.first, clash.second) for clash in clashes(plan) if clash.grade is not Grade.APART}
    apart |= {(task.id, other) for task in ready for other in task.conflicts_with}
    found: list[str] = []
    for task in ready:
        if len(found) < most and not any((task.id, one) in apart or (one, task.id) in apart for one in found):
            found.append(task.id)
    return tuple(found)


def is_open(task: Task) -> bool:
    """Whether nobody has begun the task: it is neither complete nor in work, failed or stopped."""
    return not task.complete and task.status in ("", "pending", "waiting")


def group(plan: Plan, kind: str, name: str) -> Mapping[str, Any]:
    """What the file says of an epic or a sprint, its `id` at least; `kind` is `epics` or `sprints`. A group
    that only tickets name has nothing but that. Raises UsageError when nobody names it."""
    listed = {str(each["id"]): each for each in _listed(plan, kind)}
    if kind == "sprints" and name.casefold() == CURRENT and name not in listed:
        return _current(listed)
    used = {getattr(task, kind.removesuffix("s")) for task in plan.tasks} - {""}
    word = kind.removesuffix("s")
    for each in (*listed, *sorted(used)):
        if each.casefold() == name.casefold():
            return listed.get(each, {"id": each})
    raise UsageError(f"there is no {word} {name!r}{_near(name, {**listed, **dict.fromkeys(sorted(used))})}")


def _current(listed: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    marked = [each for each in listed.values() if each.get("current") in (True, "true", "yes")]
    if len(marked) == 1:
        return marked[0]
    said = "several sprints are" if marked else "no sprint is"
    names = f"; sprints: {few(listed, MOST)}" if listed else "; the file lists no sprints"
    raise UsageError(f"{said} marked `current: true`{names}", "name one: --sprint NAME")


def _listed(plan: Plan, kind: str) -> list[Mapping[str, Any]]:
    found = plan.sections.get(kind)
    items = found if isinstance(found, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping) and "id" in item]


def _members(plan: Plan, kind: str, name: str) -> set[str]:
    found = {task.id for task in plan.tasks if getattr(task, kind).casefold() == name.casefold()}
    if not found:
        raise UsageError(f"no ticket belongs to the {kind} {name!r}")
    return found


def _refuse_missing(known: Mapping[str, Task], chosen: set[str]) -> None:
    missing: dict[str, None] = {}
    todo = [name for name in known if name in chosen and not known[name].complete]
    asked = list(todo)
    for name in todo:
        for need in known[name].needs:
            if need.task not in chosen and not known[need.task].complete and need.task not in missing:
                missing[need.task] = None
                todo.append(need.task)
    if not missing:
        return
    lacking = [name for name in known if name in missing]
    needing = [name for name in asked if any(need.task in missing for need in known[name].needs)]
    verb = "needs" if len(needing) == 1 else "need"
    are = "is" if len(lacking) == 1 else "are"
    every = [name for name in known if name in chosen or name in missing]
    raise UsageError(
        f"{few(needing, MOST)} {verb} {few(lacking, MOST)}, which {are} neither selected nor complete",
        f"select them too: wavetree parallel --with-dependencies {' '.join(every)}",
    )


def _narrowed(plan: Plan, chosen: set[str]) -> Plan:
    tasks = tuple(_kept(task, chosen) for task in plan.tasks if task.id in chosen)
    rules = tuple(
        _rule(rule, chosen) for rule in plan.file_rules if not rule.tasks or chosen & set(rule.tasks)
    )
    narrow = replace(plan, tasks=tasks, file_rules=tuple(_rule(rule, chosen) for rule in rules))
    return replace(narrow, waves=planned(narrow))


def planned(plan: Plan) -> tuple[Wave, ...]:
    """The waves of a plan's tasks, what is complete in one of its own before all others."""
    done = tuple(task.id for task in plan.tasks if task.complete)
    open_ = tuple(task for task in plan.tasks if not task.complete)
    before = (Wave(1, COMPLETED, done),) if done else ()
    rest = waves.planned(replace(plan, tasks=open_)) if open_ else ()
    return (
        *before,
        *(
            replace(wave, number=wave.number + len(before), name=f"Wave {wave.number + len(before)}")
            for wave in rest
        ),
    )


def _kept(task: Task, chosen: set[str]) -> Task:
    return replace(
        task,
        needs=tuple(need for need in task.needs if need.task in chosen),
        conflicts_with=tuple(name for name in task.conflicts_with if name in chosen),
    )


def _rule(rule: FileRule, chosen: set[str]) -> FileRule:
    return replace(rule, tasks=tuple(name for name in rule.tasks if name in chosen))


def _near(name: str, known: Iterable[str]) -> str:
    known = list(known)
    if same := [other for other in known if other.casefold() == name.casefold()]:
        return f'; did you mean "{same[0]}"?'
    if close := get_close_matches(name, known, n=1, cutoff=0.5):
        return f'; did you mean "{close[0]}"?'
    return f"; accepted: {few(known, MOST)}" if known else ""
