"""Scenes: who does which task."""

from __future__ import annotations

import json
from pathlib import Path

from stagehand import Scene

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


def leaves_a_mark(by: str) -> dict[str, list[str]]:
    return {"command": ["bash", "-c", "echo $0 > $1.made-by", by, "{task}"]}


def test_agents_of_one_wave_run_their_own_commands_and_an_unknown_one_the_default(scene: Scene) -> None:
    """M097: marker files of two commands and of the default one, which a warning names."""
    tasks = [
        {"id": name, "agent": agent, "title": name}
        for name, agent in (
            ("design", "doctype-designer"),
            ("api", "api-architect"),
            ("shop", "code_developer"),
        )
    ]
    agents = {name: leaves_a_mark(name) for name in ("doctype-designer", "api-architect")}
    settings = {"agent": "anyone", "agents": {"anyone": leaves_a_mark("anyone")}}
    scene.write({".wavetree.yaml": json.dumps(settings)})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "settings")
    done = scene.run({"slots": 3, "agents": agents, "tasks": tasks})
    assert done.data["success"]
    marks = {task["id"]: scene.show(f"{task['id']}.made-by") for task in tasks}
    assert marks == {"design": "doctype-designer", "api": "api-architect", "shop": "anyone"}
    assert "no agent is called 'code_developer': the default agent 'anyone' does 'shop'" in done.err
    assert done.err.count("no agent is called") == 1


def test_roles_of_a_document_are_the_default_agents_and_that_is_said_once(scene: Scene) -> None:
    """M097: nobody has to define an agent for each name of a document."""
    document = DOCUMENTS / "000_agent_dependency_analysis.yaml"
    scene.write({".wavetree.yaml": "agent: simulated\n"})
    found = scene("validate", str(document), "--json").data["warnings"]
    (told,) = (one for one in found if "default agent" in one["message"])
    assert "are no agents of this plan" in told["message"]
    assert "the default agent 'simulated' does their tasks" in told["message"]
