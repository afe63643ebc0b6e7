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
