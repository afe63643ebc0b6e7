"""The recovery procedures and a red gate that runs again while the run goes on: one test for each row."""

from __future__ import annotations

from typing import Any

from stagehand import Scene, shell

TEXTS = {
    "integration_failure": (
        "Interface redesign and coordinated re-implementation",
        "More frequent integration testing and contract validation",
    ),
    "resource_conflict": (
        "Negotiated resolution or alternative resource allocation",
        "Improved resource scheduling and conflict prediction",
    ),
}


def of(status: Any, name: str) -> Any:
    return next(task for task in status["tasks"] if task["id"] == name)


def started(scene: Scene, procedure: str) -> list[Any]:
    """What the events of that procedure say; its texts are shown."""
    found = [row["data"] for row in scene.events("ProcedureStarted")]
    assert [one["procedure"] for one in found] == [procedure] * len(found)
    shown = scene("status").out
    for one in found:
        assert (one["resolution"], one["prevention"]) == TEXTS[procedure]
    assert all(text in shown for text in TEXTS[procedure])
    return found


def gated(scene: Scene) -> dict[str, Any]:
    """Two waves by dependency: `b` needs what the red gate of wave 1 tests, `c` does not."""
    slow = f"echo > $WAVETREE_TASK.txt; until test -e {scene.folder}/go; do sleep 0.05; done"
    begun = f"{scene.folder}/begun"
    check = f"until test -e {begun}; do sleep 0.05; done; test -e {scene.folder}/mended"
    return {
        "name": "gated",
        "slots": 3,
        "start_policy": "dependency",
        "tasks": [shell("a"), shell("b", f"touch {begun}; {slow}", needs=["a"]), shell("c", slow)],
        "waves": [{"tasks": ["a"]}, {"tasks": ["b", "c"]}],
        "gates": {"wave": [{"name": "fits", "run": check}]},
        "settings": {"poll_interval": "0.5 s"},
    }


def red(scene: Scene) -> Any:
    """The status once the gate is red and who depends on it is paused."""
    return scene.until(
        lambda s: s["waves"][0]["state"] == "failed" and of(s, "b")["paused"], "the pause behind the red gate"
    )


def test_a_failed_integration_test_stops_what_depends_on_it_until_it_is_green(scene: Scene) -> None:
    """M174, M147: the agent is paused where it is; others go on, and the gate runs again in the live run."""
    scene("run", scene.plan(gated(scene)), "--detach")
    for number in (1, 2):
        scene.until(lambda s, n=number: s["waves"][n - 1]["state"] == "offered", "the offer")
        scene("approve", str(number))
    status = red(scene)
    assert (of(status, "c")["state"], of(status, "c")["paused"]) == ("running", False)
    assert of(status, "b")["waiting_for"] == ["the gate fits of wave 1, which is red"]
    assert "wave 1 waits for its red gate fits" in status["next"]
    (one,) = started(scene, "integration_failure")
    assert (one["response"], one["subject"], one["tasks"]) == ("stop dependent tasks", "wave 1", ["b"])
    assert "wavetree gate retry" in scene("gate").out

    scene("gate", "retry")
    scene.until(lambda s: len(scene.events("ProcedureStarted")) == 2, "the second red gate")
    red(scene)
    (scene.folder / "mended").touch()
    assert "run again" in scene("gate", "retry", "--wave", "1").out
    scene.until(lambda s: s["waves"][0]["state"] == "closed" and not of(s, "b")["paused"], "the green gate")
    assert not any(one["kind"] in ("coordination", "escalation") for one in scene.status()["alerts"])
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert [row["data"]["wave"] for row in scene.events("GateRetried")] == [1, 1]
    assert "no gate" not in scene("report").out


def test_a_red_gate_is_overridden_in_the_live_run(scene: Scene) -> None:
    """M147, M174: what was stopped goes on."""
    scene("run", scene.plan(gated(scene)), "--detach")
    for number in (1, 2):
        scene.until(lambda s, n=number: s["waves"][n - 1]["state"] == "offered", "the offer")
        scene("approve", str(number))
    red(scene)
    scene("gate", "override", "--reason", "known")
    scene.until(lambda s: s["waves"][0]["state"] == "closed" and not of(s, "b")["paused"], "the override")
    assert "there is none that is red" in scene("gate", "retry", code=2).err
    scene("stop")


def test_without_anybody_to_look_at_the_red_gate_the_run_ends_and_is_taken_up(scene: Scene) -> None:
    """M174, M147: what was stopped is ended, its work stays, and the gate is tried again."""
    scene.go(gated(scene))
    red(scene)
    (scene.folder / "go").touch()
    status = scene.ended()
    assert (status["state"], of(status, "b")["state"], of(status, "c")["state"]) == (
        "failed",
        "stopped",
        "merged",
    )
    assert "gate fits red" in status["reason"]
    assert (scene.folder / "shop-wtb" / "b.txt").exists()
    (scene.folder / "mended").touch()
    scene("gate", "retry")
    assert scene.ended()["state"] == "done"


def test_headless_says_that_a_red_gate_waits_for_a_person(scene: Scene) -> None:
    """M147: exit code 3, and the run goes on after a retry from elsewhere"""
    plan = {
        "tasks": [shell("a")],
        "gates": {"wave": [{"name": "g", "run": f"test -e {scene.folder}/mended"}]},
    }
    scene("run", scene.plan(plan), "--headless", code=3)
    said = scene("approve").out + scene("attach", "--headless", code=3).out
    assert "needed: the red gate g; look at it with: wavetree gate" in said
    (scene.folder / "mended").touch()
    scene("gate", "retry")
    assert scene.ended()["state"] == "done"


def test_a_resource_that_several_teams_use_at_once_is_frozen(scene: Scene) -> None:
    """M174, M076: who has it keeps it, and then one after the other gets it."""
    slow = f"until test -e {scene.folder}/go; do sleep 0.05; done; echo > $WAVETREE_TASK.txt"
    tasks = [
        shell("a", slow, team="red", resources={"database": 1}),
        shell("b", slow, team="blue", resources={"database": 1}),
        *(shell(name, needs=["e"], team="red", resources={"database": 1}) for name in "cd"),
        shell("e"),
    ]
    waves = [{"tasks": list("abe")}, {"tasks": list("cd")}]
    scene.go({"slots": 5, "start_policy": "dependency", "tasks": tasks, "waves": waves})
    status = scene.until(lambda s: of(s, "c")["waiting_for"] == ["frozen: database"], "the freeze")
    (one,) = started(scene, "resource_conflict")
    assert (one["response"], one["subject"], one["tasks"]) == ("freeze resource", "database", ["a", "b"])
    assert {of(status, name)["state"] for name in "ab"} == {"running"}
    (row,) = scene("resource", "--json").data
    assert row["frozen"]
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    order = [(row["kind"], row["task"]) for row in scene.events() if row["task"] in ("c", "d")]
    first, second = sorted("cd", key=lambda name: order.index(("WorktreeRequested", name)))
    assert order.index(("AgentExited", first)) < order.index(("WorktreeRequested", second))
