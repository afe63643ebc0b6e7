"""What goes wrong, in words: each with two to four hints that a person can follow (M169)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from msgspec.structs import replace

from engine.core.gauged import ErrorType, GateLevel, GateVerdict, TaskError
from engine.core.outcomes import GateEnded
from engine.core.state import (
    DEAD,
    State,
    TaskState,
)


def worktree_error(task: str, text: str) -> TaskError:
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: the worktree could not be made: {text}",
        "creating the worktree, before any agent of this batch was started",
        ("remove or rename what stands in the way, then: wavetree resume", "wavetree worktrees"),
    )


def setup_error(task: str, text: str, log: str) -> TaskError:
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: the set-up failed: {text}",
        "the plan's `setup`, before the agent was started",
        (f"read the log: {log}", f"mend `setup` or what it needs, then: wavetree retry {task}"),
    )


def clash_error(state: State, task: str, files: tuple[str, ...], detail: str) -> TaskError:
    """What the task fails with when its branch does not merge; `detail` are words of git."""
    branch = state.tasks[task].branch
    return TaskError(
        ErrorType.CONFLICT,
        f"merge conflict: {', '.join(files)}",
        f"{branch} onto {state.integration}. {detail}".strip(),
        (
            f"choose between both sides: wavetree resolve {task}",
            f"do it again on top of what is merged: wavetree retry {task}",
            f"look at both sides: git diff {state.integration}...{branch}",
        ),
        files,
    )


def merge_by_hand(state: State, task: TaskState, files: Sequence[str]) -> tuple[str, ...]:
    """What to type to merge the task with git alone; the run notices it (M138)."""
    names = " ".join(map(shlex.quote, files)) or "FILES"
    branch = shlex.quote(task.branch)
    tree = f"../{task.path.rpartition('/')[2]}"
    return (
        f"git switch {state.integration}",
        f"git merge {branch}",
        f"edit {names}: keep what is right, remove the marks",
        f"git add {names}",
        "git commit --no-edit",
        f"git worktree remove {shlex.quote(tree)}",
        f"git branch -d {branch}",
        f"git switch {shlex.quote(state.base)}",
        *(("wavetree resume",) if state.ended else ()),
    )


def gate_error(event: GateEnded) -> TaskError:
    """What fails when a gate was red, broken or too slow."""
    who = event.subject if event.level is GateLevel.TASK else f"{event.level.value} {event.subject}"
    kind = _GATE_ERRORS.get(event.verdict, ErrorType.TEST)
    verb = "fixed" if kind is ErrorType.TEST else "retry"
    again = f"wavetree {verb} {event.subject}" if event.level is GateLevel.TASK else "wavetree gate retry"
    return TaskError(
        kind,
        f"{who}: gate {event.gate} {event.verdict.value}" + (f": {event.detail}" if event.detail else ""),
        "run on the merge candidate, before anything moved",
        (
            f"read its output: {event.log}" if event.log else "see what the message says",
            f"put right what it names, then: {again}",
        ),
        gate=event.gate,
        test=event.test,
    )


_GATE_ERRORS = {GateVerdict.TIMEOUT: ErrorType.TIMEOUT, GateVerdict.BROKEN: ErrorType.ENVIRONMENT}
"""A gate that is red has found a fault in the work; one that could not run, in what it needs."""


def concerning(state: State, task: TaskState, error: TaskError) -> TaskError:
    """The error with two to four hints; one of them names a task, a file, a variable or a command (M169)."""
    hints = tuple(dict.fromkeys(error.hints))[:MOST_HINTS]
    if len(hints) >= 2 and any(_names(state, task, hint) for hint in hints):
        return replace(error, hints=hints)
    ours = (
        f"read its output: {task.log or f'wavetree logs {task.id}'}",
        f"put right what the message names, then: wavetree {_again(error)} {task.id}",
    )
    return replace(error, hints=(*hints[: MOST_HINTS - 1], *(ours if len(hints) < 2 else ours[1:])))


def _again(error: TaskError) -> str:
    return "fixed" if error.type is ErrorType.TEST else "retry"


MOST_HINTS = 4
_SPECIFIC = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b(?:wavetree|git) \w|(?<!\w)[./]?\w+/\w")
"""A variable, a command, a path."""


def _names(state: State, task: TaskState, hint: str) -> bool:
    known = (task.id, *task.files, *state.spec(task.id).files)
    words = {word.strip(".,:;()`'\"") for word in hint.split()}
    return bool(_SPECIFIC.search(hint)) or not words.isdisjoint(known)


def crashed(state: State, task: TaskState) -> TaskError:
    """What the task fails with when its agent did not end well."""
    agent = state.spec(task.id).agent
    how = task.how or ("no exit was recorded" if task.exit_code is None else f"exit code {task.exit_code}")
    return TaskError(
        ErrorType.CRASH,
        f"{agent} instance crashed ({how})",
        f"{task.id}, attempt {task.attempt}",
        (f"Check logs: {task.log}", f"look at what it left: cd {task.path}", f"wavetree retry {task.id}"),
    )


def changed_nothing(state: State, task: TaskState) -> TaskError:
    """What the task fails with when its agent ended well and changed none of the files that it declares."""
    files = ", ".join(state.spec(task.id).files)
    return TaskError(
        ErrorType.IMPLEMENTATION,
        f"{task.id}: the agent ended without an error but changed nothing; the plan says it changes {files}",
        "judged by the worktree's diff, not by the agent's word",
        (
            f"Check logs: {task.log}",
            f"give it the permissions or the prompt it lacks: wavetree retry {task.id}",
        ),
    )


def dependency_failed(state: State, task: TaskState, needs: Sequence[str]) -> TaskError:
    """`needs` are the tasks that failed, or that were given up and started anew."""
    dead = [name for name in needs if state.tasks[name].phase in DEAD]
    what = "failed" if dead else "was given up and started anew"
    return TaskError(
        ErrorType.DEPENDENCY,
        f"{task.id} is complete, but {', '.join(dead or needs)} it was built on {what}",
        f"its work is on {task.branch}",
        (
            f"wavetree retry {dead[0]}" if dead else f"take over what still fits: git log {task.branch}",
            f"wavetree retry {task.id}",
        ),
    )
