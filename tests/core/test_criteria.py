"""M148: a wave counts as done when its checklist is ticked, by command or by a person."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from world_of_paper import Paper, plan, task

from engine.core.commands import Override, Resume, Stop, Tick
from engine.core.criteria import ticked
from engine.core.errors import Refused
from engine.core.gauged import GateLevel, GateVerdict
from engine.core.intents import GateRequested, Intent, LandRequested
from engine.core.outcomes import AgentExited, AgentStarted, GateEnded, Outcome
from engine.core.plan import Gates, Plan, StartPolicy
from engine.core.signing import people_wanted
from engine.core.state import RunPhase, WavePhase

THREE = ("works", "is fast", "is told of")


def checked(*, auto: bool = True, **more: object) -> Paper:
    """A run of two waves, the first with three criteria of which `is fast` has a command."""
    made = plan(
        task("a"), task("b", "a"), waves=[("a",), ("b",)], gates=Gates(criteria={"is fast": "make bench"})
    )
    first = replace(made.waves[0], criteria=THREE)
    return Paper(replace(made, waves=(first, made.waves[1]), **more), auto=auto)


def ended(intent: GateRequested, verdict: GateVerdict) -> GateEnded:
    return GateEnded(intent.key, intent.level, intent.subject, intent.gate.name, verdict)


def slow(intent: Intent) -> tuple[Outcome, ...] | None:
    if isinstance(intent, GateRequested) and intent.level is GateLevel.CRITERION:
        return (ended(intent, GateVerdict.RED),)
    return None


def test_a_criterion_with_a_command_that_fails_leaves_two_of_three_and_the_next_wave_waits() -> None:
    paper = checked()
    paper.run(slow)
    assert people_wanted(paper.state) == ("criteria 2/3",)
    assert paper.state.waves[1].phase is WavePhase.PENDING
    assert not paper.events(LandRequested), "nothing has landed"
    assert "is fast is not met" in paper.state.alerts[-1].text


def test_a_green_command_ticks_its_criterion_on_what_is_about_to_land() -> None:
    paper = checked()
    paper.run()
    assert paper.state.phase is RunPhase.DONE
    asked = [one for one in paper.events(GateRequested) if isinstance(one, GateRequested)]
    assert [(one.gate.name, one.gate.run, one.sha) for one in asked] == [
        ("criterion 2: is fast", "make bench", "base0+a")
    ]


def test_nobody_can_tick_by_hand_what_a_command_says_but_it_can_be_asked_again() -> None:
    paper = checked(auto=False)
    paper.run()
    paper.approve()
    paper.run(slow)
    assert people_wanted(paper.state) == ("criteria 0/3",)
    paper.tell(Tick(1, (), "kim"))
    assert people_wanted(paper.state) == ("criteria 2/3",)
    paper.run()
    assert paper.state.waves[0].phase is WavePhase.CLOSED
    with pytest.raises(Refused, match="is ticked by its command: make bench"):
        paper.tell(Tick(1, (2,), "kim"))


def test_an_override_with_a_reason_lets_it_go_on_and_is_on_record() -> None:
    paper = checked()
    paper.run(slow)
    paper.tell(Override(1, "slow machine", "kim"))
    paper.run()
    assert paper.state.phase is RunPhase.DONE
    assert (paper.state.decisions[0].by, paper.state.decisions[0].note) == ("kim", "slow machine")


def test_a_resume_asks_the_command_again() -> None:
    paper = checked()
    paper.run(slow)
    paper.tell(Stop())
    paper.run()
    paper.tell(Resume("kim", True))
    paper.run()
    assert paper.state.phase is RunPhase.DONE


def accepted() -> Plan:
    return plan(task("a", criteria=("can be seen",)), task("b", criteria=("can be heard",)))


def test_the_acceptance_criteria_of_the_tasks_are_on_the_checklist_of_their_wave() -> None:
    paper = Paper(accepted(), auto=False)
    paper.run()
    paper.approve()
    paper.run()
    assert people_wanted(paper.state) == ("criteria 0/2",)
    paper.tell(Tick(1, (1,), "kim"))
    assert people_wanted(paper.state) == ("criteria 1/2",)
    paper.tell(Tick(1, (2,), "kim"))
    paper.run()
    assert paper.state.phase is RunPhase.DONE


def failing(intent: Intent) -> tuple[Outcome, ...] | None:
    if getattr(intent, "key", "").startswith("agent:b"):
        return (AgentStarted("b", 1, 4711, "/log"), AgentExited(getattr(intent, "key", ""), "b", 1, 1))
    return None


def test_what_a_task_that_failed_was_to_meet_is_asked_of_nobody() -> None:
    paper = Paper(accepted(), auto=False)
    paper.run()
    paper.approve()
    paper.run(failing)
    assert people_wanted(paper.state) == ("criteria 0/1",)


def test_an_approval_lets_a_wave_begin_while_the_one_before_waits_for_ticks() -> None:
    waves = (replace(accepted().waves[0], tasks=("a",), criteria=("works",)),)
    made = replace(accepted(), waves=(*waves, replace(accepted().waves[0], number=2, tasks=("b",))))
    paper = Paper(replace(made, start_policy=StartPolicy.DEPENDENCY), auto=False)
    paper.run()
    paper.approve(1)
    paper.run()
    assert people_wanted(paper.state) == ("criteria 0/2",)
    assert paper.state.waves[1].phase is WavePhase.OFFERED
    paper.approve()
    assert paper.state.waves[1].phase is WavePhase.OPEN


def test_what_nobody_has_ticked_yet_is_not_shown_as_ticked() -> None:
    paper = Paper(accepted())
    assert ticked(paper.state, paper.state.waves[0]) == frozenset()
    paper.run(failing)
    assert ticked(paper.state, paper.state.waves[0]) == {1}, "what the failed one was to meet is not met"
