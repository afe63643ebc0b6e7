"""What one step of the pure core costs, by the size of the plan."""

from __future__ import annotations

import time
from collections import deque
from functools import partial

from benchmarks.instant import answers, created
from benchmarks.layered import layered
from benchmarks.measuring import Row, alternate
from engine import Plan, RunPhase, State
from engine.core.decide import step
from engine.core.intents import Intent

NAME = "engine step"


def run(quick: bool) -> list[Row]:
    """50, 500 and 2,000 tasks in 10 layers."""
    return measure((50, 500) if quick else (50, 500, 2_000), layers=10, rounds=1 if quick else 3)


def measure(sizes: tuple[int, ...], layers: int, rounds: int) -> list[Row]:
    """The mean of all steps of a whole run, in milliseconds; larger plans compared with the smallest."""
    plans = {f"{size}": layered(size, layers) for size in sizes}
    found = alternate({size: partial(whole, plan) for size, plan in plans.items()}, rounds)
    first = str(sizes[0])
    return [
        Row(
            NAME,
            f"a step of a run of {size} tasks",
            seconds * 1e3,
            "ms a step",
            "" if size == first else f"{first} tasks",
            None if size == first else seconds / found[first],
        )
        for size, seconds in found.items()
    ]


def whole(plan: Plan) -> float:
    """Seconds a step, over a whole run in which every effect is there at once."""
    state, events = step(State(), created(plan))
    waiting = deque(event for event in events if isinstance(event, Intent))
    steps = 1
    begun = time.perf_counter()
    while waiting:
        for outcome in answers(waiting.popleft()):
            state, events = step(state, outcome)
            steps += 1
            waiting.extend(event for event in events if isinstance(event, Intent))
    seconds = time.perf_counter() - begun
    if state.phase is not RunPhase.DONE:
        raise RuntimeError(f"the run ended as {state.phase.value}: {state.reason}")
    return seconds / steps
