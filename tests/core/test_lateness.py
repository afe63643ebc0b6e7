"""A wave that falls behind its schedule is told of once, with the cause (M068)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from world_of_paper import Paper, plan, task, well

from engine.core.evolve import evolve
from engine.core.intents import AgentRequested
from engine.core.lateness import LIMIT, limit
from engine.core.outcomes import AgentStarted, LateSeen
from engine.core.plan import Span
from engine.core.state import State
from engine.core.verdicts import WaveClosed
from engine.world.lateness import Schedule

MINUTE = 60.0


def at_work(*names: str, minutes: float = 10.0, **more: object) -> Paper:
    """A run whose agents have all started and not ended."""
    span = Span(5 * MINUTE, minutes * MINUTE)
    tasks = [task(name, estimate=span) for name in names]
    paper = Paper(plan(*tasks, slots=len(names), **more))
    while going := [intent for intent in paper.open if not isinstance(intent, AgentRequested)]:
        paper.open.remove(going[0])
        for outcome in well(going[0]):
            paper.tell(outcome)
    for intent in [one for one in paper.open if isinstance(one, AgentRequested)]:
        paper.tell(AgentStarted(intent.task, 1, 7, "/log"))
    return paper


def seen(state: State, *minutes: float) -> list[LateSeen]:
    """What is told when the clock is looked at after so many minutes."""
    schedule = Schedule()
    return [one for at in (0.0, *minutes) for one in schedule.look(state, 1_000.0 + at * MINUTE)]


def test_six_percent_over_is_late_and_four_are_not() -> None:
    paper = at_work("a")
    assert seen(paper.state, 10.4) == []
    (late,) = seen(paper.state, 10.6)
    assert (late.wave, late.percent) == (1, 6.0)
    assert late.cause == "a takes 11 min instead of 10 min"


def test_what_an_agent_reports_tells_it_before_the_time_is_over() -> None:
    paper = at_work("a", "b")
    slow = replace(paper.state.tasks["b"], progress=10.0)
    state = replace(paper.state, tasks={**paper.state.tasks, "b": slow})
    (late,) = seen(state, 5.0)
    assert late.percent == 40.0, "5 minutes gone, 9 to go, 10 planned"
    assert late.cause.startswith("b takes 14 min")


def test_it_is_told_once_and_over_with_the_wave() -> None:
    paper = at_work("a")
    (late,) = seen(paper.state, 11)
    paper.tell(late)
    alert = paper.state.alerts[-1]
    assert alert.text == "wave 1 is 10 % behind schedule: a takes 11 min instead of 10 min"
    assert seen(paper.state, 12) == []
    assert not evolve(paper.state, WaveClosed(1)).alerts[-1].open


def test_without_estimates_nothing_is_late() -> None:
    paper = at_work("a")
    bare = replace(paper.state.plan, tasks=(task("a"),))
    state = replace(paper.state, plan=bare, specs={"a": bare.tasks[0]})
    assert seen(state, 1_000) == []


@pytest.mark.parametrize(
    ("triggers", "percent"),
    [(["5% behind schedule"], 5.0), (["12.5 % behind schedule", "Quality gate failures"], 12.5), ([], LIMIT)],
)
def test_the_documents_say_how_late_is_late(triggers: list[str], percent: float) -> None:
    sections = {"monitoring_and_control": {"progress_tracking": {"escalation_triggers": triggers}}}
    assert limit(plan(task("a"), sections=sections)) == percent
