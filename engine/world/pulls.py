"""What the command that makes a pull request of a branch came to (M141)."""

from __future__ import annotations

import re
from pathlib import Path

from engine.core.gauged import GateVerdict
from engine.core.intents import PullRequestRequested
from engine.core.outcomes import PullRequestEnded
from engine.world.checks import Ended

LIMIT = 120.0
"""Seconds that the command may take."""
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]{1,300}")
_END = 64 * 1024


def pull_request(intent: PullRequestRequested, end: Ended, log: Path) -> PullRequestEnded:
    """What became of the pull request, by how its command ended and what it printed."""
    task, attempt = intent.task, intent.attempt
    if end.green:
        return PullRequestEnded(intent.key, task, attempt, True, address_in(log), str(log))
    missing = end.verdict is GateVerdict.BROKEN and "not found" in end.detail
    return PullRequestEnded(intent.key, task, attempt, False, end.detail, str(log), missing)


def address_in(log: Path) -> str:
    """The last address that a command printed; empty when it printed none."""
    try:
        said = log.read_bytes()[-_END:]
    except OSError:
        return ""
    found = _ADDRESS.findall(said)
    return found[-1].decode("ascii") if found else ""
