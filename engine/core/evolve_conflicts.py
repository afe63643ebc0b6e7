"""What is seen of conflicts, and what a task's end means for them: the records of the state (M128)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.core.changes import alert, change_task, change_wave, without
from engine.core.conflict_words import action_now, pair_of, remedy_of, text_of
from engine.core.conflicts import (
    DEPENDENT_SCHEMA,
    LEFT_TO_A_PERSON,
    PAUSE_SECOND,
    SAME_FILE,
    ConflictKind,
    ConflictRecord,
    ConflictState,
    same_file_rule,
)
from engine.core.events import (
    ConflictHeld,
    ConflictReleased,
    ConflictResolved,
    Escalated,
    MergedByHand,
    OverlapsSeen,
    PathsSeen,
    RebaseClashed,
    Rebased,
    SchemaClashSeen,
)
from engine.core.evolve_decisions import over, resolve_noted
from engine.core.evolve_messages import said
from engine.core.messages import ENGINE as TELLER
from engine.core.messages import Kind, Said
from engine.core.overlaps import Overlap, Pair, by_pair
from engine.core.parts import path_of
from engine.core.patterns import matches
from engine.core.plan import Level
from engine.core.resolving import second_of
from engine.core.settled import placed
from engine.core.state import WORKING, Alert, AlertKind, Phase, State, Tree, WavePhase

ENGINE, AGENTS, PERSON = "engine", "agents", "person"
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
        if _current(state, pair, event) and (record := _open(state, pair)):
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


def _open(state: State, pair: Pair) -> ConflictRecord | None:
    return next((one for one in _records(state, pair) if one.open), None)


def _records(state: State, pair: Pair) -> list[ConflictRecord]:
    """The records of these two as they are at work now, those that are open first."""
    found = [
        record
        for record in state.conflicts.values()
        if record.kind is not ConflictKind.SCHEMA
        and pair_of(state, record) == pair
        and all(
            state.tasks[name].attempt == attempt
            for name, attempt in zip(record.tasks, record.attempts, strict=True)
        )
    ]
    return sorted(found, key=lambda record: not record.open)


def _seen(state: State, pair: Pair, group: tuple[Overlap, ...]) -> State:
    clash = any(overlap.conflict for overlap in group)
    files = {overlap.file for overlap in group}
    known = [one for one in _records(state, pair) if one.open or files & {seen.file for seen in one.files}]
    record = known[0] if known else _new(state, pair, group)
    if record.grave and not clash:
        return resolved(state, record, AGENTS, "merges cleanly again") if record.open else state
    again = not record.open
    later = record.later
    if clash and (again or not record.grave):
        later = next((overlap.later for overlap in group if overlap.conflict), "")
    changes: dict[str, Any] = {"files": group, "later": later}
    if clash:
        changes |= {"kind": ConflictKind.CONFLICT, "level": Level.HIGH}
        changes["action"] = record.action if record.grave else action_now(state, pair, later)
    if again:
        changes |= {"state": ConflictState.OPEN, "resolved_by": "", "how": ""}
    record = replace(record, **changes)
    state = _kept(state, record)
    return _alerted(state, record) if clash else state


def _new(state: State, pair: Pair, group: tuple[Overlap, ...]) -> ConflictRecord:
    tasks = tuple(name for name in pair if name)
    return ConflictRecord(
        id=f"c{len(state.conflicts) + 1}",
        kind=ConflictKind.CLEAN,
        level=Level.LOW,
        tasks=tasks,
        attempts=tuple(state.tasks[name].attempt for name in tasks),
        files=group,
        rule=SAME_FILE if same_file_rule(state.plan.conflicts) else "",
    )


def _alerted(state: State, record: ConflictRecord) -> State:
    """The record's alert says what is seen now; it is raised once, and again when the conflict came back."""
    text, files = text_of(state, record), tuple(overlap.file for overlap in record.files if overlap.conflict)
    if not record.alert:
        tasks = (*filter(None, [record.later]), *(task for task in record.tasks if task != record.later))
        state = alert(state, AlertKind.CONFLICT, text, tasks=tasks, files=files, conflict=record.id)
        record = replace(record, alert=len(state.alerts))
        state = _told(_kept(state, record), record, text)
    seen = state.alerts[record.alert - 1]
    return _with_alert(
        state, replace(seen, text=text, files=files, remedy=remedy_of(state, record), open=True)
    )


