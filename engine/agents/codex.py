"""Codex, once, without a person at its prompt.

exec                                        works through the prompt and ends; never asks
--sandbox workspace-write                   may edit below its folder; the default may only read. The
                                            repository itself lies outside a worktree, so Codex cannot
                                            commit: what it changed is committed when it has ended
--color never                               a log without escape codes
-c tools.update_plan.enabled=true           newer versions keep a plan only when asked to
"""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

COMMAND = (
    "codex",
    "exec",
    "--sandbox",
    "workspace-write",
    "--color",
    "never",
    "-c",
    "tools.update_plan.enabled=true",
    "{prompt}",
)

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """Raises UsageError for an unknown placeholder in the plan's own command."""
    return launching.command(brief, COMMAND)
