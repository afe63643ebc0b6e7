"""What the decisions about agents in conflict mean for the state (M122-M127, M132)."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from engine.core.changes import alert, change_task, change_wave, reopened, settle_alerts
from engine.core.conflict_records import open_of, reworded
from engine.core.conflicts import ConflictRecord
from engine.core.evolve_recovery import procedure_over
from engine.core.fallbacks import BY_HAND, ISOLATE, SEQUENTIAL
from engine.core.recovery import INTEGRATION
from engine.core.state import AlertKind, Decision, Order, State, Verb
from engine.core.verdicts import (
    ConflictResolved,
    DecisionUndone,
    FallbackApplied,
    GateOverridden,
    RestartAsked,
    SerializeLifted,
    TaskIsolated,
    TaskRejoined,
    TasksSerialized,
)

Decided = (
    TaskIsolated
    | TaskRejoined
    | TasksSerialized
    | SerializeLifted
    | RestartAsked
    | FallbackApplied
    | DecisionUndone
)


def decided(state: State, event: Decided) -> State:
    """The state after a decision. What the engine does by itself has nobody's name and is none of these."""
    match event:
        case TaskIsolated(task=task):
            state = change_task(state, task, isolated=True, merge_approved=False)
            return _noted(state, Verb.ISOLATE, (task,), event)
        case TaskRejoined(task=task):
            return _noted(change_task(state, task, isolated=False), Verb.RELEASE, (task,), event)
        case TasksSerialized(first=first, second=second):
            order = Order(first, second, event.delay, event.wave)
            kept = tuple(one for one in state.orders if (one.first, one.second) != (first, second))
            return _noted(replace(state, orders=(*kept, order)), Verb.SERIALIZE, (first, second), event)
        case SerializeLifted(first=first, second=second):
            kept = tuple(one for one in state.orders if (one.first, one.second) != (first, second))
            return _noted(replace(state, orders=kept), Verb.RELEASE, (second,), event)
        case RestartAsked(task=task):
            return _noted(change_task(state, task, restarting=True), Verb.RESTART, (task,), event)
        case FallbackApplied():
            return _fallen_back(state, event)
        case DecisionUndone(number=number):
            decisions = tuple(
                replace(one, undone=True) if one.number == number else one for one in state.decisions
            )
            return replace(state, decisions=decisions)
        case _:
            assert_never(event)


def _noted(
    state: State,
    verb: Verb,
    tasks: tuple[str, ...],
    event: TaskIsolated | TaskRejoined | TasksSerialized | SerializeLifted | RestartAsked,
) -> State:
    state = written(state, verb, tasks, state.tasks[tasks[-1]].wave, event.by, event.note)
    for record in open_of(state, tasks[-1]):
        state = reworded(state, record)
    return state


def written(
    state: State, verb: Verb, tasks: tuple[str, ...], wave: int, by: str, note: str, conflict: str = ""
) -> State:
    """The state with one more decision on record; what the engine does by itself is none."""
    if not by:
        return state
    decision = Decision(len(state.decisions) + 1, verb, tasks, wave, by, note, conflict=conflict)
    return replace(state, decisions=(*state.decisions, decision))


def overridden(state: State, event: GateOverridden) -> State:
    """The wave goes on without what its gates want; the reason is on record (M147)."""
    number, by, reason = event.wave, event.by, event.reason
    state = settle_alerts(reopened(change_wave(state, number, overridden=reason), number), AlertKind.GATE)
    state = procedure_over(state, INTEGRATION, f"wave {number}")
    return written(state, Verb.OVERRIDE, (), number, by, reason)


def resolve_noted(state: State, event: ConflictResolved) -> State:
    """The person's answer to a conflict on record as their decision (M132)."""
    record = state.conflicts[event.conflict]
    wave = (
        state.tasks[record.tasks[-1]].wave if record.tasks else (state.current_wave or state.waves[-1]).number
    )
    return written(state, Verb.RESOLVE, record.tasks, wave, event.by, event.note, record.id)


def _fallen_back(state: State, event: FallbackApplied) -> State:
    if event.by:
        state = written(state, Verb.SEQUENTIAL, (), event.wave, event.by, event.note)
    said = f"proposed: {event.strategy}" if event.proposed else event.strategy
    for id in event.conflicts:
        record = state.conflicts[id]
        by_hand = event.strategy == BY_HAND and not event.proposed
        record = replace(
            record, fallback=said, asks=record.asks or by_hand, critical=record.critical or by_hand
        )
        state = replace(state, conflicts={**state.conflicts, id: record})
    text, remedy = _words(state, event)
    return alert(state, AlertKind.NOTICE, text, remedy=remedy if event.proposed else "", open=event.proposed)


def _words(state: State, event: FallbackApplied) -> tuple[str, str]:
    records = [state.conflicts[id] for id in event.conflicts]
    ids = ", ".join(event.conflicts)
    why = f" ({event.strategy}: {ids})" if ids else f" (by {event.by})"
    what, remedy = _what(event, records)
    return (f"{'proposed: ' if event.proposed else ''}{what}{why}", remedy)


def _what(event: FallbackApplied, records: list[ConflictRecord]) -> tuple[str, str]:
    names = dict.fromkeys(name for record in records for name in record.tasks)
    if event.strategy == SEQUENTIAL:
        return (
            f"wave {event.wave} goes on one task after the other",
            f"wavetree serialize --wave {event.wave}",
        )
    if event.strategy == ISOLATE:
        later = records[0].later or records[0].tasks[-1]
        return f"{later} goes on alone and is merged last", f"wavetree isolate {later}"
    who = " and ".join(names)
    return f"{who} stand still until a person has settled it", f"wavetree pause {' '.join(names)}"


def over(state: State, task: str, merged: bool) -> State:
    """The task has ended: who let it go first goes on, if it is merged on top of it (M127)."""
    waiting = {order.second for order in state.orders if order.first == task and not order.over}
    if waiting:
        orders = tuple(replace(one, over=True) if one.first == task else one for one in state.orders)
        state = replace(state, orders=orders)
    if not merged:
        return state
    for other in state.tasks.values():
        held = any(task in state.conflicts[id].tasks for id in other.held_by)
        if (other.frozen or other.freezing or other.unsure) and (held or other.id in waiting):
            state = change_task(state, other.id, stale=True)
    return state
