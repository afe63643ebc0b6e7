"""What is seen of conflicts, and what a task's end means for them: the records of the state (M128)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.core.changes import alert, change_task, without
from engine.core.conflict_records import (
    AGENTS,
    ENGINE,
    PERSON,
    alerted,
    kept,
    new_record,
    open_of,
    open_record,
    records_of,
    resolved,
    reworded,
)
from engine.core.conflict_words import pair_of
from engine.core.conflicts import (
    LEFT_TO_A_PERSON,
    PAUSE_SECOND,
    SHOWN,
    ConflictKind,
    ConflictRecord,
    ConflictState,
)
from engine.core.evolve_decisions import over
from engine.core.outcomes import OverlapsSeen
from engine.core.overlaps import Overlap, Pair, by_pair
from engine.core.plan import Level
from engine.core.state import WORKING, AlertKind, Phase, State
from engine.core.verdicts import ConflictHeld, ConflictReleased

_SEEN = frozenset({ConflictKind.CLEAN, ConflictKind.CONFLICT})


def open_pairs(state: State) -> frozenset[Pair]:
    """The pairs whose overlap is on record and not settled, as far as looking at worktrees can settle it."""
    seen = (record for record in state.conflicts.values() if record.open and record.kind in _SEEN)
    pairs = (pair_of(state, record) for record in seen)
    return frozenset(pair for pair in pairs if _at_work(state, pair))


def _at_work(state: State, pair: Pair) -> bool:
    return all(name in state.tasks and state.tasks[name].phase in WORKING for name in pair if name)


def overlaps_taken(state: State, event: OverlapsSeen) -> State:
    """The state after a look at the live branches. What was seen of a task that has moved on since is passed
    over; the next look tells."""
    for pair, group in by_pair(event.overlaps).items():
        if _current(state, pair, event):
            state = _seen(state, pair, group)
    for pair in event.gone:
        if _current(state, pair, event) and (record := open_record(state, pair)):
            how = "merges cleanly again" if record.grave else "no longer the same file"
            state = resolved(state, record, AGENTS, how)
    if event.slow:
        state = alert(state, AlertKind.NOTICE, event.slow, open=False)
    return state


def _current(state: State, pair: Pair, event: OverlapsSeen) -> bool:
    if not pair[1] and event.tip != state.tip:
        return False
    seen = all(state.tasks[name].attempt == event.attempts.get(name) for name in pair if name in state.tasks)
    return seen and _at_work(state, pair)


def _seen(state: State, pair: Pair, group: tuple[Overlap, ...]) -> State:
    clash = any(overlap.conflict for overlap in group)
    files = {overlap.file for overlap in group}
    known = [one for one in records_of(state, pair) if one.open or files & {seen.file for seen in one.files}]
    record = known[0] if known else new_record(state, pair, group)
    if record.grave and not clash:
        return resolved(state, record, AGENTS, "merges cleanly again") if record.open else state
    again = not record.open
    later = record.later
    if clash and (again or not record.grave):
        later = next((overlap.later for overlap in group if overlap.conflict), "")
    changes: dict[str, Any] = {"files": group, "later": later}
    if clash:
        changes |= {"kind": ConflictKind.CONFLICT, "level": Level.HIGH}
        changes["action"] = record.action if record.grave else SHOWN
    if again:
        changes |= {"state": ConflictState.OPEN, "resolved_by": "", "how": ""}
    record = replace(record, **changes)
    state = kept(state, record)
    return alerted(state, record) if clash else state


def held(state: State, event: ConflictHeld) -> State:
    """The state once a conflict holds a task."""
    record = replace(state.conflicts[event.conflict], state=ConflictState.PAUSED, action=PAUSE_SECOND)
    holding = (*state.tasks[event.task].held_by, event.conflict)
    return reworded(kept(change_task(state, event.task, held_by=holding), record), record)


def released(state: State, event: ConflictReleased) -> State:
    """The state once a conflict holds a task no longer."""
    record = state.conflicts[event.conflict]
    others = (name for name in record.tasks if name != event.task)
    still = any(record.id in state.tasks[name].held_by for name in others)
    if record.state is ConflictState.PAUSED and not still:
        record = replace(record, state=ConflictState.OPEN)
    record = replace(record, overruled=event.overruled or record.overruled)
    holding = without(state.tasks[event.task].held_by, event.conflict)
    return reworded(kept(change_task(state, event.task, held_by=holding), record), record)


def merged(state: State, task: str) -> State:
    """The task is merged: what it clashed with now clashes with the tip, unless that is merged too."""
    state = over(state, task, merged=True)
    for record in open_of(state, task):
        if record.kind is ConflictKind.SCHEMA:
            state = _schema_merged(state, record, task)
            continue
        if record.kind is ConflictKind.NAMING:
            if all(state.tasks[name].phase not in WORKING for name in record.tasks):
                state = resolved(state, record, ENGINE, "both are merged")
            continue
        first, _ = pair_of(state, record)
        others = [one for one in records_of(state, (first, "")) if one.open and one.id != record.id]
        if not first:
            state = resolved(state, record, ENGINE, "merged")
        elif state.tasks[first].phase not in WORKING:
            state = resolved(state, record, ENGINE, f"{first} ended without it")
        elif others:
            state = resolved(state, record, ENGINE, f"{task} is merged; goes on as {others[0].id}")
        elif record.grave:
            state = alerted(state, record)
    return state


def _schema_merged(state: State, record: ConflictRecord, task: str) -> State:
    """Who uses the schema that is merged now is left to start anew, while it is at work."""
    if task == record.tasks[0] and state.tasks[record.later].phase is Phase.RUNNING:
        return state
    return resolved(state, record, ENGINE, f"{task} is merged")


def ended(state: State, task: str, how: str = "ended without it", by: str = ENGINE) -> State:
    """The task's attempt is over and will not be merged: its conflicts are."""
    state = over(state, task, merged=False)
    for record in open_of(state, task):
        state = resolved(state, record, by, f"{task} {how}")
    return state


