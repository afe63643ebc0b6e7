"""Any command: an argument vector with the placeholders {prompt} {prompt_file} {worktree} {task}."""

from __future__ import annotations

from engine.agents import launching, reports
from engine.agents.contract import Brief, Launch

report = reports.parse
failure = reports.failure


def launch(brief: Brief) -> Launch:
    """The plan's command. Raises UsageError when it has none or an unknown placeholder is in it."""
    return launching.command(brief, ())
