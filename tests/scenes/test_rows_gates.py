"""What a wave's end waits for: named roles, criteria, red gates (M147, M148, M150)."""

from __future__ import annotations

from stagehand import Scene, shell

HIERARCHY = {
    "coordination_protocols": {"decision_making": {"decision_hierarchy": ["lead", "architect", "boss"]}}
}
TWO = {
    "tasks": [shell("a", "echo a > a.txt"), shell("b", "echo b > b.txt", needs=["a"])],
    "waves": [{"name": "one", "tasks": ["a"]}, {"name": "two", "tasks": ["b"]}],
}


def at_the_end(scene: Scene, **more: object) -> None:
    scene("run", scene.plan({**TWO, **more}), "--detach", "--auto-approve")
    scene.until(lambda s: "waits for" in s["next"], "the end of wave 1")


def test_each_named_role_has_to_sign_before_the_next_wave_starts(scene: Scene) -> None:
    """M147: one of two leaves it waiting; a role that is not asked is refused with who is"""
    at_the_end(scene, gates={"sign_off": [{"name": "quality", "roles": ["lead", "architect"]}]})
    assert scene.git("log", "--format=%s", "main").split() == ["start"], "nothing has landed"
    assert "lead, architect; developer cannot sign" in scene("approve", "--as", "developer", code=2).err
    assert "waits for the sign-off of lead" in scene("approve", code=2).err
    scene("approve", "1", "--as", "lead")
    assert scene("gate", "--json").data["unsigned"] == ["architect"]
    assert scene.task("b")["state"] in ("pending", "waiting")
    scene("approve", "--as", "architect")
    scene.until(lambda s: s["waves"][0]["state"] == "closed", "wave 1 closed")
    for role in ("lead", "architect"):
        scene.until(lambda s: "wave 2" in s["next"] and "waits for" in s["next"], "the end of wave 2")
        scene("approve", "2", "--as", role)
    assert scene.ended()["state"] == "done"


def test_a_higher_role_signs_for_a_lower_one(scene: Scene) -> None:
    """M150"""
    at_the_end(scene, gates={"sign_off": [{"name": "q", "roles": ["architect"]}]}, sections=HIERARCHY)
    assert "cannot sign" in scene("approve", "--as", "lead", code=2).err
    scene("approve", "--as", "boss")
    signed = scene.events("WaveSigned")[0]["data"]
    assert (signed["role"], signed["acting"]) == ("architect", "boss")


def test_headless_says_what_people_are_needed_for(scene: Scene) -> None:
    """M147: exit code 3"""
    plan = scene.plan({**TWO, "gates": {"sign_off": [{"name": "q", "roles": ["architect"]}]}})
    said = scene("run", plan, "--headless", "--auto-approve", code=3).out
    assert "needed: the sign-off of architect" in said


def test_criteria_are_ticked_one_by_one_and_the_next_wave_waits(scene: Scene) -> None:
    """M148: criteria 2/3"""
    waves = [{"name": "one", "tasks": ["a"], "criteria": ["works", "is fast", "is told of"]}, TWO["waves"][1]]
    scene("run", scene.plan({**TWO, "waves": waves}), "--detach")
    scene.until(lambda s: s["waves"][0]["state"] == "offered", "the offer")
    scene("approve")
    scene.until(lambda s: "criteria 0/3" in s["next"], "the end of wave 1")
    scene("gate", "tick", "1", "3", "--note", "seen")
    scene.until(lambda s: "criteria 2/3" in s["next"], "two ticked")
    assert "[ ] 2. is fast" in scene("gate").out
    refused = scene("gate", "tick", "7", code=2).err
    assert "has no criterion 7" in refused and "wavetree gate --wave 1" in refused
    scene("gate", "tick")
    scene.until(lambda s: s["waves"][1]["state"] == "offered", "the next wave")


def test_a_red_gate_is_overridden_with_a_reason_or_tried_again(
    scene: Scene,
) -> None:
    """M147: on record, shown in the report"""
    gate = {"wave": [{"name": "mended", "run": f"test -e {scene.folder}/mended"}]}
    scene.run({**TWO, "gates": gate}, code=1)
    assert "needs a reason" in scene("gate", "override", code=2).err
    scene("gate", "override", "--reason", "known to be flaky")
    assert scene.ended()["state"] == "failed", "the gate of wave 2 is red as well"
    assert scene.status()["waves"][0]["state"] == "closed"
    assert "known to be flaky" in scene("report").out
    (scene.folder / "mended").touch()
    scene("gate", "retry")
    assert scene.ended()["state"] == "done"