def refused(state: State, task: str, text: str, files: tuple[str, ...], remedy: str) -> State:
    """git refused to merge the task: its conflict with the tip is a person's now, all others are over."""
    record = open_record(state, (task, ""))
    state = ended(state, task)
    record = replace(record, state=ConflictState.OPEN) if record else new_record(state, (task, ""), ())
    seen = {overlap.file: overlap for overlap in record.files}
    record = replace(record, files=tuple(seen.get(file) or Overlap(task, "", file, True) for file in files))
    return _left(state, replace(record, kind=ConflictKind.MERGE), text, remedy)


def base_refused(state: State, text: str, files: tuple[str, ...], remedy: str) -> State:
    """The base moved and clashes with the run's work."""
    record = new_record(state, ("", ""), tuple(Overlap("", "", file, True) for file in files))
    return _left(state, replace(record, kind=ConflictKind.BASE), text, remedy)


def _left(state: State, record: ConflictRecord, text: str, remedy: str) -> State:
    files = tuple(overlap.file for overlap in record.files)
    mine = tuple(task for task in record.tasks if state.tasks[task].phase is not Phase.MERGED)
    state = alert(state, AlertKind.CONFLICT, text, tasks=mine, files=files, remedy=remedy, conflict=record.id)
    record = replace(
        record,
        level=Level.HIGH,
        rule="merge-tree",
        action=LEFT_TO_A_PERSON,
        alert=len(state.alerts),
    )
    return kept(state, record)


def base_merged(state: State) -> State:
    """What the base has got is merged in: no conflict with it is left."""
    for record in state.conflicts.values():
        if record.open and record.kind is ConflictKind.BASE:
            state = resolved(state, record, PERSON, "merged by hand")
    return state
