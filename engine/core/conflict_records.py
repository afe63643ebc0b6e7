"""The records of conflicts in the state: found, made, kept, alerted, settled (M128)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.changes import alert, change_task
from engine.core.conflict_words import pair_of, remedy_of, text_of
from engine.core.conflicts import (
    SAME_FILE,
    ConflictKind,
    ConflictRecord,
    ConflictState,
    action_of,
)
from engine.core.evolve_messages import said
from engine.core.messages import ENGINE as TELLER
from engine.core.messages import Kind, Said
from engine.core.overlaps import Overlap, Pair
from engine.core.plan import Level
from engine.core.state import WORKING, Alert, AlertKind, State

ENGINE, AGENTS, PERSON = "engine", "agents", "person"


def open_record(state: State, pair: Pair) -> ConflictRecord | None:
    return next((one for one in records_of(state, pair) if one.open), None)


def records_of(state: State, pair: Pair) -> list[ConflictRecord]:
    """The records of these two as they are at work now, those that are open first."""
    found = [
        record
        for record in state.conflicts.values()
        if record.kind not in (ConflictKind.SCHEMA, ConflictKind.NAMING)
        and pair_of(state, record) == pair
        and all(
            state.tasks[name].attempt == attempt
            for name, attempt in zip(record.tasks, record.attempts, strict=True)
        )
    ]
    return sorted(found, key=lambda record: not record.open)


def new_record(state: State, pair: Pair, group: tuple[Overlap, ...]) -> ConflictRecord:
    """A record, of the lowest level, of these two who meet in the files of `group`; it is not in the state
    yet."""
    tasks = tuple(name for name in pair if name)
    return ConflictRecord(
        id=f"c{len(state.conflicts) + 1}",
        kind=ConflictKind.CLEAN,
        level=Level.LOW,
        tasks=tasks,
        attempts=tuple(state.tasks[name].attempt for name in tasks),
        files=group,
        rule=SAME_FILE if action_of(state.plan.conflicts, SAME_FILE) else "",
    )


def alerted(state: State, record: ConflictRecord) -> State:
    """The record's alert says what is seen now; it is raised once, and again when the conflict came back."""
    naming = record.kind is ConflictKind.NAMING
    text = text_of(state, record)
    files = tuple(overlap.file for overlap in record.files if overlap.conflict or naming)
    if not record.alert:
        tasks = (*filter(None, [record.later]), *(task for task in record.tasks if task != record.later))
        state = alert(state, AlertKind.CONFLICT, text, tasks=tasks, files=files, conflict=record.id)
        record = replace(record, alert=len(state.alerts))
        state = _told(kept(state, record), record, text)
    seen = state.alerts[record.alert - 1]
    return with_alert(
        state, replace(seen, text=text, files=files, remedy=remedy_of(state, record), open=True)
    )


def reworded(state: State, record: ConflictRecord) -> State:
    """The state once what a person can do about the conflict has changed."""
    if not (record.open and record.alert) or record.kind not in (ConflictKind.CONFLICT, ConflictKind.SCHEMA):
        return state
    seen = state.alerts[record.alert - 1]
    return with_alert(state, replace(seen, remedy=remedy_of(state, record)))


def _told(state: State, record: ConflictRecord, text: str) -> State:
    """Both agents are to be told at once (M152)."""
    at_work = [task for task in record.tasks if state.tasks[task].phase in WORKING]
    words = text if len(record.tasks) > 1 else f"{text}; it is merged after you have settled that"
    return said(state, *(Said(TELLER, Kind.CONFLICT.value, task, words) for task in at_work))


def with_alert(state: State, changed: Alert) -> State:
    place = changed.number - 1
    if state.alerts[place] == changed:
        return state
    return replace(state, alerts=(*state.alerts[:place], changed, *state.alerts[place + 1 :]))


def resolved(state: State, record: ConflictRecord, by: str, how: str) -> State:
    """The state in which the record is settled, its alert with it."""
    for task in record.tasks if record.asks else ():
        if state.tasks[task].frozen:
            state = change_task(state, task, stale=True)
    record = replace(record, state=ConflictState.RESOLVED, resolved_by=by, how=how, asks=False)
    state = kept(state, record)
    alerts = tuple(
        replace(one, open=False) if one.open and one.conflict == record.id else one for one in state.alerts
    )
    return replace(state, alerts=alerts)


def open_of(state: State, task: str) -> list[ConflictRecord]:
    return [record for record in state.conflicts.values() if record.open and task in record.tasks]


def kept(state: State, record: ConflictRecord) -> State:
    return replace(state, conflicts={**state.conflicts, record.id: record})
