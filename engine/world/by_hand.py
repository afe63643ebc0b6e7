"""Sees that a person has merged by hand what the engine could not (M139)."""

from __future__ import annotations

from engine.core.gauged import ErrorType
from engine.core.outcomes import MergedByHand
from engine.core.state import Phase, State
from engine.edge.git_repository import Repository


async def merged_by_hand(git: Repository, state: State) -> list[MergedByHand]:
    """The tasks whose merge was refused and whose work the integration branch contains by now. Raises
    GitError when git cannot tell."""
    refused = [
        task
        for task in state.tasks.values()
        if task.phase is Phase.FAILED and task.error and task.error.type is ErrorType.CONFLICT and task.head
    ]
    tip = await git.tip(f"refs/heads/{state.integration}") if refused else None
    if tip is None or tip == state.tip:
        return []
    return [
        MergedByHand(task.id, task.attempt, tip) for task in refused if await git.is_ancestor(task.head, tip)
    ]
