"""What an agent is told to do, for a task that brings no prompt of its own (M098)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.plan import Task

_CONTRACT = """\
How to work
- The current folder is a git worktree on a branch of its own. Change files only below it.
- Do not push, do not switch branches, do not stash; commit what you finish. What is left uncommitted is
  committed for you.
- You may report progress by printing a line of this form:
  ::wavetree progress=40 says="testing" tests=12/15 step=2
- Messages to you come as lines of JSON in the file that WAVETREE_INBOX names (it is there once the first
  has come): look there between your steps. To write to another task, to all or to the person, print:
  ::wavetree to=TASK type=coordination message="…"
- At the end write a JSON object with the lists filesModified, filesCreated, actions, toolsUsed and
  issuesEncountered to the file that the environment variable WAVETREE_RESULT_FILE names.
- If you cannot finish, print one line of JSON and end with an exit code other than 0:
  {"type": "error", "error": {"type": "…", "message": "…", "context": "…", "recoveryHints": ["…", "…"]}}
  where the type is ValidationError, DependencyError, ImplementationError or EnvironmentError
"""


def compose(task: Task) -> str:
    """The task's own prompt, unchanged, or one made of its title, steps and files."""
    if task.prompt.strip():
        return task.prompt
    parts = [
        f"Task {task.id}: {task.title or task.id}",
        f"Kind of work: {task.type}",
        _listed("Steps, in this order", (f"{number}. {step}" for number, step in enumerate(task.steps, 1))),
        _listed("It is done when", (f"- {criterion}" for criterion in task.criteria)),
        _listed("Files this task is expected to change", (f"- {path}" for path in task.files)),
        _listed("Files it depends on, to be read and not changed", (f"- {path}" for path in task.reads)),
        _listed("The work as a script, for orientation", [task.run.rstrip()] if task.run.strip() else []),
        _CONTRACT,
    ]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _listed(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"{title}:\n{body}" if body else ""
