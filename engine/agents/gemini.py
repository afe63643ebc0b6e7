"""Gemini CLI, once, without a person at its prompt.

-p                                 works through the prompt and ends
--approval-mode auto_edit          without it a headless run has no tool that writes, and still ends well;
                                   `yolo` would let it run any command besides
GEMINI_CLI_NO_RELAUNCH=true        no wrapper process, which would swallow the signals that stop it
GEMINI_CLI_TRUST_WORKSPACE=true    a new worktree is a folder it has not seen, and in one that is not trusted
                                   it falls back to asking
NO_COLOR=1                         a log without escape codes
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

COMMAND = ("gemini", "-p", "{prompt}", "--approval-mode", "auto_edit")
ENVIRONMENT = {"GEMINI_CLI_NO_RELAUNCH": "true", "GEMINI_CLI_TRUST_WORKSPACE": "true", "NO_COLOR": "1"}

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """Raises UsageError for an unknown placeholder in the plan's own command."""
    return launching.command(brief, COMMAND, ENVIRONMENT)
