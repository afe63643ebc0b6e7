"""Aider, once, without a person at its prompt.

--message-file {prompt_file}       works through the prompt and ends; a file, because prompts are long
--yes-always                       says yes to adding and making files
--no-suggest-shell-commands        offers no command that nobody could allow
--no-auto-commits                  what it changed is committed when it has ended, all of it at once
--no-dirty-commits                 nor is anything committed before
--no-gitignore                     does not add itself to the repository's .gitignore
--no-check-update                  asks nobody about newer versions
--no-show-release-notes            nor about what they bring
--no-pretty --no-stream            a log without escape codes
--no-fancy-input                   needs no terminal
--chat-history-file                its notes go to the attempt's folder, not into the worktree
--input-history-file               the same
LITELLM_LOCAL_MODEL_COST_MAP=True  does not wait ten seconds for a price list from the internet
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

COMMAND = (
    "aider",
    "--message-file",
    "{prompt_file}",
    "--yes-always",
    "--no-suggest-shell-commands",
    "--no-auto-commits",
    "--no-dirty-commits",
    "--no-gitignore",
    "--no-check-update",
    "--no-show-release-notes",
    "--no-pretty",
    "--no-stream",
    "--no-fancy-input",
)

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """Raises UsageError for an unknown placeholder in the plan's own command."""
    notes = (
        *("--chat-history-file", str(brief.folder / "aider.chat.md")),
        *("--input-history-file", str(brief.folder / "aider.input")),
    )
    return launching.command(brief, (*COMMAND, *notes), {"LITELLM_LOCAL_MODEL_COST_MAP": "True"})
