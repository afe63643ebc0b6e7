"""How far a run is and how fast it goes, by count (M115)."""

from __future__ import annotations

from msgspec import Struct

from engine.core.state import DONE, State


class Headway(Struct, frozen=True):
    """`done` of `tasks` are merged or were complete before, `met` of `needs` are satisfied; `seconds` is the
    time since the run began. Rates are None where there is nothing to divide by."""

    done: int
    tasks: int
    met: int
    needs: int
    seconds: float

    @property
    def completion(self) -> float | None:
        """Percent of the tasks that are done."""
        return 100 * self.done / self.tasks if self.tasks else None

    @property
    def velocity(self) -> float | None:
        """Tasks done in an hour."""
        return 3600 * self.done / self.seconds if self.seconds > 0 else None

    @property
    def resolution(self) -> float | None:
        """Percent of the needs that are satisfied."""
        return 100 * self.met / self.needs if self.needs else None


def headway(state: State, seconds: float) -> Headway:
    """How far a run is that began so many seconds ago; a need is met when its task is done, or has reached
    the milestone that is waited for."""
    done = {task.id for task in state.tasks.values() if task.phase in DONE}
    needs = [need for spec in state.specs.values() for need in spec.needs]
    met = [
        need
        for need in needs
        if need.task in done or (need.milestone and need.milestone in state.tasks[need.task].milestones)
    ]
    return Headway(len(done), len(state.tasks), len(met), len(needs), seconds)
