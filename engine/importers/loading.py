"""From files of any kind to a frozen Plan, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.core.errors import Fault, PlanError
from engine.core.holdings import impossible
from engine.core.plan import Plan
from engine.core.strategy import rules_file
from engine.importers import texts
from engine.importers.building import built
from engine.importers.check import check
from engine.importers.completing import completed
from engine.importers.fields import PART, PLAN
from engine.importers.folders import with_folders
from engine.importers.judging import judge
from engine.importers.log import Log
from engine.importers.making import Maker, below
from engine.importers.merging import merged
from engine.importers.nodes import MAX_ITEMS, TOO_MANY, Entries, Items, Node, Scalar
from engine.importers.project_settings import ProjectSettings
from engine.importers.reading import BAD, read
from engine.importers.settings import settle
from engine.importers.texts import STDIN, shown
from engine.importers.translating import NATIVE, translate

Given = Mapping[str, str]
"""Top-level keys that were given on the command line; they count more than those in files."""


class Validation(Struct, frozen=True):
    """What checking found: the plan when there are no errors, which settings it gives, and of each file what
    kinds of document it holds, the kind of the whole first; `project` are the settings that are the
    repository's. `sequential`: the plan or the repository switches parallel work off. A plan without tasks is
    a part of one: it can be checked, not run. `unordered` is the plan as it would be when nothing is wrong
    with it but needs that its waves do not respect."""

    plan: Plan | None
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    given: tuple[str, ...] = ()
    kinds: tuple[tuple[str, ...], ...] = ()
    project: tuple[str, ...] = ()
    sequential: bool = False
    unordered: Plan | None = None


class _Opened(Struct):
    """A file in its native form."""

    root: Node
    make: Maker
    kinds: tuple[str, ...]

    @property
    def foreign(self) -> bool:
        return self.kinds != (NATIVE,)


def load(*paths: Path, given: Given | None = None, project: ProjectSettings | None = None) -> Plan:
    """The plan in one file, or in several that make up one; `-` is standard input. The settings of `project`
    hold where the plan says nothing itself.

    Raises PlanError with every error of all files."""
    return whole(validate(paths, given, project))


def loads(text: str | bytes, name: str = "plan") -> Plan:
    """The plan in `text`; `name` stands for the file in errors. Raises PlanError."""
    return whole(validate_texts([(name, text.encode() if isinstance(text, str) else text)]))


def whole(found: Validation) -> Plan:
    """The plan that was found. Raises PlanError when there is none, or when it has no tasks."""
    if found.plan is None:
        raise PlanError(found.errors)
    if not found.plan.tasks:
        held = ", ".join(kind for kinds in found.kinds for kind in kinds)
        message = f"has no tasks ({held}); give the files that have them too, they make up one plan"
        raise PlanError([Fault(message, found.plan.name)])
    return found.plan


def validate(
    paths: Sequence[Path], given: Given | None = None, project: ProjectSettings | None = None
) -> Validation:
    """Check files that make up one plan. Raises nothing: what cannot be read is an error like the others."""
    sources: list[tuple[str, bytes]] = []
    errors: list[Fault] = []
    for path in paths:
        try:
            sources.append(texts.read(path))
        except PlanError as error:
            errors += error.faults
    found = validate_texts(sources, given, project)
    if errors:
        return _ordered(found, [shown(path) for path in paths], errors)
    return _with_rules(found, paths, sources, given, project)


def _with_rules(
    found: Validation,
    paths: Sequence[Path],
    sources: list[tuple[str, bytes]],
    given: Given | None,
    project: ProjectSettings | None,
) -> Validation:
    """The same with the file of conflict rules that a story's configuration names, from beside the story;
    when there is none, the built-in rules apply and a warning says so (M020)."""
    name = rules_file(found.plan) if found.plan is not None else ""
    if found.plan is None or not name or STDIN in paths or "conflict_resolution" in found.plan.sections:
        return found
    places = [path.parent / name for path in paths]
    beside = next((place for place in places if place.is_file()), None)
    if beside is None:
        is_folder = any(place.is_dir() for place in places)
        reason = "is a folder, not a file" if is_folder else "is not there"
        fault = Fault(f"{name} {reason}: the built-in conflict rules apply", str(paths[0]))
        return msgspec.structs.replace(found, warnings=(*found.warnings, fault))
    try:
        return validate_texts([*sources, texts.read(beside)], given, project)
    except PlanError as error:
        return _ordered(found, [shown(path) for path in paths], error.faults)


def settings_alone(project: ProjectSettings | None) -> Validation:
    """The settings of a repository as they hold for a plan that says nothing itself."""
    return validate_texts([("plan", b"parallel_execution: {}")], None, project)


def validate_texts(
    sources: Sequence[tuple[str, bytes]],
    given: Given | None = None,
    project: ProjectSettings | None = None,
) -> Validation:
    """Check texts that make up one plan, each with the name that stands for it in errors."""
    names = [name for name, _ in sources]
    errors: list[Fault] = []
    warnings: list[Fault] = []
    opened: list[_Opened] = []
    for name, data in sources:
        try:
            root, faults = texts.tree(data, name)
            opened.append(_open(root))
        except PlanError as error:
            errors += error.faults
        else:
            errors += [*faults, *opened[-1].make.errors]
            warnings += opened[-1].make.warnings
    if not opened or len(opened) < len(sources):
        return _ordered(Validation(None), names, errors, warnings)
    try:
        found = _checked(opened, names[0], not errors, given or {}, project or ProjectSettings(Path()))
    except PlanError as error:
        found = Validation(None, error.faults)
    kinds = tuple(one.kinds for one in opened)
    return _ordered(msgspec.structs.replace(found, kinds=kinds), names, errors, warnings)


def _open(root: Node) -> _Opened:
    make = Maker(root)
    native, kinds = translate(root, make)
    return _Opened(native, make, kinds)


def _checked(
    opened: list[_Opened], name: str, sound: bool, given: Given, project: ProjectSettings
) -> Validation:
    roots = [one.root for one in opened]
    log = Log(roots[0])
    for one in opened:
        if one.foreign:
            log.origins |= one.make.origins
    foreign = any(one.foreign for one in opened)
    root = _with(merged(roots, log.error), given)
    if foreign:
        root = completed(root, log.origins)
    log.root = root
    _refuse_too_many(root)
    native = any(NATIVE in one.kinds for one in opened)
    data = read(PLAN if native else PART, root, (), log)
    if data is BAD:
        return Validation(None, tuple(log.errors))
    data = project.beneath(with_folders(data, log))
    draft = foreign or bool(data.get("draft"))
    settings = settle(data, log)
    only_order = check(data, log, lenient=draft)
    if log.errors or not sound:
        unordered = built(data, settings, name, draft=draft) if only_order and sound else None
        warnings = (*log.warnings, *project.warnings)
        return Validation(None, tuple(log.errors), warnings, unordered=unordered)
    said = (*settings, *(key for key in ("base", "start_policy") if key in data))
    if "ignore" in data.get("conflicts", {}):
        said += ("ignore",)
    settings, theirs = project.over(settings)
    plan = built(data, settings, name, draft=draft)
    _tell_impossible(plan, log)
    judge(plan, log)
    warnings = (*log.warnings, *project.warnings)
    off = settings.get("enabled") is False
    return Validation(None if log.errors else plan, tuple(log.errors), warnings, said, (), theirs, off)


def _refuse_too_many(root: Node) -> None:
    """Each file was counted alone; together, or with tickets in several lists, they may still be too many."""
    tasks = below(root, "tasks")
    if isinstance(tasks, Items) and len(tasks.items) > MAX_ITEMS:
        more = tasks.items[MAX_ITEMS]
        raise PlanError([Fault(TOO_MANY, more.file, more.line, "tasks")])


def _tell_impossible(plan: Plan, log: Log) -> None:
    place = {task.id: number for number, task in enumerate(plan.tasks)}
    for task, name, amount, most in impossible(plan):
        message = f"found {amount:g}; accepted: at most the {most:g} there are"
        log.error(("tasks", place[task], "resources", name), message)


def _with(root: Node, given: Given) -> Node:
    """The same with what was given on the command line in place of what the files say."""
    if not given or not isinstance(root, Entries):
        return root
    kept = [(key, node) for key, node in root.entries if key.text not in given]
    place = "<command line>"
    added: list[tuple[Scalar, Node]] = [
        (Scalar(key, False, place, 0), Scalar(value, False, place, 0)) for key, value in given.items()
    ]
    return Entries(kept + added, root.file, root.line)


def _ordered(
    found: Validation, names: Sequence[str], errors: Sequence[Fault], warnings: Sequence[Fault] = ()
) -> Validation:
    """The same with more errors and warnings, all in the order of the files and their lines."""
    rank = {name: number for number, name in enumerate(names)}

    def place(fault: Fault) -> tuple[int, int]:
        return rank.get(fault.file, len(rank)), fault.line

    return msgspec.structs.replace(
        found,
        plan=None if errors else found.plan,
        errors=tuple(sorted([*found.errors, *errors], key=place)),
        warnings=tuple(sorted([*found.warnings, *warnings], key=place)),
    )
