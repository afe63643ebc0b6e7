"""Looks at the clock for branches in review: which of them are overdue (M149)."""

from __future__ import annotations

from engine.core.outcomes import ReviewOverdue
from engine.core.reviewing import in_review, review_rule
from engine.core.state import State


class ReviewClock:
    """Remembers since when each attempt's branch has been in review; a new engine counts anew."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, int], float] = {}

    def look(self, state: State, now: float) -> list[ReviewOverdue]:
        """The reviews whose time is over at `now`, each once."""
        rule = review_rule(state.plan)
        waiting = [task for task in state.moving if in_review(task)] if rule else []
        self._since = {
            (task.id, task.attempt): self._since.get((task.id, task.attempt), now) for task in waiting
        }
        return [
            ReviewOverdue(task.id, task.attempt, now - since)
            for task in waiting
            if rule
            and task.review
            and not task.review.overdue
            and now - (since := self._since[task.id, task.attempt]) >= rule.limit
        ]
