"""What a tracker is told of tickets: each change of their status (M195)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from engine.core.plan import Plan
from engine.core.reviewing import in_review
from engine.core.state import Phase, State, TaskState


class TicketChange(Struct, frozen=True):
    """A ticket has gone from one status to another. `id` is unique in the repository; `commit` put it on the
    integration branch, `reason` says why it is blocked, `time` is an ISO time."""

    id: str
    ticket: str
    title: str
    before: str
    status: str
    run: str
    time: str
    branch: str = ""
    commit: str = ""
    reason: str = ""


def tracked(plan: Plan) -> bool:
    """Whether anybody wants to hear of tickets: the plan was made from a file of them, or names a command."""
    return plan.settings.tracker_sync and bool(plan.trackers or plan.settings.tracker_command)


def inside(plan: Plan) -> tuple[str, ...]:
    """The ticket files of the repository's history, in which merged tickets are marked before they land."""
    return tuple(file for file in plan.trackers if not file.startswith("/")) if tracked(plan) else ()


def status_of(task: TaskState) -> str:
    """A task's state in the words of trackers; empty for a ticket that was done before the run."""
    match task.phase:
        case Phase.RUNNING | Phase.COLLECTING | Phase.MERGING:
            return "In Progress"
        case Phase.COMPLETE:
            return "In Review" if in_review(task) else "In Progress"
        case Phase.MERGED if task.proposed:
            return "In Review"  # its pull request brings it onto the base branch
        case Phase.MERGED:
            return "Done"
        case Phase.FAILED | Phase.BLOCKED:
            return "Blocked"
        case Phase.SKIPPED:
            return ""
        case _:
            return "To Do"


def ticket_changes(before: State, state: State, time: str, cursor: int) -> Iterator[TicketChange]:
    """The tickets whose status the events of one journal record changed. `cursor` is the record's."""
    if state.tasks is before.tasks or not tracked(state.plan):
        return
    for task in state.tasks.values():
        old = before.tasks.get(task.id)
        if old is None or old is task or (was := status_of(old)) == (now := status_of(task)) or not now:
            continue
        error = task.error.message if task.error else ""
        reason = error or (f"needs {task.blocked_by}" if task.blocked_by else "") if now == "Blocked" else ""
        yield TicketChange(
            f"{state.run}-{cursor:06d}-{task.id}",
            task.id,
            state.spec(task.id).title,
            was,
            now,
            state.run,
            time,
            task.branch,
            task.merge,
            reason,
        )
