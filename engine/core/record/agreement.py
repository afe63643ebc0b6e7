"""Whether the log, the session files and git say the same as the journal (M166)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from engine.core.record.log_entry import STATUS, is_of, recorded
from engine.core.state import Phase, State, TaskState


def unlogged(state: State, wave: int, entries: Sequence[Any]) -> tuple[str, ...]:
    """What a log lacks, or says otherwise, of a wave that has ended; a sentence for each story."""
    found = []
    for task in recorded(state, state.waves[wave - 1].tasks):
        own = [entry for entry in entries if is_of(entry, state.run, task.id, task.attempt)]
        if not own:
            found.append(f"story {task.id}: attempt {task.attempt} of {state.run} is not in the log")
        elif own[-1].get("status") != STATUS[task.phase]:
            said = f"{own[-1].get('status')!s:.40}"
            found.append(f"story {task.id}: the log says {said}, the journal {STATUS[task.phase]}")
    return tuple(found)


def unmerged(state: State, tasks: Sequence[TaskState], reached: Collection[str]) -> tuple[str, ...]:
    """Tasks that are merged according to the journal, and of which git knows nothing on the integration
    branch; `reached` are those whose merge it has."""
    return tuple(
        f"story {task.id}: its merge {task.merge[:12]} is not on {state.integration}"
        for task in tasks
        if task.phase is Phase.MERGED and task.merge and task.id not in reached
    )
