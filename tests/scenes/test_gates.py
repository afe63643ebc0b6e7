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
