"""Claude Code, once, without a person at its prompt.

-p                                 print mode: works through the prompt and ends
--permission-mode acceptEdits      edits of files in its folder need no answer; nobody could give one. What it
                                   may run besides is up to the user's own settings or `--allowedTools`:
                                   give the agent a `command` of its own in the plan for that
--output-format text               a log that people can read
CLAUDE_CODE_ENABLE_TODO_TOOLS=1    newer versions keep a task list only when asked to
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

COMMAND = ("claude", "-p", "{prompt}", "--permission-mode", "acceptEdits", "--output-format", "text")

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """Raises UsageError for an unknown placeholder in the plan's own command."""
    return launching.command(brief, COMMAND, {"CLAUDE_CODE_ENABLE_TODO_TOOLS": "1"})
