"""A wave watches names: two agents that add the same route in different files are told of it (M053)."""

from __future__ import annotations

from stagehand import Scene, shell


def test_two_agents_that_add_one_route_in_two_files_raise_a_naming_conflict(scene: Scene) -> None:
    """M053: while they type, uncommitted; both files are named; nobody is paused and both merge."""
    stay = f"for n in $(seq 100); do test -e {scene.folder}/seen && break; sleep 0.1; done"
    route = "printf 'def get_users():\\n    return []\\n' > {}; "
    tasks = [shell("a", route.format("users.py") + stay), shell("b", route.format("people.py") + stay)]
    waves = [{"name": "api", "tasks": ["a", "b"], "watch": ["API endpoint naming conflicts"]}]
    scene.go({"name": "names", "slots": 2, "tasks": tasks, "waves": waves})
    status = scene.until(lambda status: status["conflicts"], "the conflict")
    assert "both add get_users" in status["conflicts"][0]["text"]
    assert status["conflicts"][0]["files"] == ["users.py", "people.py"]
    listed = scene("conflicts", "--json").data
    assert [one["kind"] for one in listed] == ["naming"]
    assert {task["state"] for task in status["tasks"]} == {"running"}
    refused = scene("resolve", listed[0]["id"], code=None)
    assert "about a name" in refused.err
    (scene.folder / "seen").touch()
    assert scene.ended()["state"] == "done"
    assert not [one for one in scene("conflicts", "--json").data if one["state"] != "resolved"]


def test_an_expression_that_is_none_is_an_error_of_the_plan(scene: Scene) -> None:
    waves = [{"name": "w", "tasks": ["a"], "watch": ["api/*.py: /(/"]}]
    refused = scene("validate", scene.plan({"name": "bad", "tasks": [shell("a")], "waves": waves}), code=2)
    assert "waves[0].watch[0]" in refused.out + refused.err
