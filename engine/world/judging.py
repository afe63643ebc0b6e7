"""An agent's own account against git's: the result file is read, and differences are named (M099)."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from engine.agents.result import read_result
from engine.core.gauged import TaskError


class Judged(Struct, frozen=True):
    """`issues` are remarks for the record; `problem` makes the task fail."""

    issues: tuple[str, ...] = ()
    problem: TaskError | None = None


def judged(files: tuple[str, ...], path: Path) -> Judged:
    """Compare the result file at `path` with the files git says were changed."""
    result = read_result(path)
    if result is None:
        return Judged(("result missing",))
    if isinstance(result, TaskError):
        return Judged((), result)
    claimed = {*result.files_modified, *result.files_created}
    found = set(files)
    issues = list(result.issues)
    if unknown := sorted(claimed - found):
        issues.append(f"the agent says it changed {', '.join(unknown)}, git says it did not")
    if untold := sorted(found - claimed) if claimed else []:
        issues.append(f"the agent did not mention {', '.join(untold)}")
    return Judged(tuple(issues))
