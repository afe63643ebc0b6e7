"""Gates judge the candidate and nothing else."""

from __future__ import annotations

from stagehand import Scene, shell


def test_a_broken_candidate_is_not_let_through_by_what_another_one_built(scene: Scene) -> None:
    """M146: byte-compiled files of the same second would pass for the broken module's own."""
    scene.write({"pkg/m.py": "x = 1\n", ".gitignore": "__pycache__\n*.log\n"})
    scene.git("add", "-A")
    scene.git("commit", "-q", "-m", "a package")
    tasks = [shell(name) for name in ("a", "b", "c")]
    tasks.append(shell("broken", "echo 'def broken(:' >> pkg/m.py"))
    gates = {"task": [{"name": "compiles", "run": "python3 -m compileall -q pkg"}]}
    done = scene.run({"name": "gates", "slots": 4, "tasks": tasks, "gates": gates}, code=1)
    assert done.data["errors"]["broken"]["type"] == "Test Failure"
    assert scene.show("pkg/m.py") == "x = 1"
    assert {name for name, text in done.data["merge_results"].items() if "success" in text} == {"a", "b", "c"}


def test_the_set_up_is_done_in_the_gate_worktree_for_each_candidate(scene: Scene) -> None:
    """What a gate needs is there, once for all gates of a candidate; where it fails, the gate is red."""
    made = scene.folder / "made"
    setup = {"run": f"echo x >> installed.log; echo x >> {made}"}
    gates = {
        "task": [
            {"name": "installed", "run": "test $(wc -l < installed.log) = 1"},
            {"name": "shared", "run": "test -f installed.log"},
        ]
    }
    plan = {"name": "gates", "tasks": [shell("a"), shell("b")], "setup": setup, "gates": gates}
    scene.run(plan)
    assert len(made.read_text().split()) == 4, "two agents, two candidates"

    only_once = f"test ! -e {scene.folder}/twice && touch {scene.folder}/twice"
    done = scene.run({**plan, "tasks": [shell("late")], "setup": {"run": only_once}}, code=1)
    error = done.data["errors"]["late"]
    assert error["type"] == "EnvironmentError"
    assert "the set-up failed there" in error["message"]


def test_two_candidates_are_tested_at_once_each_in_a_worktree_of_its_own(scene: Scene) -> None:
    """M134: the second on top of the first. Each gate waits for the other, which one after the other would
    not end."""
    here = scene.folder
    meet = f"touch {here}/at-$(basename $PWD); echo $(ls [abc].txt) >> {here}/saw; "
    meet += f"test -e {here}/met || until test $(ls {here}/at-* | wc -l) = 2; do sleep 0.05; done; "
    meet += f"touch {here}/met"
    gates = {"task": [{"name": "meets", "run": meet, "timeout": "20 s"}]}
    plan = {"name": "gates", "slots": 3, "tasks": [shell(name) for name in "abc"], "gates": gates}
    scene.run({**plan, "settings": {"merge_order": "plan"}})
    assert sorted(path.name.rpartition("-wt-")[2] for path in scene.folder.glob("at-*")) == ["gate", "gate-2"]
    saw = sorted((scene.folder / "saw").read_text().splitlines())
    assert saw == ["a.txt", "a.txt b.txt", "a.txt b.txt c.txt"]
    assert not list(scene.folder.glob("shop-wt-*"))


def matrix(scene: Scene, run: str, builds: int, **more: object) -> dict[str, object]:
    """A plan whose one gate runs for each of two values, with so many builds."""
    gate = {"name": "tests", "run": run, "timeout": "20 s", "matrix": {"py": [3.1, "4"]}, **more}
    return {"tasks": [shell("a")], "resources": {"build": builds}, "gates": {"task": [gate]}}


def test_the_commands_of_a_matrix_run_side_by_side_as_far_as_builds_are_free(scene: Scene) -> None:
    """M196: with two builds each waits for the other; with one each has to find itself alone"""
    here = scene.folder
    meet = f"touch {here}/at-$py; until test $(ls {here}/at-* | wc -l) = 2; do sleep 0.05; done"
    assert scene.run(matrix(scene, meet, 2)).data["success"]
    assert sorted(path.name for path in here.glob("at-*")) == ["at-3.1", "at-4"]
    alone = f"mkdir {here}/alone; sleep 0.2; rmdir {here}/alone"
    assert scene.run({**matrix(scene, alone, 1), "tasks": [shell("b")]}).data["success"]


def test_a_task_that_takes_a_build_leaves_one_less_for_a_matrix(scene: Scene) -> None:
    """M196, M075"""
    here = scene.folder
    alone = f"test -e b.txt || {{ mkdir {here}/alone; sleep 0.2; rmdir {here}/alone; touch {here}/tested; }}"
    plan = matrix(scene, alone, 2)
    wait = f"until test -e {here}/tested; do sleep 0.05; done; touch b.txt"
    plan["tasks"] = [shell("a"), shell("b", wait, resources={"build": 1})]
    scene.run({**plan, "start_policy": "dependency", "settings": {"gate_slots": 1}})


def test_one_failing_cell_fails_the_gate_and_is_named(scene: Scene) -> None:
    """M196"""
    done = scene.run(matrix(scene, "test $py = 4", 2), code=1)
    assert "py=3.1: exit code 1" in done.data["errors"]["a"]["message"]
    (ended,) = (row["data"] for row in scene.events("GateEnded"))
    assert (ended["verdict"], ended["detail"]) == ("red", "py=3.1: exit code 1")
    assert "gate.task" not in scene("validate", scene.plan(matrix(scene, "true", 1))).out
    wrong = matrix(scene, "true", 1, matrix={"PATH": ["/"]})
    assert "a variable's name in small letters" in scene("validate", scene.plan(wrong), code=2).out