def _told(state: State, record: ConflictRecord, text: str) -> State:
    """Both agents are to be told at once (M152)."""
    at_work = [task for task in record.tasks if state.tasks[task].phase in WORKING]
    words = text if len(record.tasks) > 1 else f"{text}; it is merged after you have settled that"
    return said(state, *(Said(TELLER, Kind.CONFLICT.value, task, words) for task in at_work))


def _with_alert(state: State, changed: Alert) -> State:
    place = changed.number - 1
    if state.alerts[place] == changed:
        return state
    return replace(state, alerts=(*state.alerts[:place], changed, *state.alerts[place + 1 :]))


def held(state: State, event: ConflictHeld) -> State:
    """The state once a conflict holds a task."""
    record = replace(state.conflicts[event.conflict], state=ConflictState.PAUSED, action=PAUSE_SECOND)
    holding = (*state.tasks[event.task].held_by, event.conflict)
    return _reworded(_kept(change_task(state, event.task, held_by=holding), record), record)


def released(state: State, event: ConflictReleased) -> State:
    """The state once a conflict holds a task no longer."""
    record = state.conflicts[event.conflict]
    if record.state is ConflictState.PAUSED:
        record = replace(record, state=ConflictState.OPEN)
    record = replace(record, overruled=event.overruled or record.overruled)
    holding = without(state.tasks[event.task].held_by, event.conflict)
    return _reworded(_kept(change_task(state, event.task, held_by=holding), record), record)


def _reworded(state: State, record: ConflictRecord) -> State:
    """What a person can do about it has changed."""
    if not (record.open and record.alert) or record.kind not in (ConflictKind.CONFLICT, ConflictKind.SCHEMA):
        return state
    seen = state.alerts[record.alert - 1]
    return _with_alert(state, replace(seen, remedy=remedy_of(state, record)))


# ── how a task's end settles what it was part of ────────────────────────────────────────────────────


def merged(state: State, task: str) -> State:
    """The task is merged: what it clashed with now clashes with the tip, unless that is merged too."""
    state = over(state, task, merged=True)
    for record in _open_of(state, task):
        if record.kind is ConflictKind.SCHEMA:
            state = _schema_merged(state, record, task)
            continue
        first, _ = pair_of(state, record)
        others = [one for one in _records(state, (first, "")) if one.open and one.id != record.id]
        if not first:
            state = resolved(state, record, ENGINE, "merged")
        elif state.tasks[first].phase not in WORKING:
            state = resolved(state, record, ENGINE, f"{first} ended without it")
        elif others:
            state = resolved(state, record, ENGINE, f"{task} is merged; goes on as {others[0].id}")
        elif record.grave:
            state = _alerted(state, record)
    return state


def _schema_merged(state: State, record: ConflictRecord, task: str) -> State:
    """Who uses the schema that is merged now is left to start anew, while it is at work."""
    if task == record.tasks[0] and state.tasks[record.later].phase is Phase.RUNNING:
        return state
    return resolved(state, record, ENGINE, f"{task} is merged")


def schema_clashed(state: State, event: SchemaClashSeen) -> State:
    """The state once a schema was changed beneath a task at work (M120)."""
    files = tuple(Overlap(event.changer, event.user, file, True) for file in event.files)
    record = replace(
        _new(state, (event.changer, event.user), files),
        kind=ConflictKind.SCHEMA,
        level=Level.HIGH,
        later=event.user,
        rule=DEPENDENT_SCHEMA,
    )
    state = _kept(state, record)
    return _alerted(state, record)


