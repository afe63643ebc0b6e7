"""M174 on paper: the procedures' words, and that a red gate keeps no run from its end."""

from __future__ import annotations

import pytest
from world_of_paper import Paper, plan, task

from engine.core.commands import Approve, Override, RetryGate
from engine.core.errors import Refused
from engine.core.gauged import GateVerdict
from engine.core.intents import AgentRequested, GateRequested
from engine.core.outcomes import AgentStarted, CoordinationFailed, GateEnded
from engine.core.plan import Gate, Gates
from engine.core.recovery import INTEGRATION, USUAL, procedure
from engine.core.state import RunPhase, WavePhase
from engine.core.verdicts import ProcedureStarted


def red_once(paper: Paper) -> None:
    """Every intent is answered well, but for the first gate of a wave, which is red."""
    paper.run(
        lambda one: (
            (GateEnded(one.key, one.level, one.subject, one.gate.name, GateVerdict.RED),)
            if isinstance(one, GateRequested) and not paper.state.results
            else None
        )
    )


def attended() -> Paper:
    gates = Gates(wave=(Gate("fits", "true"),))
    paper = Paper(plan(task("a"), task("b", "a"), waves=[("a",), ("b",)], gates=gates), auto=False)
    paper.run()
    paper.tell(Approve())
    red_once(paper)
    return paper


def test_a_red_gate_waits_for_a_person_who_runs_it_again() -> None:
    """M147: and the run goes on from there."""
    paper = attended()
    assert paper.state.phase is RunPhase.ACTIVE
    assert paper.state.waves[0].phase is WavePhase.FAILED
    (started,) = paper.events(ProcedureStarted)
    assert (started.procedure, started.subject, started.tasks) == (INTEGRATION, "wave 1", ("b",))
    with pytest.raises(Refused, match="wave 2 has none that is red"):
        paper.tell(RetryGate(2))
    paper.tell(RetryGate())
    paper.run()
    assert [wave.phase for wave in paper.state.waves] == [WavePhase.CLOSED, WavePhase.OFFERED]
    assert not [alert for alert in paper.state.alerts if alert.open]


def test_an_override_settles_the_procedure_too() -> None:
    paper = attended()
    paper.tell(Override(1, "known"))
    paper.run()
    assert paper.state.waves[0].phase is WavePhase.CLOSED
    assert not paper.state.behind_red
    assert not [alert for alert in paper.state.alerts if alert.open]


def test_without_a_person_the_run_ends_with_the_gate_as_its_reason() -> None:
    paper = Paper(plan(task("a"), gates=Gates(wave=(Gate("fits", "true"),))))
    red_once(paper)
    assert paper.state.phase is RunPhase.FAILED
    assert paper.state.reason == "wave 1: gate fits red"


def test_a_plan_may_have_its_own_words() -> None:
    own = {"recovery_procedures": {INTEGRATION: {"resolution": "talk", "immediate_response": "run"}}}
    made = plan(task("a"), sections=own)
    usual = USUAL[INTEGRATION]
    assert procedure(made, INTEGRATION) == type(usual)(usual.response, "talk", usual.prevention)
    assert procedure(plan(task("a"), sections={"recovery_procedures": [1]}), INTEGRATION) == usual


def test_a_missed_point_says_how_it_is_settled_and_prevented() -> None:
    point = {"sync_point_id": "p", "name": "P", "participants": ["a", "b"], "duration": "1 hour"}
    sections = {"coordination_protocols": {"synchronization_points": [point]}}
    paper = Paper(plan(task("a"), task("b"), sections=sections))
    paper.run(lambda one: (AgentStarted(one.task, 1, 7, "/l"),) if isinstance(one, AgentRequested) else None)
    paper.tell(CoordinationFailed("P", 3600))
    assert (
        "resolution: Re-establish communication protocols and dependencies" in paper.state.alerts[-1].remedy
    )
    assert "prevention: Enhanced monitoring and backup communication" in paper.state.alerts[-1].remedy
