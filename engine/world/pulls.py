"""Runs the command that makes a pull request of a branch (M141)."""

from __future__ import annotations

import re
from pathlib import Path

from engine.core.gauged import GateVerdict
from engine.core.intents import PullRequestRequested
from engine.core.outcomes import PullRequestEnded
from engine.edge.runs import OUTPUT
from engine.world.jobs import Jobs

LIMIT = 120.0
"""Seconds that the command may take."""
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]{1,300}")
_END = 64 * 1024


async def pull_request(jobs: Jobs, intent: PullRequestRequested) -> PullRequestEnded:
    """Run the command in the task's worktree; after a crash, find how it ended."""
    task, attempt = intent.task, intent.attempt
    folder = jobs.folder(task, attempt, "pull")
    verdict, detail, _ = await jobs.check(
        folder, jobs.mark(intent.key), intent.command, Path(intent.path), LIMIT
    )
    log = folder / OUTPUT
    if verdict is GateVerdict.GREEN:
        return PullRequestEnded(intent.key, task, attempt, True, address_in(log), str(log))
    missing = verdict is GateVerdict.BROKEN and "not found" in detail
    return PullRequestEnded(intent.key, task, attempt, False, detail, str(log), missing)


def address_in(log: Path) -> str:
    """The last address that a command printed; empty when it printed none."""
    try:
        said = log.read_bytes()[-_END:]
    except OSError:
        return ""
    found = _ADDRESS.findall(said)
    return found[-1].decode("ascii") if found else ""
