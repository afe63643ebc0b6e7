"""How fast a team was over a whole run: points or tasks a day (M192)."""

from __future__ import annotations

from msgspec import Struct

from engine.core.record.chronicle import Chronicle
from engine.core.state import Phase

DAY = 86_400.0


class Pace(Struct, frozen=True):
    """`tasks` merged in so many `days`, and their `points`; None when one of them has none, for then the sum
    would say too little."""

    tasks: int
    days: float
    points: float | None = None

    @property
    def tasks_per_day(self) -> float | None:
        """None where no time passed."""
        return self.tasks / self.days if self.days > 0 else None

    @property
    def points_per_day(self) -> float | None:
        """None where no time passed, or a merged task has no points."""
        return self.points / self.days if self.days > 0 and self.points is not None else None


def pace(told: Chronicle) -> Pace:
    """From the first worktree to the last thing an attempt did; waits for a person count, they are the
    team's."""
    merged = [told.state.spec(task.id) for task in told.state.tasks.values() if task.phase is Phase.MERGED]
    sizes = [spec.points for spec in merged if spec.points is not None]
    days = max(0.0, told.done - told.begun) / DAY
    return Pace(len(merged), days, sum(sizes) if sizes and len(sizes) == len(merged) else None)
