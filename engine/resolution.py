"""A conflict before a person: both sides of it, and what they chose as a command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from engine.core.commands import Resolve
from engine.core.conflict_words import pair_of
from engine.core.conflicts import ConflictKind, ConflictRecord
from engine.core.errors import Refused
from engine.core.hunks import left_mark
from engine.core.resolving import open_conflict
from engine.core.settled import Settled
from engine.core.standing import other_of
from engine.core.state import WORKING, State, TaskState, Tree
from engine.edge.git_repository import Repository
from engine.edge.git_sides import Place, Sides
from engine.edge.runs import Project

MERGED = "what is merged"
"""The name of the side that is no task: the integration branch."""


class Run(Protocol):
    """One run as its journal says, and where its things are."""

    state: State
    project: Project
    run: str
    folder: Path


async def sides_of(run: Run, conflict: str) -> tuple[Sides, ...]:
    """The files in which the two sides of a conflict clash now. Raises Refused for a conflict that is not
    open or not about lines, GitError when git cannot tell."""
    return await _sides(run, open_conflict(run.state, conflict))


async def chosen(
    run: Run,
    conflict: str,
    contents: Mapping[str, bytes | None],
    sides: tuple[Sides, ...],
    *,
    how: str = "",
    by: str = "",
    note: str = "",
) -> Resolve:
    """What a person chose for files of `sides` (None: no file) as a command; the texts are in the repository
    then, each kept by a ref. Raises Refused when a conflict mark is left."""
    for file, content in contents.items():
        if content and (line := left_mark(content.decode("utf-8", "replace"))):
            raise Refused(
                f"{file}, line {line}: a conflict mark is left", "choose or edit that place, then again"
            )
    repository = await Repository.open(run.project.checkout, run.folder / "reader")
    try:
        settled = [
            Settled(one.file, *one.blobs, await repository.keep(contents[one.file], _ref(run, conflict, one)))
            for one in sides
            if one.file in contents
        ]
    finally:
        await repository.close()
    return Resolve(conflict, tuple(settled), how, by, note)


def _ref(run: Run, conflict: str, sides: Sides) -> str:
    return f"refs/wavetree/resolved/{run.run}/{conflict}/{sides.blobs[1][:8]}-{sides.blobs[2][:8]}"


async def _sides(run: Run, record: ConflictRecord) -> tuple[Sides, ...]:
    state = run.state
    repository = await Repository.open(run.project.checkout, run.folder / "reader")
    try:
        ours, theirs = await _places(state, record, repository)
        return await repository.sides(run.folder / "sides", ours, theirs, state.settled)
    finally:
        await repository.close()


async def _places(state: State, record: ConflictRecord, repository: Repository) -> tuple[Place, Place]:
    """Ours is who came first, or what is merged; theirs is who came later, or the base branch that moved."""
    if record.kind is ConflictKind.BASE:
        head = await repository.tip(f"refs/heads/{state.base}") or state.base_sha
        return Place(MERGED, state.base_sha, state.tip), Place(state.base, state.base_sha, head)
    first, second = pair_of(state, record)
    later = record.later if second and record.later in (first, second) else second or first
    theirs = _place(state.tasks[later])
    if not second:
        return Place(MERGED, theirs.base, state.tip), theirs
    return _place(state.tasks[other_of(record, later)]), theirs


def _place(task: TaskState) -> Place:
    at_work = task.phase in WORKING and task.tree is Tree.PRESENT and not task.head
    return Place(task.id, task.base, task.head or task.base, task.path if at_work else "")
