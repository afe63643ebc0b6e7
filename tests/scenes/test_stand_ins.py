"""A plan that says nothing of what its simulated agents do runs to its end all the same (M101)."""

from __future__ import annotations

from stagehand import Scene


def test_simulated_tasks_without_a_simulation_change_what_they_declare_and_are_merged(scene: Scene) -> None:
    declared = {"id": "one", "agent": "simulated", "files": ["app.txt", "src/*.txt"], "steps": ["a", "b"]}
    scene.run({"tasks": [declared, {"id": "two", "agent": "simulated"}]})
    assert scene.show("app.txt") == "a\nb\nc\nsimulated: one"
    assert scene.show("simulated/two.txt") == "simulated: two"
    assert {row["data"]["commits"] for row in scene.events("Collected")} == {1}
