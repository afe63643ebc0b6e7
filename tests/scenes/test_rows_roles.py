"""M150: the person's role, chosen in the settings, says what they may decide."""

from __future__ import annotations

from stagehand import Scene, shell

MAKING = {
    "decision_hierarchy": ["team_lead", "architect", "orchestrator", "project_manager"],
    "decision_types": {"quality_decisions": "architect", "coordination_decisions": "orchestrator"},
}
PLAN = {
    "tasks": [shell("a"), shell("b", needs=["a"])],
    "gates": {"wave": [{"name": "red", "run": "false"}]},
    "sections": {"coordination_protocols": {"decision_making": MAKING}},
}


def test_as_team_lead_a_quality_decision_is_refused_and_as_project_manager_accepted(scene: Scene) -> None:
    scene.run(PLAN, code=1)
    assert scene("config", "role").out.strip() == "none"
    scene("config", "role", "team_lead")
    override = ("gate", "override", "--reason", "known to be flaky")
    refused = scene(*override, code=2).err
    assert "it needs the role architect, and team_lead may not make it" in refused
    assert "wavetree config role architect" in refused
    assert scene("events", "--json").out.count("GateOverridden") == 0
    scene("config", "role", "project_manager")
    scene(*override, env={"WAVETREE_USER": "ada"})
    scene.ended()
    assert scene.events("GateOverridden")[0]["data"]["by"] == "ada as project_manager"
    scene("config", "role", "none")
    assert scene("config", "role", "--json").data == {"role": None}


def test_a_review_and_a_wave_of_a_run_that_goes_on_ask_for_their_roles_too(scene: Scene) -> None:
    plan = {**PLAN, "tasks": [shell("a")], "gates": {"review": {}}}
    scene("run", scene.plan(plan), "--detach")
    scene.until(lambda s: s["waves"][0]["state"] == "offered", "the offer")
    lead, manager = {"WAVETREE_ROLE": "team_lead"}, {"WAVETREE_ROLE": "project_manager"}
    assert "needs the role orchestrator" in scene("approve", env=lead, code=2).err
    assert "needs the role orchestrator" in scene("approve", "--as", "architect", code=2).err
    scene("approve", env=manager)
    scene.until(lambda s: s["tasks"][0]["state"] == "reviewing", "the review")
    assert "needs the role architect" in scene("review", "approve", "a", env=lead, code=2).err
    assert "needs the role architect" in scene("review", "approve", "a", "--as", "team_lead", code=2).err
    scene("review", "approve", "a", "--as", "architect", env=lead)
    assert scene.ended()["state"] == "done"


def test_a_run_that_has_ended_is_not_taken_up_by_who_may_not_let_its_waves_go(scene: Scene) -> None:
    scene("run", scene.plan(PLAN), "--detach")
    scene.until(lambda s: s["waves"][0]["state"] == "offered", "the offer")
    scene("reject")
    scene.ended()
    lead = {"WAVETREE_ROLE": "team_lead"}
    assert "needs the role orchestrator" in scene("resume", "--auto-approve", env=lead, code=2).err
    assert scene.status()["state"] == "stopped"


def test_what_is_no_name_of_a_role_is_refused(scene: Scene) -> None:
    assert "accepted: the name of a role" in scene("config", "role", "a b", code=2).err
