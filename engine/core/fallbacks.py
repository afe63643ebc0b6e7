"""What is done about conflicts that the rules do not settle: applied or proposed (M126, D22).

Critical conflicts come before several, several before a single one.
"""

from __future__ import annotations

import itertools

from engine.core.conflicts import ConflictKind, ConflictRecord, pauses_second
from engine.core.events import Event
from engine.core.patterns import matches
from engine.core.plan import FALLBACK_STRATEGIES, FALLBACK_TRIGGERS, Handling, Level, Mode
from engine.core.standing import waits_on
from engine.core.state import (
    SETTLED,
    WORKING,
    Phase,
    RunPhase,
    State,
    WavePhase,
    WaveState,
)
from engine.core.verdicts import FallbackApplied, TaskIsolated, TasksSerialized

SEQUENTIAL, ISOLATE, BY_HAND = FALLBACK_STRATEGIES
SEVERAL, SINGLE, CRITICAL = FALLBACK_TRIGGERS


def fallbacks(state: State) -> list[Event]:
    """The next fallback that the open conflicts call for."""
    if not state.plan.conflicts.fallbacks or state.phase is not RunPhase.ACTIVE or not state.conflicts:
        return []
    for wave in state.waves:
        if wave.phase is WavePhase.OPEN and (events := _of_wave(state, wave)):
            return events
    return []


def _of_wave(state: State, wave: WaveState) -> list[Event]:
    records = [record for record in state.conflicts.values() if _counts(state, record, wave)]
    for record in records:
        if not record.fallback and is_critical(state, record):
            return _applied(state, CRITICAL, wave, [record])
    if len(records) >= state.plan.conflicts.many:
        fresh = any(not record.fallback for record in records)
        return _applied(state, SEVERAL, wave, records) if fresh and not converted(state, wave) else []
    single = len(records) == 1 and not records[0].fallback and not converted(state, wave)
    if single and not _settled_by_rule(state, records[0]):
        return _applied(state, SINGLE, wave, records)
    return []


def _counts(state: State, record: ConflictRecord, wave: WaveState) -> bool:
    tasks = [state.tasks[name] for name in record.tasks]
    at_work = any(task.phase in WORKING and task.wave == wave.number and not task.isolated for task in tasks)
    return record.open and record.grave and not record.overruled and at_work


def is_critical(state: State, record: ConflictRecord) -> bool:
    """Whether it is about a schema, or about a file that the plan calls a high risk (D22)."""
    if record.kind is ConflictKind.SCHEMA:
        return True
    high = [rule.file for rule in state.plan.file_rules if rule.level is Level.HIGH]
    return any(matches(pattern, seen.file) for pattern in high for seen in record.files if seen.conflict)


def _settled_by_rule(state: State, record: ConflictRecord) -> bool:
    """Whether the later agent's standing still settles it, as far as is known (D22)."""
    return bool(record.later) and len(record.tasks) == 2 and pauses_second(state.plan) and not record.asks


def converted(state: State, wave: WaveState) -> bool:
    """Whether the wave goes on one task after the other."""
    return wave.mode is Mode.SEQUENTIAL or any(order.wave == wave.number for order in state.orders)


def _applied(state: State, trigger: str, wave: WaveState, records: list[ConflictRecord]) -> list[Event]:
    listed = state.plan.conflicts.fallbacks
    strategy = next((one.strategy for one in listed if one.trigger == trigger), "")
    if not strategy:
        return []
    ids = tuple(record.id for record in records)
    if state.plan.conflicts.handling is not Handling.AUTOMATIC:
        return [FallbackApplied(strategy, wave.number, ids, proposed=True)]
    chosen: list[Event] = [FallbackApplied(strategy, wave.number, ids)]
    if strategy == SEQUENTIAL:
        chosen += [TasksSerialized(*pair, wave=wave.number) for pair in chain(state, wave)]
    if strategy == ISOLATE:
        later = records[0].later or records[0].tasks[-1]
        chosen.append(TaskIsolated(later, note=f"fallback {ISOLATE}"))
    return chosen


def chain(state: State, wave: WaveState) -> list[tuple[str, str]]:
    """What is left of the wave as pairs of neighbours in a sequence: those that have come furthest first, and
    nobody before one that it waits for (M123)."""
    left = [state.tasks[name] for name in wave.tasks]
    left = [task for task in left if task.phase not in SETTLED and not task.isolated]
    left.sort(key=lambda task: _distance(task.phase))
    names = [task.id for task in left]
    found: list[str] = []
    while names:
        free = (name for name in names if not any(waits_on(state, name, other) for other in names))
        found.append(next(free, names[0]))
        names.remove(found[-1])
    return list(itertools.pairwise(found))


def _distance(phase: Phase) -> int:
    if phase is Phase.PENDING:
        return 2
    return 1 if phase not in (Phase.COLLECTING, Phase.COMPLETE, Phase.MERGING) else 0
