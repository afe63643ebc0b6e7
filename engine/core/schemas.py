"""A schema changed by one agent while another builds on how it was (M120), and what follows (M122)."""

from __future__ import annotations

from engine.core.conflicts import ConflictKind, ConflictRecord, pauses_dependents, restarts_dependents
from engine.core.events import Event
from engine.core.patterns import matches
from engine.core.plan import Task
from engine.core.state import DONE, WORKING, Phase, State, TaskState
from engine.core.verdicts import RestartAsked, SchemaClashSeen


def schema_clashes(state: State) -> list[Event]:
    """The pairs of a task that has changed a schema and one at work that uses it, not on record yet."""
    changers = [task for task in state.moving if task.schema and task.phase in WORKING]
    users = [task for task in state.moving if task.phase in WORKING] if changers else []
    return [
        SchemaClashSeen(changer.id, user.id, files)
        for changer in changers
        for user in users
        if (files := _used(state, changer, user)) and not _on_record(state, changer, user)
    ]


def _used(state: State, changer: TaskState, user: TaskState) -> tuple[str, ...]:
    """The schema files that `changer` has changed and `user` uses: it needs that task, reads such a file, or
    has changed it as well."""
    if user.id == changer.id or any(ground.task == changer.id for ground in user.built_on):
        return ()
    spec = state.spec(user.id)
    if any(need.task == changer.id for need in spec.needs):
        return changer.schema
    both = set(user.schema) if changer.id < user.id else set()
    return tuple(file for file in changer.schema if file in both or _reads(spec, file))


def _reads(task: Task, file: str) -> bool:
    return any(matches(pattern, file) for pattern in task.reads)


def _on_record(state: State, changer: TaskState, user: TaskState) -> bool:
    wanted = {(changer.id, changer.attempt), (user.id, user.attempt)}
    return any(
        record.kind is ConflictKind.SCHEMA and set(zip(record.tasks, record.attempts, strict=True)) == wanted
        for record in state.conflicts.values()
    )


def restarts(state: State) -> list[Event]:
    """The agents whose schema was changed beneath them and is merged now start anew from it (M122)."""
    if not restarts_dependents(state.plan):
        return []
    return [
        RestartAsked(record.later, note=f"{record.tasks[0]} changed the schema")
        for record in state.conflicts.values()
        if record.open and record.kind is ConflictKind.SCHEMA and _is_due(state, record)
    ]


def _is_due(state: State, record: ConflictRecord) -> bool:
    changer, user = state.tasks[record.tasks[0]], state.tasks[record.later]
    at_work = user.phase is Phase.RUNNING and not (user.restarting or user.killing or user.isolated)
    return changer.phase in DONE and at_work and not record.overruled and pauses_dependents(state.plan)
