"""A conflict before a person: both sides of it, and what they chose sent to the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from engine.client import Client
from engine.core.commands import Resolve, Resume
from engine.core.conflict_words import pair_of
from engine.core.conflicts import ConflictKind, ConflictRecord
from engine.core.errors import Refused
from engine.core.hunks import left_mark
from engine.core.settled import Settled
from engine.core.standing import other_of
from engine.core.state import WORKING, State, TaskState, Tree
from engine.edge.git_repository import Repository
from engine.edge.git_sides import Place, Sides

MERGED = "what is merged"
"""The name of the side that is no task: the integration branch."""


def sides_of(client: Client, conflict: str) -> tuple[Sides, ...]:
    """The files in which the two sides of a conflict clash now. Raises Refused for a conflict that is not
    open or not about lines, GitError when git cannot tell."""
    record = _open(client.state, conflict)
    return asyncio.run(_sides(client, record))


def settle(client: Client, command: Resolve) -> str:
    """Send what a person chose to the run, and return its answer; a run that has ended is taken up."""
    if not client.state.ended:
        return asyncio.run(client.send(command))
    client.take_up(Resume(command.by, client.state.auto_approve, command))
    return f"{command.conflict} is settled; run {client.run} goes on"


async def settle_aside(client: Client, command: Resolve) -> str:
    """The same for one who has a loop already."""
    ended = client.state.ended
    return await client.send(Resume(command.by, client.state.auto_approve, command) if ended else command)


async def chosen(
    client: Client,
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
    repository = await Repository.open(client.project.checkout, client.folder / "reader")
    try:
        settled = [
            Settled(
                one.file, *one.blobs, await repository.keep(contents[one.file], _ref(client, conflict, one))
            )
            for one in sides
            if one.file in contents
        ]
    finally:
        await repository.close()
    return Resolve(conflict, tuple(settled), how, by, note)


def _ref(client: Client, conflict: str, sides: Sides) -> str:
    return f"refs/wavetree/resolved/{client.run}/{conflict}/{sides.blobs[1][:8]}-{sides.blobs[2][:8]}"


def _open(state: State, conflict: str) -> ConflictRecord:
    record = state.conflicts.get(conflict)
    if record is None:
        raise Refused(
            f"the run has no conflict {conflict!r}", f"conflicts: {', '.join(state.conflicts) or 'none'}"
        )
    if not record.open:
        raise Refused(f"{record.id} is settled: {record.how}", "wavetree conflicts")
    if record.kind is ConflictKind.SCHEMA:
        raise Refused(
            f"{record.id} is about what {record.later} builds on, not about lines", "wavetree conflicts"
        )
    return record


async def _sides(client: Client, record: ConflictRecord) -> tuple[Sides, ...]:
    state = client.state
    repository = await Repository.open(client.project.checkout, client.folder / "reader")
    try:
        ours, theirs = await _places(state, record, repository)
        return await repository.sides(client.folder / "sides", ours, theirs, state.settled)
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