def paths_taken(state: State, event: PathsSeen) -> State:
    """The state after an agent has changed files it had not changed before (M131)."""
    task = state.tasks[event.task]
    if task.attempt != event.attempt or task.phase not in WORKING:
        return state
    rules = state.plan.conflicts.schema
    changed = [file for file in event.files if any(matches(rule, file) for rule in rules)]
    if changed:
        state = change_task(state, task.id, schema=tuple(dict.fromkeys((*task.schema, *changed))))
    return _undeclared(state, task.id, event.files)


def _undeclared(state: State, task: str, files: tuple[str, ...]) -> State:
    declared = tuple(map(path_of, state.spec(task).files))
    strange = [file for file in files if not any(matches(pattern, file) for pattern in declared)]
    if not declared or not strange:
        return state
    more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
    text = f"{task}: undeclared file{'s' if len(strange) > 1 else ''} {', '.join(strange[:3])}{more}"
    return alert(state, AlertKind.NOTICE, text, tasks=(task,), files=tuple(strange[:50]), open=False)


def ended(state: State, task: str, how: str = "ended without it", by: str = ENGINE) -> State:
    """The task's attempt is over and will not be merged: its conflicts are."""
    state = over(state, task, merged=False)
    for record in _open_of(state, task):
        state = resolved(state, record, by, f"{task} {how}")
    return state


def refused(state: State, task: str, text: str, files: tuple[str, ...], remedy: str) -> State:
    """git refused to merge the task: its conflict with the tip is a person's now, all others are over."""
    record = _open(state, (task, ""))
    state = ended(state, task)
    record = replace(record, state=ConflictState.OPEN) if record else _new(state, (task, ""), ())
    seen = {overlap.file: overlap for overlap in record.files}
    record = replace(record, files=tuple(seen.get(file) or Overlap(task, "", file, True) for file in files))
    return _left(state, replace(record, kind=ConflictKind.MERGE), text, remedy)


def rebased(state: State, event: Rebased) -> State:
    """The task's work lies on top of what is merged."""
    state = change_task(state, event.task, base=event.base, stale=False)
    if record := _open(state, (event.task, "")):
        state = resolved(state, record, ENGINE, "goes on on top of what is merged")
    beneath = f"What was merged meanwhile lies beneath your work now: {', '.join(event.files[:20])}."
    state = said(state, Said(TELLER, Kind.COORDINATION.value, event.task, f"{beneath} Read it again."))
    changed = f"{len(event.files)} files under it are new" if len(event.files) > 1 else ", ".join(event.files)
    text = f"{event.task} goes on on top of what is merged" + (f": {changed}" if changed else "")
    return alert(state, AlertKind.NOTICE, text, tasks=(event.task,), files=event.files, open=False)


def rebase_clashed(state: State, event: RebaseClashed) -> State:
    """The task does not fit on top of what is merged: it stands still until a person has settled that (M127).
    Without files it was git, or the state of the worktree, that stood in the way; it goes on as it is."""
    state = change_task(state, event.task, stale=False)
    if not event.files:
        text = f"{event.task} goes on where it began: {event.detail}"
        return alert(state, AlertKind.NOTICE, text, tasks=(event.task,), open=False)
    record = _open(state, (event.task, "")) or _new(state, (event.task, ""), ())
    seen = {overlap.file: overlap for overlap in record.files if overlap.conflict}
    files = tuple(seen.get(file) or Overlap(event.task, "", file, True) for file in event.files)
    kind = ConflictKind.CONFLICT
    record = replace(record, files=files, kind=kind, level=Level.HIGH, asks=True, overruled="")
    state = _kept(state, record)
    return _alerted(state, record)


def base_refused(state: State, text: str, files: tuple[str, ...], remedy: str) -> State:
    """The base moved and clashes with the run's work."""
    record = _new(state, ("", ""), tuple(Overlap("", "", file, True) for file in files))
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
    return _kept(state, record)


