"""Whether a wave is behind its schedule, by how much, and whose fault that is (M068)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from engine.core.durations import show
from engine.core.graph import estimate
from engine.core.plan import Plan
from engine.core.state import SETTLED, Phase, State, TaskState, WaveState
from engine.core.strategy import part, texts

LIMIT = 5.0
"""Percent behind its schedule from which on a wave is late, where the plan does not say."""
MOST = 3

_BEHIND = re.compile(r"(\d{1,4}(?:\.\d{1,4})?) ?% behind")


class Late(Struct, frozen=True):
    """A wave that will take `percent` longer than planned; `cause` says why."""

    percent: float
    cause: str


def limit(plan: Plan) -> float:
    """The percent that a plan's documents allow, as in `5% behind schedule`."""
    listed = texts(part(plan, "monitoring_and_control", "progress_tracking").get("escalation_triggers"))
    found = [float(match[1]) for text in listed if (match := _BEHIND.search(text.casefold()))]
    return min(found, default=LIMIT)


def lateness(
    state: State, wave: WaveState, planned: float, elapsed: float, worked: Mapping[str, float]
) -> Late | None:
    """How late a wave is that has been open for `elapsed` seconds and was to take `planned`; None when it is
    within what the plan allows. `worked` are the seconds for which each agent has been at work. What is left
    of a task is told by its progress where its agent reports one, else by its estimate."""
    left = {
        name: _left(state, state.tasks[name], worked.get(name, 0.0))
        for name in wave.tasks
        if state.tasks[name].phase not in SETTLED
    }
    percent = 100.0 * (elapsed + max(left.values(), default=0.0) - planned) / planned
    if percent <= limit(state.plan):
        return None
    over = {name: worked.get(name, 0.0) + rest - estimate(state.spec(name)) for name, rest in left.items()}
    causes = [
        _cause(state, state.tasks[name], worked.get(name, 0.0) + left[name])
        for name in sorted(over, key=lambda name: -over[name])
        if over[name] > 0 or state.tasks[name].frozen or state.tasks[name].phase is Phase.PENDING
    ]
    return Late(percent, "; ".join(causes[:MOST]) or "its merges and gates take their time")


def _left(state: State, task: TaskState, worked: float) -> float:
    expected = estimate(state.spec(task.id))
    if task.phase in (Phase.COMPLETE, Phase.MERGING):
        return 0.0
    if task.progress is not None:
        return expected * (1 - task.progress / 100)
    return max(0.0, expected - worked)


def _cause(state: State, task: TaskState, takes: float) -> str:
    if task.frozen:
        return f"{task.id} stands still"
    if task.phase is Phase.PENDING:
        return f"{task.id} has not started"
    return f"{task.id} takes {show(takes)} instead of {show(estimate(state.spec(task.id)))}"