ACTED = {
    "parallel_quality_gates": {
        "per_agent_gates": [{"gate": "agent_completion_validation", "actions": ["validate_output"]}],
        "per_block_gates": [{"gate": "block_completion_validation", "actions": ["integration_test"]}],
        "overall_gates": [{"gate": "final_integration_validation", "actions": ["github_sync"]}],
    }
}


def test_gates_of_a_document_run_at_their_levels_and_say_what_was_skipped(scene: Scene) -> None:
    """M145, M146, scenario 7.3"""
    plan = {"tasks": [shell("a"), shell("b", needs=["a"])], "sections": ACTED}
    out = scene.run(plan).out
    assert out.count("✅ gate agent_completion_validation: validate_output of") == 2
    skipped = (
        "– gate block_completion_validation: integration_test after wave {}: skipped: no command configured"
    )
    assert all(skipped.format(number) in out for number in (1, 2))
    assert out.count("final_integration_validation: github_sync") == 1
    assert "skipped" in scene("gate").out


def test_a_red_integration_test_holds_the_next_wave_until_it_is_mended(scene: Scene) -> None:
    """M146, M147, scenario 7.4"""
    plan = {
        "tasks": [shell("a"), shell("b", needs=["a"])],
        "sections": ACTED,
        "gates": {"actions": {"integration_test": f"test -e {scene.folder}/mended"}},
    }
    said = scene.run(plan, code=1).out
    assert "next: `wavetree gate` shows the gates and what can be done; `wavetree resume`" in said
    status = scene.ended()
    assert [wave["state"] for wave in status["waves"]] == ["failed", "pending"]
    assert "block_completion_validation: integration_test" in scene("status").out
    (scene.folder / "mended").touch()
    scene("gate", "retry")
    assert scene.ended()["state"] == "done"


def test_an_unknown_action_is_refused_with_its_line(scene: Scene) -> None:
    section = {"parallel_quality_gates": {"per_agent_gates": [{"gate": "g", "actions": ["fly"]}]}}
    plan = scene.plan({"tasks": [shell("a")], "sections": section})
    assert "'fly'; accepted: validate_output" in scene("validate", plan, code=2).out


def test_a_failing_command_of_one_of_three_criteria_holds_the_next_wave_until_overridden(
    scene: Scene,
) -> None:
    """M148: criteria 2/3; the reason is recorded"""
    waves = [{"name": "one", "tasks": ["a"], "criteria": ["works", "is fast", "is told of"]}, TWO["waves"][1]]
    gates = {"criteria": {"is fast": f"test -e {scene.folder}/fast", "works": "test -e a.txt"}}
    plan = scene.plan({**TWO, "waves": waves, "gates": gates})
    said = scene("run", plan, "--headless", "--auto-approve", code=3).out
    assert "needed: criteria 2/3" in said
    assert [wave["state"] for wave in scene.status()["waves"]] == ["gating", "pending"]
    assert scene.status()["waves"][0]["waiting_for"] == ["criteria 2/3"]
    assert scene.git("log", "--format=%s", "main").split() == ["start"], "nothing has landed"
    assert scene("gate", "tick", "2").code == 0, "it is run once more, and fails again"
    scene.until(lambda s: "criteria 2/3" in s["next"], "the second try")
    assert "needs a reason" in scene("gate", "override", code=2).err
    scene("gate", "override", "--reason", "the machine is slow today")
    assert scene.ended()["state"] == "done"
    assert "the machine is slow today" in scene("report").out


def test_a_criterion_is_ticked_once_its_command_is_green(scene: Scene) -> None:
    """M148"""
    plan = {
        "tasks": [shell("a", criteria=["the file is there"])],
        "gates": {"criteria": {"the file is there": f"test -e a.txt -a -e {scene.folder}/mended"}},
    }
    scene("run", scene.plan(plan), "--headless", "--auto-approve", code=3)
    assert "[ ] 1. a: the file is there" in scene("gate").out
    (scene.folder / "mended").touch()
    scene("gate", "tick", "1")
    assert scene.ended()["state"] == "done"
    assert "[x] 1. a: the file is there" in scene("gate").out
