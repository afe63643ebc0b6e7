"""Code review as a gate before merge: who has to approve a branch, and who has (M149)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.clean import clean
from engine.core.commands import Review
from engine.core.durations import parse
from engine.core.errors import PlanError, Refused
from engine.core.events import Event
from engine.core.gauged import ErrorType, TaskError
from engine.core.known import known
from engine.core.parts import path_of
from engine.core.patterns import matches
from engine.core.plan import Plan, ReviewRule, once
from engine.core.pulls import waits_for_pull_request
from engine.core.state import Phase, RunPhase, State, TaskState
from engine.core.strategy import at, texts
from engine.core.teams import assignments
from engine.core.timeline import TaskTimes
from engine.core.verdicts import BranchReviewed, ReviewAsked, TaskFailed

_NONE = frozenset({"", "none", "no", "off", "optional", "no review", "not required"})
_TIME = re.compile(r"[0-9]+(?:\.[0-9]+)?[- ]?(?:minute|hour|day|week)s?", re.IGNORECASE)


@once
def review_rule(plan: Plan) -> ReviewRule | None:
    """How branches are reviewed before they merge: the plan's own rule, or what its documents say; None when
    nobody asks for a review."""
    if plan.gates.review is not None:
        return plan.gates.review
    said = at(plan, "quality_assurance", "code_review")
    if not isinstance(said, Mapping) or _off(said.get("review_requirements")):
        return None
    return ReviewRule(_limit(said.get("review_timelines")), not _off(said.get("cross_team_reviews")))


def _off(value: Any) -> bool:
    return " ".join(texts(value)).strip(" .").casefold() in _NONE


def _limit(value: Any) -> float:
    """The seconds in `24-hour review SLA`."""
    found = _TIME.search(" ".join(texts(value)))
    try:
        return parse(found[0]).most if found else ReviewRule().limit
    except PlanError:
        return ReviewRule().limit


@once
def _teams(plan: Plan) -> dict[str, str]:
    found = {name: one.team for name, one in assignments(plan).items()}
    return {task.id: task.team or found.get(task.id, "") for task in plan.tasks}


def reviewers(plan: Plan, task: str, files: Iterable[str]) -> tuple[str, ...]:
    """Who has to approve a branch that changed these files, one approval each: the task's own team (empty
    where it has none), then every other team whose tasks declare one of the files."""
    rule, of = review_rule(plan), _teams(plan)
    changed = tuple(files)
    found = [of[task]]
    for other in plan.tasks if rule and rule.cross_team else ():
        theirs = tuple(map(path_of, other.files))
        if of[other.id] and any(matches(pattern, file) for pattern in theirs for file in changed):
            found.append(of[other.id])
    return tuple(dict.fromkeys(found))


def waits_for_review(state: State, task: TaskState) -> bool:
    """Whether a finished branch may not merge yet because somebody has to read it first."""
    if task.phase is not Phase.COMPLETE or review_rule(state.plan) is None or not task.files:
        return False
    return task.review is None or bool(unreviewed(task))


def in_review(task: TaskState) -> bool:
    """Whether people are asked for their word on the branch now."""
    return task.phase is Phase.COMPLETE and bool(unreviewed(task))


def unreviewed(task: TaskState) -> tuple[str, ...]:
    """The teams whose approval is missing; the empty name stands for anybody's."""
    if task.review is None:
        return ()
    given = [one.team for one in task.review.approvals]
    return tuple(team for team in task.review.teams if team not in given)


def review_words(task: TaskState, *, overdue: bool = False) -> str:
    """`in review, overdue: waits for the approval of team_b`."""
    late = overdue or (task.review is not None and task.review.overdue)
    teams = [clean(team, 60) for team in unreviewed(task) if team]
    whom = f": waits for the approval of {', '.join(teams)}" if teams else ""
    return f"in review{', overdue' if late else ''}{whom}"


def overdue(state: State, task: TaskState, times: TaskTimes, now: float) -> bool:
    """Whether the branch is in review for longer than it may be, by the times of the journal."""
    rule = review_rule(state.plan)
    late = rule is not None and bool(times.ended) and now - times.ended > rule.limit
    return in_review(task) and (late or (task.review is not None and task.review.overdue))


def reviews(state: State) -> list[Event]:
    """Ask for the review of every branch that is finished and may merge only then."""
    if state.phase is not RunPhase.ACTIVE or review_rule(state.plan) is None:
        return []
    return [
        ReviewAsked(task.id, task.attempt, reviewers(state.plan, task.id, task.files))
        for task in state.moving
        if task.review is None and waits_for_review(state, task) and not waits_for_pull_request(state, task)
    ]


def review(state: State, command: Review) -> list[Event]:
    """A person's word on a branch. Raises Refused when nobody asks for it, or for another's."""
    task = known(state, command.task)
    if not in_review(task):
        raise Refused(f"{task.id} is not in review", "wavetree review")
    by = command.by or "a person"
    if not command.approve:
        if not command.note.strip():
            raise Refused("a rejection needs a reason", f"wavetree review reject {task.id} --note TEXT")
        said = BranchReviewed(task.id, task.attempt, command.team, by, False, command.note)
        return [said, TaskFailed(task.id, task.attempt, _rejected(task, by, command.note))]
    team = _team(task, command, by)
    return [BranchReviewed(task.id, task.attempt, team, by, True, command.note)]


def _team(task: TaskState, command: Review, by: str) -> str:
    """For which team it is said: the one that is named, else the first that is missing; who has spoken
    already has to name it."""
    missing = unreviewed(task)
    how = f"wavetree review approve {task.id} --team {missing[0]}"
    if command.team and command.team not in missing:
        raise Refused(f"{task.id} waits for the approval of {', '.join(missing) or 'anybody'}", how)
    spoken = task.review is not None and any(one.by == by for one in task.review.approvals)
    if spoken and not command.team:
        raise Refused(f"{by} has approved {task.id}; it waits for the approval of {', '.join(missing)}", how)
    return command.team or missing[0]


def _rejected(task: TaskState, by: str, note: str) -> TaskError:
    return TaskError(
        ErrorType.VALIDATION,
        f"{task.id}: the review by {by} rejected it: {note}",
        f"{task.branch} waited in review; nothing of it is merged",
        (f"look at it: cd {task.path}", f"do it again: wavetree retry {task.id}"),
    )
