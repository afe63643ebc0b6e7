"""What the implementation log says of one attempt at a task, in the documents' words (M160)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine.core.durations import moment
from engine.core.results import error_data
from engine.core.state import Phase, State, TaskState
from engine.core.timeline import TaskTimes, Timeline

STATUS = {Phase.MERGED: "completed", Phase.FAILED: "failed", Phase.STOPPED: "stopped"}
"""The word of each end that is recorded."""


class Work(Struct, frozen=True):
    """What was done: the files as git has them, the rest as the agent tells it."""

    modified: Sequence[str] = ()
    created: Sequence[str] = ()
    actions: Sequence[str] = ()
    tools: Sequence[str] = ()


def recorded(state: State, names: Sequence[str]) -> list[TaskState]:
    """Those of these tasks of which the log has an entry: they were tried and have come to an end."""
    tasks = [state.tasks[name] for name in names]
    return [task for task in tasks if task.attempt and task.phase in STATUS]


def log_entry(state: State, task: TaskState, times: TaskTimes, work: Work) -> dict[str, object]:
    """One entry as data. `storyNumber` is a number where the task's id is one; times are ISO 8601 in UTC."""
    spec = state.spec(task.id)
    entry: dict[str, object] = {
        "storyNumber": story_number(task.id),
        "storyTitle": spec.title or task.id,
        "agent": spec.agent,
        "status": STATUS[task.phase],
        "completedAt": moment(times.merged or times.ended),
        "durationSeconds": round(times.active(times.ended), 3),
        "filesModified": list(work.modified),
        "filesCreated": list(work.created),
        "actions": list(work.actions),
        "toolsUsed": list(work.tools),
        "issuesEncountered": list(task.notes),
        "run": state.run,
        "wave": task.wave,
        "attempt": task.attempt,
        "commit": task.merge or task.head,
    }
    if task.error is not None:
        entry["error"] = error_data(task.error)
    return entry


def unwritten(state: State, times: Timeline) -> list[dict[str, object]]:
    """The entries of waves whose results could not be written, as far as the journal knows them (M161)."""
    names = [name for wave in state.waves if wave.unrecorded for name in wave.tasks]
    return [
        log_entry(state, task, times.tasks.get(task.id, TaskTimes()), Work(modified=task.files))
        for task in recorded(state, names)
    ]


def story_number(task: str) -> int | str:
    """A task's id as the log has it."""
    return int(task) if task.isdecimal() else task


def is_of(entry: object, run: str, task: str, attempt: int) -> bool:
    """Whether an entry of a log is the one of that attempt."""
    return isinstance(entry, dict) and (entry.get("run"), entry.get("storyNumber"), entry.get("attempt")) == (
        run,
        story_number(task),
        attempt,
    )
