"""M150: who may decide what, and who ranks above whom."""

from __future__ import annotations

from typing import Any

import pytest
from world_of_paper import Paper, plan, task

from engine.core.authority import hierarchy
from engine.core.commands import (
    Approve,
    Command,
    FreezeResource,
    InRole,
    Isolate,
    Override,
    Pause,
    Resolve,
    Review,
    SetSlots,
    Stop,
)
from engine.core.errors import Refused
from engine.core.intents import AgentRequested, Intent
from engine.core.outcomes import Outcome
from engine.core.plan import Gates, Settings, SignOff
from engine.core.respond import respond
from engine.core.state import Verb

MAKING = {
    "decision_hierarchy": ["team_lead", "architect", "orchestrator", "project_manager"],
    "decision_types": {
        "technical_decisions": "architect",
        "coordination_decisions": "orchestrator",
        "resource_decisions": "project_manager",
        "quality_decisions": "architect",
    },
}
SECTIONS: dict[str, Any] = {"coordination_protocols": {"decision_making": MAKING}}


def begun(*, auto: bool = True, **more: Any) -> Paper:
    """A run at whose agents nothing has ended yet."""

    def at_work(intent: Intent) -> tuple[Outcome, ...] | None:
        return () if isinstance(intent, AgentRequested) else None

    made = plan(task("a", resources={"db": 1.0}), task("b"), sections=SECTIONS, **more)
    paper = Paper(made, auto=auto)
    paper.run(at_work)
    return paper


QUALITY = Override(1, "flaky", "kim")


def test_as_team_lead_a_quality_decision_is_refused_with_the_needed_role() -> None:
    with pytest.raises(Refused, match="it needs the role architect, and team_lead may not"):
        begun().tell(InRole("team_lead", QUALITY))


@pytest.mark.parametrize("role", ["architect", "orchestrator", "project_manager"])
def test_the_role_itself_and_every_higher_one_may_and_it_is_on_record(role: str) -> None:
    paper = begun()
    paper.tell(InRole(role, QUALITY))
    assert paper.state.decisions[-1].by == f"kim as {role}"


KINDS: list[tuple[Command, str, str]] = [
    (QUALITY, "quality", "architect"),
    (Review("a"), "quality", "architect"),
    (Resolve("c1", ()), "technical", "architect"),
    (Isolate("a"), "coordination", "orchestrator"),
    (Approve(1), "coordination", "orchestrator"),
    (FreezeResource("db"), "resource", "project_manager"),
    (SetSlots(2), "resource", "project_manager"),
]


@pytest.mark.parametrize(("command", "kind", "needed"), KINDS)
def test_each_kind_of_decision_needs_its_role(command: Command, kind: str, needed: str) -> None:
    state = begun().state
    with pytest.raises(Refused, match=f"a {kind} decision; it needs the role {needed}"):
        respond(state, InRole("team_lead", command))


def test_what_holds_or_stops_is_everybodys() -> None:
    state = begun().state
    assert list(respond(state, InRole("team_lead", Pause(("a",)))))
    assert list(respond(state, InRole("team_lead", Stop("kim"))))


def test_who_has_chosen_no_role_and_a_plan_that_names_none_decide_as_before() -> None:
    paper = begun()
    paper.tell(QUALITY)
    assert paper.state.decisions[-1].by == "kim"
    other = Paper(plan(task("a")))
    other.tell(InRole("team_lead", QUALITY))
    assert other.state.decisions[-1].verb is Verb.OVERRIDE


def test_the_role_of_the_settings_holds_for_who_has_chosen_none() -> None:
    paper = begun(settings=Settings(role="team_lead"))
    with pytest.raises(Refused, match="needs the role architect"):
        paper.tell(QUALITY)
    paper.tell(InRole("project_manager", QUALITY))


def test_a_wave_is_let_go_by_who_may_and_the_role_that_was_typed_counts() -> None:
    paper = Paper(plan(task("a"), sections=SECTIONS), auto=False)
    paper.run()
    with pytest.raises(Refused, match="needs the role orchestrator, and architect may not"):
        paper.tell(InRole("project_manager", Approve(1, "kim", role="architect")))
    paper.tell(InRole("project_manager", Approve(1, "kim")))
    assert paper.state.waves[0].approved_by == "kim"


def test_at_a_waves_end_one_signs_for_the_role_that_is_asked() -> None:
    made = plan(task("a"), sections=SECTIONS, gates=Gates(sign_off=(SignOff("q", ("team_lead",)),)))
    paper = Paper(made)
    paper.run()
    paper.tell(InRole("team_lead", Approve(1, "kim")))
    assert paper.state.waves[0].signed == ("team_lead",)


def test_a_hierarchy_may_stand_alone() -> None:
    assert hierarchy(plan(task("a"), sections={"decision_hierarchy": ["one", "two"]})) == ("one", "two")
