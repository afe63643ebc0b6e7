"""What of a run a command names; a refusal where there is no such thing."""

from __future__ import annotations

from engine.core.errors import Refused
from engine.core.state import State, TaskState


def known(state: State, task: str) -> TaskState:
    """The run's task of that name. Raises Refused when there is none."""
    if task not in state.tasks:
        raise Refused(f"the run has no task {task!r}", f"tasks: {', '.join(state.tasks)}")
    return state.tasks[task]
