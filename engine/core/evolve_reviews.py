"""What happens to the review of a branch (M149)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.changes import alert, change_task, settle_alerts
from engine.core.durations import show
from engine.core.evolve_messages import said
from engine.core.messages import ENGINE, Kind, Said
from engine.core.outcomes import ReviewOverdue
from engine.core.state import AlertKind, Approval, Phase, Reviewing, State
from engine.core.verdicts import BranchReviewed, ReviewAsked


def asked(state: State, event: ReviewAsked) -> State:
    """The branch waits for people."""
    return change_task(state, event.task, review=Reviewing(event.teams))


def reviewed(state: State, event: BranchReviewed) -> State:
    """One approval more; with the last one, or a rejection, nothing is overdue any longer."""
    review = state.tasks[event.task].review or Reviewing(())
    if event.approved:
        given = Approval(event.team, event.by, event.note)
        review = replace(review, approvals=(*review.approvals, given))
    else:
        review = replace(review, rejected=f"{event.by}: {event.note}")
    state = change_task(state, event.task, review=review)
    if not event.approved or len(review.approvals) >= len(review.teams):
        state = settle_alerts(state, AlertKind.REVIEW, task=event.task)
    return state


def tried_anew(state: State, task: str, before: Reviewing | None) -> State:
    """The next attempt's agent is told why the branch of this one was refused."""
    if before is None or not before.rejected:
        return state
    body = f"The review of your last attempt refused it, {before.rejected}"
    return said(state, Said(ENGINE, Kind.COORDINATION.value, task, body))


def overdue(state: State, event: ReviewOverdue) -> State:
    """Nobody has read it in time: an alert, unless somebody just has."""
    task = state.tasks[event.task]
    waits = task.review is not None and len(task.review.approvals) < len(task.review.teams)
    if task.attempt != event.attempt or task.phase is not Phase.COMPLETE or not waits or not task.review:
        return state
    state = change_task(state, event.task, review=replace(task.review, overdue=True))
    text = f"{event.task} is overdue: in review for {show(event.seconds)}"
    remedy = f"wavetree review approve {event.task} · wavetree review reject {event.task} --note TEXT"
    return alert(state, AlertKind.REVIEW, text, tasks=(event.task,), remedy=remedy)