def settled_by_hand(state: State, event: ConflictResolved) -> State:
    """A person has chosen what comes out where these texts meet. A merge that was refused is tried again; who
    stood still goes on with the answer in its worktree."""
    record = state.conflicts[event.conflict]
    state = resolve_noted(state, event)
    answers = tuple(replace(one, conflict=record.id) for one in event.settled)
    state = replace(state, settled=(*state.settled, *answers, *placed(answers)))
    if record.kind is ConflictKind.MERGE:
        state = _queued_again(state, pair_of(state, record)[0])
    elif second := second_of(state, record):
        state = change_task(state, second, placing=answers)
    return resolved(state, record, event.by, event.how or "settled by hand")


def _queued_again(state: State, task: str) -> State:
    old = state.tasks[task]
    if old.phase is not Phase.FAILED:
        return state
    tree = Tree.PRESENT if old.tree is Tree.KEPT else old.tree
    state = change_task(state, task, phase=Phase.COMPLETE, error=None, tree=tree, kept="")
    if state.waves[old.wave - 1].phase in (WavePhase.CLOSED, WavePhase.FAILED):
        state = change_wave(state, old.wave, phase=WavePhase.OPEN)
    return replace(state, queue=(*state.queue, task))


def merged_by_hand(state: State, event: MergedByHand) -> State:
    """What git refused to merge is merged by a person: the task is, and its conflict is settled."""
    task = state.tasks[event.task]
    if task.phase is not Phase.FAILED or task.attempt != event.attempt:
        return state
    for record in _open_of(state, task.id):
        state = resolved(state, record, PERSON, "merged by hand")
    state = change_task(
        state, task.id, phase=Phase.MERGED, merge=event.tip, error=None, kept="merged by hand"
    )
    if state.waves[task.wave - 1].phase in (WavePhase.CLOSED, WavePhase.FAILED):
        state = change_wave(state, task.wave, phase=WavePhase.OPEN)
    return replace(state, tip=event.tip)


def escalated(state: State, event: Escalated) -> State:
    """It has gone to a role: an alert, and the record says so unless an agent stands still for it."""
    record = state.conflicts.get(event.subject)
    if record is not None and record.state is ConflictState.OPEN:
        state = _kept(state, replace(record, state=ConflictState.ESCALATED))
    tasks = record.tasks if record else ()
    text = f"{event.subject} goes to {event.role}: {event.reason}"
    remedy = f"wavetree conflicts {event.subject}" if record else "wavetree status"
    conflict = record.id if record else ""
    state = alert(state, AlertKind.ESCALATION, text, tasks=tasks, remedy=remedy, conflict=conflict)
    return replace(state, escalated=(*state.escalated, (event.subject, event.level)))


def lifted(state: State, id: str) -> State:
    """The answer is taken back: the conflict is open again."""
    record = replace(state.conflicts[id], state=ConflictState.OPEN, resolved_by="", how="")
    state = replace(state, settled=tuple(one for one in state.settled if one.conflict != id))
    state = _kept(state, record)
    if not record.alert:
        return state
    return _with_alert(state, replace(state.alerts[record.alert - 1], open=True))


def base_merged(state: State) -> State:
    """What the base has got is merged in: no conflict with it is left."""
    for record in state.conflicts.values():
        if record.open and record.kind is ConflictKind.BASE:
            state = resolved(state, record, PERSON, "merged by hand")
    return state


def resolved(state: State, record: ConflictRecord, by: str, how: str) -> State:
    """The state in which the record is settled, its alert with it."""
    for task in record.tasks if record.asks else ():
        if state.tasks[task].frozen:
            state = change_task(state, task, stale=True)
    record = replace(record, state=ConflictState.RESOLVED, resolved_by=by, how=how, asks=False)
    state = _kept(state, record)
    alerts = tuple(
        replace(one, open=False) if one.open and one.conflict == record.id else one for one in state.alerts
    )
    return replace(state, alerts=alerts)


def _open_of(state: State, task: str) -> list[ConflictRecord]:
    return [record for record in state.conflicts.values() if record.open and task in record.tasks]


def _kept(state: State, record: ConflictRecord) -> State:
    return replace(state, conflicts={**state.conflicts, record.id: record})
