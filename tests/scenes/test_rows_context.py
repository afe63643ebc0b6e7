"""Texts that agents of one kind share are read once for each wave (M090)."""

from __future__ import annotations

import json

from stagehand import Scene, shell

AGENTS = {"backend": {"kind": "shell", "context": ["docs/rules.md", "docs/none.md"]}}


def backend(name: str, run: str = "", **more: object) -> dict[str, object]:
    keeps = f"cp $WAVETREE_CONTEXT {name}.txt"
    return {**shell(name, f"{keeps}; {run}" if run else keeps), "agent": "backend", **more}


def test_three_tasks_of_one_kind_share_one_read_and_the_next_wave_has_the_new_text(scene: Scene) -> None:
    """M090: one read, two cache hits; a file that wave 1 changes is read again for wave 2."""
    scene.write({"docs/rules.md": "Rule one\n"})
    scene.git("add", "-A")
    scene.git("commit", "-q", "-m", "rules")
    tasks = [backend("a", "echo 'Rule two' > docs/rules.md"), backend("b"), backend("c"), backend("d")]
    waves = [{"name": "one", "tasks": ["a", "b", "c"]}, {"name": "two", "tasks": ["d"]}]
    scene.run({"name": "shared", "tasks": tasks, "waves": waves, "agents": AGENTS})
    assert "Rule one" in scene.show("b.txt")
    assert "(it could not be read: No such file or directory)" in scene.show("b.txt")
    assert "Rule two" in scene.show("d.txt")
    uses = json.loads((scene.repo / ".git/wavetree/runs/r1/context/uses.json").read_text())
    assert [(use["wave"], use["reads"], use["hits"]) for use in uses] == [(1, 2, 2), (2, 2, 0)]
    assert "Context of backend: 2 files read once, 2 cache hits" in scene("report").out
    prompt = scene.repo / ".git/wavetree/runs/r1/tasks/b/1/agent/prompt.md"
    assert "# Shared context" in prompt.read_text()


def test_a_context_cannot_be_taken_from_outside_of_the_repository(scene: Scene) -> None:
    plan = {
        "name": "far",
        "tasks": [backend("a")],
        "agents": {"backend": {"kind": "shell", "context": ["../x"]}},
    }
    refused = scene("validate", scene.plan(plan), code=2)
    assert "agents.backend.context[0]" in refused.out + refused.err
    (scene.folder / "secret").write_text("secret")
    (scene.repo / "link.md").symlink_to(scene.folder / "secret")
    scene.git("add", "-A")
    scene.git("commit", "-q", "-m", "a link")
    agents = {"backend": {"kind": "shell", "context": ["link.md"]}}
    scene.run({"name": "link", "tasks": [backend("a")], "agents": agents})
    assert "(it is not in the worktree)" in scene.show("a.txt")
    assert "secret" not in scene.show("a.txt")
