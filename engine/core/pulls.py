"""A pull request for each branch, made by a command of the plan before the branch is merged (M141)."""

from __future__ import annotations

import re

from engine.core.clean import clean
from engine.core.events import Event
from engine.core.intents import PullRequestRequested
from engine.core.state import Phase, RunPhase, State, TaskState
from engine.core.verdicts import PullRequestSkipped

NO_COMMAND = "no command"
PLACEHOLDERS = ("branch", "base", "title", "task")
"""What is filled into the words of the command."""
_STEP = re.compile(r"(?:create|open|make)(?: an?| the)? (?:pr|pull request)\b", re.IGNORECASE)
_FILLED = re.compile(r"\{(branch|base|title|task)\}")


def is_step(text: str) -> bool:
    """Whether a named part of a task is the pull request."""
    return _STEP.match(text.strip()) is not None


def pull_requests(state: State) -> list[Event]:
    """Ask for the pull requests of finished branches, or say why there is none."""
    if state.phase is not RunPhase.ACTIVE:
        return []
    return [
        _request(state, task)
        for task in state.moving
        if waits_for_pull_request(state, task) and f"pull:{task.id}:{task.attempt}" not in state.open
    ]


def waits_for_pull_request(state: State, task: TaskState) -> bool:
    """Whether a finished task is to have a pull request first, and nobody knows yet how that ended."""
    if task.phase is not Phase.COMPLETE or task.pull_request:
        return False
    return bool(state.plan.settings.pull_request) or any(map(is_step, state.spec(task.id).steps))


def _request(state: State, task: TaskState) -> Event:
    command = state.plan.settings.pull_request
    if not command:
        return PullRequestSkipped(task.id, NO_COMMAND)
    if not task.files:
        return PullRequestSkipped(task.id, "nothing changed")
    return PullRequestRequested(task.id, task.attempt, task.path, filled(state, task, command))


def filled(state: State, task: TaskState, command: tuple[str, ...]) -> tuple[str, ...]:
    """The command's words with branch, base, title and task in place; what is put in is not looked at again.
    A title can hold nothing but plain text of one line."""
    title = " ".join(clean(state.spec(task.id).title, 200).split()) or task.id
    values = {"branch": task.branch, "base": state.base, "title": title, "task": task.id}
    return tuple(_FILLED.sub(lambda found: values[found[1]], word) for word in command)


def by_pull_request(state: State) -> bool:
    """Whether pull requests were made: they bring the work onto the base branch then, not this run."""
    return any(task.proposed for task in state.tasks.values())
