"""A conflict settled by hand: what a person's answer amounts to, and how it is taken back (M129, M132)."""

from __future__ import annotations

from engine.core.commands import Resolve
from engine.core.conflict_words import pair_of
from engine.core.conflicts import ConflictKind, ConflictRecord
from engine.core.errors import Refused
from engine.core.events import Event
from engine.core.standing import other_of
from engine.core.state import Phase, RunPhase, State, WavePhase
from engine.core.verdicts import ConflictResolved, TaskReset


def resolve(state: State, command: Resolve) -> list[Event]:
    """The conflict is settled with the texts that a person chose. Raises Refused as `open_conflict` does,
    and when nothing was chosen."""
    record = open_conflict(state, command.conflict)
    if not command.settled:
        raise Refused(f"nothing was chosen for {record.id}", f"wavetree resolve {record.id}")
    whole = not _left(state, record, command)
    by = command.by or "a person"
    resolved = ConflictResolved(record.id, command.settled, by, command.note, command.how, whole)
    return [resolved, *(TaskReset(name) for name in _behind(state, record) if whole)]


def open_conflict(state: State, id: str) -> ConflictRecord:
    """The conflict of this name. Raises Refused when there is none, it is settled, or is not about lines."""
    record = state.conflicts.get(id)
    if record is None:
        known = ", ".join(state.conflicts) or "none"
        raise Refused(f"the run has no conflict {id!r}", f"conflicts: {known}")
    if not record.open:
        again = f"wavetree resolve {record.id} --undo, then again"
        answered = can_be_lifted(state, record.id)
        raise Refused(f"{record.id} is settled: {record.how}", again if answered else "wavetree conflicts")
    if record.kind is ConflictKind.NAMING:
        raise Refused(
            f"{record.id} is about a name, not about lines",
            f"wavetree say {record.tasks[-1]} TEXT, or wavetree serialize {' '.join(record.tasks)}",
        )
    if record.kind is ConflictKind.SCHEMA:
        raise Refused(
            f"{record.id} is about what {record.later} builds on, not about lines",
            f"wavetree retry {record.later}, or wavetree unpause {record.later}",
        )
    return record


def _left(state: State, record: ConflictRecord, command: Resolve) -> set[str]:
    """The files of the conflict for which there is no answer yet."""
    answered = {one.file for one in command.settled}
    answered |= {one.file for one in state.settled if one.conflict == record.id}
    return {overlap.file for overlap in record.files if overlap.conflict} - answered


def _behind(state: State, record: ConflictRecord) -> list[str]:
    """The tasks that were given up because the merge was refused."""
    if record.kind is not ConflictKind.MERGE:
        return []
    return blocked_behind(state, pair_of(state, record)[0])


def blocked_behind(state: State, task: str) -> list[str]:
    """Tasks that are blocked by `task`, directly or through others."""
    roots = {task}
    while True:
        more = {
            other.id
            for other in state.tasks.values()
            if other.phase is Phase.BLOCKED and other.id not in roots and other.blocked_by in roots
        }
        if not more:
            return [name for name in state.tasks if name in roots and name != task]
        roots |= more


def second_of(state: State, record: ConflictRecord) -> str:
    """The task in whose worktree an answer is put: the later one, while it stands still."""
    later = record.later or (record.tasks[-1] if record.tasks else "")
    at_rest = later and state.tasks[later].phase is Phase.RUNNING and state.tasks[later].frozen
    return later if at_rest and other_of(record, later) else ""


def can_be_lifted(state: State, id: str) -> bool:
    """Whether an answer has not been used yet: no task of the conflict was merged since."""
    record = state.conflicts.get(id)
    if record is None or state.phase is RunPhase.DONE:
        return False
    waves = [state.waves[state.tasks[name].wave - 1].phase for name in record.tasks]
    used = any(state.tasks[name].phase in (Phase.MERGED, Phase.MERGING) for name in record.tasks[-1:])
    return not used and WavePhase.CLOSED not in waves and any(one.conflict == id for one in state.settled)
