"""A run that nobody has started, so that it can be looked at before."""

from __future__ import annotations

from engine.core.evolve import evolve
from engine.core.plan import Plan
from engine.core.state import State
from engine.core.verdicts import RunCreated


def unstarted(plan: Plan, slots: int) -> State:
    """The state that a run of this plan would begin with; it has no id, no repository and no commits."""
    return evolve(State(), RunCreated("", plan, "", plan.base, "", "", slots))
