"""Conflicts settled otherwise than by a look: rebases, answers, merges by hand, schemas (M120-M129)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.changes import alert, change_task, reopened
from engine.core.conflict_records import (
    AGENTS,
    ENGINE,
    PERSON,
    alerted,
    kept,
    new_record,
    open_of,
    open_record,
    resolved,
    with_alert,
)
from engine.core.conflict_words import pair_of
from engine.core.conflicts import (
    DEPENDENT_SCHEMA,
    ConflictKind,
    ConflictState,
)
from engine.core.evolve_decisions import resolve_noted
from engine.core.evolve_messages import said
from engine.core.few import few
from engine.core.messages import ENGINE as TELLER
from engine.core.messages import Kind, Said
from engine.core.naming import NameClash
from engine.core.outcomes import Escalated, MergedByHand, NamesSeen, PathsSeen, RebaseClashed, Rebased
from engine.core.overlaps import Overlap
from engine.core.parts import path_of
from engine.core.patterns import matches
from engine.core.plan import Level
from engine.core.resolving import second_of
from engine.core.settled import placed
from engine.core.state import WORKING, AlertKind, Phase, State, Tree
from engine.core.verdicts import ConflictResolved, SchemaClashSeen


def rebased(state: State, event: Rebased) -> State:
    """The task's work lies on top of what is merged."""
    state = change_task(state, event.task, base=event.base, stale=False)
    if record := open_record(state, (event.task, "")):
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
    record = open_record(state, (event.task, "")) or new_record(state, (event.task, ""), ())
    seen = {overlap.file: overlap for overlap in record.files if overlap.conflict}
    files = tuple(seen.get(file) or Overlap(event.task, "", file, True) for file in event.files)
    kind = ConflictKind.CONFLICT
    record = replace(record, files=files, kind=kind, level=Level.HIGH, asks=True, overruled="")
    state = kept(state, record)
    return alerted(state, record)


def settled_by_hand(state: State, event: ConflictResolved) -> State:
    """A person has chosen what comes out where these texts meet. A merge that was refused is tried again; who
    stood still goes on with the answer in its worktree."""
    record = state.conflicts[event.conflict]
    state = resolve_noted(state, event)
    answers = tuple(replace(one, conflict=record.id) for one in event.settled)
    state = replace(state, settled=(*state.settled, *answers, *placed(answers)))
    if not event.whole:
        waits = record.state is not ConflictState.PAUSED  # who is paused for it says more
        return kept(state, replace(record, state=ConflictState.RESOLVING)) if waits else state
    answers = tuple(one for one in state.settled if one.conflict == record.id and one.theirs != one.blob)
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
    return replace(reopened(state, old.wave), queue=(*state.queue, task))


def merged_by_hand(state: State, event: MergedByHand) -> State:
    """What git refused to merge is merged by a person: the task is, and its conflict is settled."""
    task = state.tasks[event.task]
    if task.phase is not Phase.FAILED or task.attempt != event.attempt:
        return state
    for record in open_of(state, task.id):
        state = resolved(state, record, PERSON, "merged by hand")
    state = change_task(
        state, task.id, phase=Phase.MERGED, merge=event.tip, error=None, kept="merged by hand"
    )
    return replace(reopened(state, task.wave), tip=event.tip)


def escalated(state: State, event: Escalated) -> State:
    """It has gone to a role: an alert, and the record says so unless an agent stands still for it."""
    record = state.conflicts.get(event.subject)
    if record is not None and record.state is ConflictState.OPEN:
        state = kept(state, replace(record, state=ConflictState.ESCALATED))
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
    state = kept(state, record)
    if not record.alert:
        return state
    return with_alert(state, replace(state.alerts[record.alert - 1], open=True))


def schema_clashed(state: State, event: SchemaClashSeen) -> State:
    """The state once a schema was changed beneath a task at work (M120)."""
    files = tuple(Overlap(event.changer, event.user, file, True) for file in event.files)
    record = replace(
        new_record(state, (event.changer, event.user), files),
        kind=ConflictKind.SCHEMA,
        level=Level.HIGH,
        later=event.user,
        rule=DEPENDENT_SCHEMA,
    )
    state = kept(state, record)
    return alerted(state, record)


def names_taken(state: State, event: NamesSeen) -> State:
    """The state after a look at the names that agents add: a record for each that is new, and those are over
    that are not given twice any more."""
    wanted = {(one.first, one.second, one.name): one for one in event.clashes}
    for record in state.conflicts.values():
        if record.kind is not ConflictKind.NAMING or not record.open:
            continue
        key = (record.tasks[0], record.tasks[1], record.rule)
        if wanted.pop(key, None) is None and all(name in event.attempts for name in record.tasks):
            state = resolved(state, record, AGENTS, "named otherwise now")
    for one in wanted.values():
        names = (one.first, one.second)
        if all(event.attempts.get(name) == state.tasks[name].attempt for name in names):
            state = _named_twice(state, one)
    return state


def _named_twice(state: State, clash: NameClash) -> State:
    files = tuple(
        Overlap(
            clash.first,
            clash.second,
            line.file,
            False,
            lines_first=((line.line, line.line),),
            text_first=line.text,
        )
        for line in (clash.at_first, clash.at_second)
    )
    record = replace(
        new_record(state, (clash.first, clash.second), files),
        kind=ConflictKind.NAMING,
        level=Level.MEDIUM,
        rule=clash.name,
    )
    return alerted(kept(state, record), record)


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
    text = f"{task}: undeclared file{'s' if len(strange) > 1 else ''} {few(strange)}"
    return alert(state, AlertKind.NOTICE, text, tasks=(task,), files=tuple(strange[:50]), open=False)
