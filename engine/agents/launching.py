"""What launching has in common for all kinds: placeholders filled in, variables every agent gets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.agents.contract import Brief, Launch
from engine.core.errors import UsageError

PLACEHOLDERS = ("prompt", "prompt_file", "worktree", "task")
ARGUMENT_LIMIT = 128 * 1024 - 1  # bytes Linux takes in one argument
_LISTED = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|\{(\w+)\}")


def command(brief: Brief, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Launch:
    """A launch of `argv` with its placeholders filled in. A command in the plan replaces `argv`, variables
    in the plan are added last. Raises UsageError for an unknown placeholder or an argument too long."""
    chosen = brief.spec.command or tuple(argv)
    if not chosen:
        raise UsageError(
            f"agent {brief.spec.name!r} has no command", "give it one: command: [program, argument]"
        )
    words = tuple(fill(word, brief) for word in chosen)
    return Launch(argv=words, env={**surroundings(brief), **(env or {}), **brief.spec.env})


def fill(word: str, brief: Brief) -> str:
    """The word with its placeholders replaced; it stays one argument whatever is put in. `{{name}}` stands
    for `{name}` itself. Braces around anything but a plain name, as in JSON, are left alone."""
    values = {
        "prompt": brief.prompt,
        "prompt_file": str(brief.prompt_file),
        "worktree": str(brief.worktree),
        "task": brief.task.id,
    }

    def replaced(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal is not None:
            return f"{{{literal}}}"
        if name not in values:
            raise UsageError(
                f"agent {brief.spec.name!r}: unknown placeholder {{{name}}} in its command",
                f"there are {_LISTED}; write {{{{{name}}}}} for the text",
            )
        return values[name]

    filled = _PLACEHOLDER.sub(replaced, word).replace("\0", "")
    if word.startswith("{prompt}") and filled.startswith("-"):
        filled = f" {filled}"  # a prompt that begins with a dash is no option
    if len(filled.encode(errors="surrogateescape")) > ARGUMENT_LIMIT:
        raise UsageError(
            f"agent {brief.spec.name!r}: an argument for task {brief.task.id} is over 128 KiB",
            "let its command read {prompt_file} instead of taking {prompt}",
        )
    return filled


def surroundings(brief: Brief) -> dict[str, str]:
    """The variables by which any agent finds its way."""
    return {
        "WAVETREE_TASK": brief.task.id,
        "WAVETREE_ATTEMPT": str(brief.attempt),
        "WAVETREE_WORKTREE": str(brief.worktree),
        "WAVETREE_PROMPT_FILE": str(brief.prompt_file),
        "WAVETREE_RESULT_FILE": str(brief.result_file),
        "WAVETREE_INBOX": str(brief.inbox),
    }
