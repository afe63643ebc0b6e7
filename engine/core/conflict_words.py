"""A conflict in words: what is seen of it, what is done about it, what a person can do."""

from __future__ import annotations

from engine.core.conflicts import (
    ConflictKind,
    ConflictRecord,
    ConflictState,
    pauses_second,
)
from engine.core.few import few
from engine.core.overlaps import Overlap, Pair, show_lines
from engine.core.plan import Handling
from engine.core.state import Phase, State


def pair_of(state: State, record: ConflictRecord) -> Pair:
    """The two that a record is about now: a task that is merged has become part of the tip."""
    left = [task for task in record.tasks if state.tasks[task].phase is not Phase.MERGED]
    return (left[0] if left else "", left[1] if len(left) > 1 else "")


def text_of(state: State, record: ConflictRecord) -> str:
    """`b and a change the same place: app.py (lines 12-14 and 12)`; whoever came later is named first."""
    if record.kind is ConflictKind.SCHEMA:
        files = ", ".join(overlap.file for overlap in record.files[:3])
        return f"{record.tasks[0]} changes the schema in {files}, which {record.later} builds on"
    if record.kind is ConflictKind.NAMING:
        first, second = (f"{one.file}:{show_lines(one.lines_first)}" for one in record.files)
        return f"{record.tasks[0]} and {record.tasks[1]} both add {record.rule}: {first} and {second}"
    clashes = [overlap for overlap in record.files if overlap.conflict]
    where = few((_place(overlap, record.later) for overlap in clashes), between="; ")
    others = [task for task in record.tasks if task != record.later]
    names = " and ".join([*filter(None, [record.later]), *others])
    first, second = pair_of(state, record)
    whom = names if second else f"{first} and what is merged already"
    return f"{whom} change the same place: {where}"


def _place(overlap: Overlap, later: str) -> str:
    sides = [show_lines(overlap.lines_first), show_lines(overlap.lines_second)]
    if later and later == overlap.second:
        sides.reverse()
    lines = " and ".join(dict.fromkeys(filter(None, sides)))
    word = "line" if lines.isdecimal() else "lines"
    return f"{overlap.file} ({word} {lines})" if lines else overlap.file


def _decided(state: State, record: ConflictRecord) -> str:
    """What was decided about the two already, and how that is taken back."""
    for order in state.orders:
        if order.second in record.tasks and order.first in record.tasks and not order.over:
            waits = f"{order.second} waits until {order.first} is merged, as serialized"
            return f"{waits}; to take that back: wavetree release {order.second}"
    for name in record.tasks:
        if state.tasks[name].isolated and state.tasks[name].phase is not Phase.MERGED:
            return f"{name} goes on alone and is merged last; to take that back: wavetree release {name}"
    return ""


def _proposed(record: ConflictRecord, look: str) -> str:
    """The ways out of a conflict that only a person settles (M126)."""
    first, second = next(task for task in record.tasks if task != record.later), record.later
    ways = f"wavetree resolve {record.id} · wavetree serialize {first} {second} · wavetree isolate {second}"
    return f"{second} is paused until you decide: {ways} · as it is: wavetree unpause {second} · {look}"


def remedy_of(state: State, record: ConflictRecord) -> str:
    """What can be typed about it."""
    look = f"wavetree conflicts {record.id}"
    if record.kind is ConflictKind.NAMING:
        second = record.tasks[-1]
        return f"wavetree say {second} TEXT · wavetree serialize {record.tasks[0]} {second} · {look}"
    if record.asks:
        names = ", ".join(task for task in record.tasks if state.tasks[task].phase is not Phase.MERGED)
        return f"{names} stands still until this is settled; as it is: wavetree unpause {names} · {look}"
    if record.kind is ConflictKind.SCHEMA and record.state is ConflictState.PAUSED:
        after = f"{record.later} is paused until {record.tasks[0]} is merged, then starts anew from that"
        return f"{after}; to let it go on: wavetree unpause {record.later} · {look}"
    if record.kind is ConflictKind.SCHEMA:
        return f"once {record.tasks[0]} is merged: wavetree retry {record.later} · {look}"
    if decided := _decided(state, record):
        return f"{decided} · {look}"
    if record.state is ConflictState.PAUSED:
        if state.plan.conflicts.handling is Handling.MANUAL:
            return _proposed(record, look)
        others = ", ".join(task for task in record.tasks if task != record.later)
        held = f"{record.later} is paused until {others} is merged"
        return f"{held}; to let it go on: wavetree unpause {record.later} · {look}"
    if pair_of(state, record)[1] and record.later and not record.overruled and not pauses_second(state.plan):
        return f"wavetree pause {record.later} · {look}"
    return look
