"""Runs the task's `run` with bash in its worktree.

`bash -e -o pipefail`: the first command that fails ends the script with its code, also inside a pipe. A
script that goes on after a failure would be taken for work done.
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch
from engine.core.errors import UsageError

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """bash with the script as one argument. Raises UsageError when the task has no `run`."""
    script = brief.task.run
    if not script.strip():
        raise UsageError(
            f"task {brief.task.id}: agent {brief.spec.name!r} needs `run`", "add run: | with a script"
        )
    if len(script.encode(errors="surrogateescape")) > launching.ARGUMENT_LIMIT:
        raise UsageError(f"task {brief.task.id}: `run` is over 128 KiB", "put it into a file and run that")
    env = {**launching.surroundings(brief), **brief.spec.env}
    return Launch(argv=("bash", "-eo", "pipefail", "-c", script), env=env)
