"""Sync points hold real agents until all are there and a person finds the criteria met (M153)."""

from __future__ import annotations

from typing import Any

from stagehand import Scene, simulated

POINT = "API Contract Validation"


def plan(**more: Any) -> dict[str, Any]:
    point = {"sync_point_id": "api", "name": POINT, "participants": ["a", "b"], "duration": "1 day"}
    asks = f'::wavetree to=person type=sync_request message="{POINT}"'
    return {
        "slots": 2,
        "tasks": [
            simulated("a", {"at": 0.1, "output": asks}, {"at": 0.4, "says": "on"}, seconds=0.8),
            simulated("b", {"at": 0.6, "milestone": POINT}, seconds=1.2),
        ],
        "coordination_protocols": {"synchronization_points": [{**point, **more}]},
    }


def test_the_first_waits_and_both_go_on_after_the_criteria_are_approved(scene: Scene) -> None:
    """M153: one asks by a message, the other reaches the milestone; both stand still meanwhile"""
    scene("run", scene.plan(plan(success_criteria=["API contracts agreed"])), "--detach")
    scene.until(lambda status: status["waves"] and status["waves"][0]["state"] == "offered", "the wave")
    scene("approve")
    scene.until(lambda status: all(one["state"] == "coordinating" for one in status["tasks"]), "both")
    assert [one.status() for one in scene.processes("a") if "simulated_process" in str(one.cmdline())]
    (point,) = scene("sync", "--json").data
    assert (point["state"], point["arrived"], point["approved"]) == ("waiting", ["a", "b"], None)
    assert f"wavetree approve '{POINT}'" in scene("sync").out
    assert scene("approve", POINT).out == f"the criteria of {POINT} are approved\n"
    assert scene.ended()["state"] == "done"
    assert [row["data"]["task"] for row in scene.events("PointReached")] == ["a", "b"]
    assert scene("sync", "--json").data[0]["state"] == "passed"


def test_a_missed_point_holds_who_came_until_a_person_lets_it_go_on(scene: Scene) -> None:
    """M154: also when the engine was killed meanwhile"""
    made = plan(duration="1s", failure_procedures=["Design iteration", "Timeline adjustment"])
    made["tasks"][1]["simulate"]["do"].pop()
    made["tasks"][1]["simulate"]["duration"] = 30
    scene("run", scene.plan({**made, "settings": {"poll_interval": "1s"}}), "--detach", "--auto-approve")
    scene.until(lambda status: bool(status["alerts"]), "the alert")
    (failure,) = scene.events("CoordinationFailed")
    assert failure["data"]["procedure"] == "coordination_failure"
    assert failure["data"]["response"] == "alert and hold participants"
    (engine,) = [one for one in scene.processes() if "engine.serve" in one.cmdline()]
    engine.kill()
    engine.wait()
    scene("resume", "--detach")
    assert scene.task("a")["state"] == "coordinating"
    out = scene("sync").out
    assert "procedure  Design iteration" in out
    assert scene("sync", "choose", POINT, "Prayer", code=2).err
    scene("sync", "choose", POINT, "Timeline adjustment")
    assert scene.events("ProcedureChosen")[0]["data"]["procedure"] == "Timeline adjustment"
    scene("approve", "api")
    scene.until(lambda status: scene.task("a")["state"] == "merged" or scene.task("a")["state"] == "complete")
    scene("stop")


def test_a_name_that_stands_for_nobody_is_a_warning(scene: Scene) -> None:
    """M153"""
    path = scene.plan(plan(participants=["a", "backend_teams", "architect"]))
    words = " ".join(str(one) for one in scene("validate", path, "--json").data["warnings"])
    assert "no task or team is called 'backend_teams'" in words
    assert "architect" not in words


def test_the_meetings_of_a_plan_are_shown_with_their_next_times(scene: Scene) -> None:
    """M155"""
    meeting = {"communication_type": "parallel_team_standup", "frequency": "daily", "time": "9:00 AM"}
    made = plan()
    made["coordination_protocols"]["communication_schedule"] = [{**meeting, "agenda": ["Blockers"]}]
    out = scene("plan", scene.plan(made), "--schedule").out
    assert "parallel_team_standup daily 9:00 AM next " in out
    assert "agenda        Blockers" in out
