"""Work of a kind that is not for running in parallel: named warnings before a start (M052)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from engine.core import graph
from engine.core.clashes import files_of
from engine.core.parts import path_of
from engine.core.plan import Plan, Task
from engine.core.strategy import supplies

DEPENDENT = "dependent tasks"
SHARED_STATE = "shared state changes"
SEQUENTIAL = "sequential workflow"
SINGLE_FILE = "single file edits"
RELEASE = "coordinated releases"
_LABELS = {
    RELEASE: ("release", "coordinated release"),
    SHARED_STATE: ("shared state",),
    SEQUENTIAL: ("sequential", "sequential workflow"),
}
CHAIN = 3
"""Tasks of which each waits for the one before that make a workflow of their own."""


class Unfit(Struct, frozen=True):
    """A kind of work that selected tasks are of, and why, in words."""

    name: str
    tasks: tuple[str, ...]
    words: str


def unfit(plan: Plan, tasks: Sequence[str] | None = None) -> tuple[Unfit, ...]:
    """The warnings about the tasks of those ids, or about all, that are not complete; none about a single
    task. Raises graph.CycleError."""
    named = None if tasks is None else set(tasks)
    chosen = [task for task in plan.tasks if not task.complete and (named is None or task.id in named)]
    if len(chosen) < 2:
        return ()
    needs = graph.needs_of(chosen)
    return (
        *_dependent(needs),
        *_resources(plan, chosen),
        *_chains(needs),
        *_single_files(plan, chosen),
        *_labelled(chosen),
    )


def _dependent(needs: graph.Needs) -> Iterator[Unfit]:
    edges = [(need, task) for task, needed in needs.items() for need in needed]
    if edges:
        members = {name for edge in edges for name in edge}
        shown = ", ".join(f"{task} needs {need}" for need, task in edges[:3])
        more = f", and {len(edges) - 3} more" if len(edges) > 3 else ""
        yield Unfit(DEPENDENT, tuple(name for name in needs if name in members), shown + more)


def _resources(plan: Plan, chosen: Sequence[Task]) -> Iterator[Unfit]:
    """Exclusive resources that several of the tasks take."""
    for name, supply in supplies(plan).items():
        takers = tuple(task.id for task in chosen if task.resources.get(name, 0) > 0)
        if supply.count <= 1 and len(takers) > 1:
            yield Unfit(SHARED_STATE, takers, f"{', '.join(takers)} change {name}, which only one can have")


def _chains(needs: graph.Needs) -> Iterator[Unfit]:
    """Runs of tasks in which each needs only the one before and is needed only by the one behind."""
    behind = graph.followers(needs)
    linked = {one: many[0] for one, many in behind.items() if len(many) == 1 and len(needs[many[0]]) == 1}
    inner = set(linked.values())
    for first in graph.order(needs):
        if first in linked and first not in inner:
            chain = [first]
            while chain[-1] in linked:
                chain.append(linked[chain[-1]])
            if len(chain) >= CHAIN:
                yield Unfit(SEQUENTIAL, tuple(chain), f"one after the other: {' → '.join(chain)}")


def _single_files(plan: Plan, chosen: Sequence[Task]) -> Iterator[Unfit]:
    """Tasks that change nothing but one and the same file."""
    declared = files_of(plan)
    by_file: dict[str, list[str]] = {}
    for task in chosen:
        paths = dict.fromkeys(map(path_of, declared[task.id]))
        if len(paths) == 1:
            by_file.setdefault(next(iter(paths)), []).append(task.id)
    for file, names in by_file.items():
        if len(names) > 1:
            yield Unfit(SINGLE_FILE, tuple(names), f"{', '.join(names)} change only {file}")


def _labelled(chosen: Sequence[Task]) -> Iterator[Unfit]:
    for name, labels in _LABELS.items():
        members = tuple(task.id for task in chosen if not _words(task).isdisjoint(labels))
        if members:
            yield Unfit(name, members, f"labelled {labels[0]}: {', '.join(members)}")


def _words(task: Task) -> set[str]:
    """Labels, type and kind of a task in one way of writing: `Shared-State` as `shared state`."""
    given = (*task.labels, task.type, str(task.extra.get("kind") or ""))
    return {re.sub(r"[-_ ]+", " ", word).strip().casefold() for word in given}
