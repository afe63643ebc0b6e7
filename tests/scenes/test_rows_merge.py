"""The merge queue and the landing, on real branches."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from stagehand import Scene, shell, simulated


def merges(scene: Scene, base: str, tip: str = "main") -> list[str]:
    """The tasks merged on the first-parent chain since `base`, oldest first."""
    said = scene.git(
        "log",
        "--first-parent",
        "--reverse",
        "--format=%(trailers:key=Wavetree-Task,valueonly)",
        f"{base}..{tip}",
    )
    return said.split()


def test_branches_are_merged_one_at_a_time_each_on_the_tip_before_and_gated_there(scene: Scene) -> None:
    """M133, M105, M091, M093: three merges in order, each branch's merge base the tip before it"""
    base = scene.git("rev-parse", "main")
    lasts = {"PROJ-1": 0.9, "PROJ-2": 0.2, "PROJ-3": 0.5}
    tasks = [simulated(name, seconds=lasts[name], title=f"Do {name}") for name in lasts]
    gate = "echo $(ls PROJ-*.txt) >> ${SCENE_GATES:?}"
    scene.env["SCENE_GATES"] = str(scene.folder / "gates.txt")
    done = scene.run({"slots": 3, "tasks": tasks, "gates": {"task": [{"name": "list", "run": gate}]}})
    assert done.data["repository"] == "ok"
    assert merges(scene, base) == ["PROJ-2", "PROJ-3", "PROJ-1"]
    chain = scene.git("rev-list", "--first-parent", "--reverse", f"{base}..main").split()
    before = base
    for commit in chain:
        first, second = scene.git("rev-parse", f"{commit}^1", f"{commit}^2").split()
        assert first == before
        assert scene.git("merge-base", first, second) == first
        before = commit
    assert scene.git("log", "-1", "--format=%s", f"{chain[0]}^2") == "PROJ-2: Do PROJ-2"
    assert scene.git("log", "-1", "--format=%an", f"{chain[0]}^2")
    gated = sorted((scene.folder / "gates.txt").read_text().splitlines(), key=len)  # two may run at once
    assert gated == ["PROJ-2.txt", "PROJ-2.txt PROJ-3.txt", "PROJ-1.txt PROJ-2.txt PROJ-3.txt"]
    assert not list(scene.folder.glob("shop-*")), "the gate's worktree is gone too"
    assert scene.worktrees() == [str(scene.repo)]
    assert scene.git("fsck", "--strict") == ""


@pytest.mark.parametrize("order", ["completion", "plan"])
def test_the_order_of_merging_is_completion_or_the_plans_and_needs_go_first(scene: Scene, order: str) -> None:
    """M134: 66 finishes before 65; 67 needs 65 and never precedes it"""
    base = scene.git("rev-parse", "main")
    last = simulated("67", seconds=0.1, needs=["65"])
    tasks = [last, simulated("65", seconds=0.8), simulated("66", seconds=0.1)]
    scene.run({"tasks": tasks, "start_policy": "dependency", "settings": {"merge_order": order}})
    expected = ["66", "65", "67"] if order == "completion" else ["65", "66", "67"]
    found = merges(scene, base)
    assert [name for name in found if name != "67"] == expected[:2]
    assert found.index("67") > found.index("65")


def test_a_clash_leaves_everything_as_it_was_and_the_others_still_merge(scene: Scene) -> None:
    """M136, M137, M091: two change one line, a third file is free"""
    first = shell("65", "sed -i s/b/ours/ app.txt")
    second = shell("66", "sleep 0.5; sed -i s/b/theirs/ app.txt")
    third = shell("67", "sleep 0.7; echo 67 > 67.txt")
    done = scene.run({"tasks": [first, second, third]}, code=1)
    assert done.data["merge_results"] == {
        "65": "merged successfully",
        "66": "merge conflict: app.txt",
        "67": "merged successfully",
    }
    failed = [text for text in done.data["merge_results"].values() if "conflict" in text or "failed" in text]
    assert failed == ["merge conflict: app.txt"]
    assert scene.show("app.txt").split() == ["a", "ours", "c"]
    assert scene.show("67.txt") == "67"
    assert scene.git("status", "--porcelain") == ""
    for name in ("MERGE_HEAD", "rebase-merge", "rebase-apply", "index.lock"):
        assert not (scene.repo / ".git" / name).exists()
    kept = Path(done.data["kept_worktrees"]["66"])
    assert "theirs" in (kept / "app.txt").read_text()
    assert scene.show("app.txt", "feature/us-066").split() == ["a", "theirs", "c"]
    conflicts = scene.status()["conflicts"]
    assert [(conflict["tasks"], conflict["files"]) for conflict in conflicts] == [(["66"], ["app.txt"])]
    assert "wavetree retry 66" in done.out
    record = scene("conflicts", "--json").data[0]  # M128
    assert {"id", "kind", "level", "tasks", "files", "found", "rule", "action", "state"} <= record.keys()
    assert (record["tasks"][-1], record["kind"], record["state"]) == ("66", "merge", "open")
    assert [file["file"] for file in record["files"]] == ["app.txt"]
    assert f"{record['id']}   open      merge conflict: app.txt" in scene("conflicts").out

    places = scene("worktrees", "--json").data
    assert [place["task"] for place in places] == ["66"]
    scene("worktrees", "clean", "--force", "--yes")
    assert scene.worktrees() == [str(scene.repo)]
    rescued = scene.git("for-each-ref", "--format=%(refname)", "refs/wavetree/rescue/r1/66")
    assert scene.show("app.txt", rescued).split() == ["a", "theirs", "c"], "nothing is lost"


def test_a_red_gate_keeps_its_branch_out_and_lets_the_others_in(scene: Scene) -> None:
    """M137, M143, invariant 7: red, too slow, and one that cannot run at all; an orphan of a gate is ended"""
    gate = (
        "case $(ls) in *bad.txt*) echo broken; setsid sleep 60 & exit 3;; *slow.txt*) sleep 60;; "
        "*odd.txt*) no-such-command-here;; esac"
    )
    plan = {
        "slots": 4,
        "tasks": [shell("bad"), shell("good"), shell("odd"), shell("slow")],
        "gates": {"task": [{"name": "unit", "run": gate, "timeout": "1s"}]},
        "settings": {"stop_grace": "0.2s"},
    }
    done = scene.run(plan, code=1)
    results = done.data["merge_results"]
    assert results["good"] == "merged successfully"
    assert "unit red: exit code 3" in results["bad"]
    assert "unit timed out" in results["slow"]
    assert "unit could not run" in results["odd"]
    assert all(results[name].startswith("merge failed: tests") for name in ("bad", "slow", "odd"))
    assert scene.git("ls-tree", "--name-only", "main").split() == [".gitignore", "app.txt", "good.txt", "src"]
    assert "── unit: red" in scene("logs", "bad", "--gate").out
    assert {"task": "bad", "gate": "unit", "verdict": "red", "line": "broken"} in [
        scene("logs", "bad", "--gate", "--json").data
    ]


def test_a_dirty_checkout_is_left_alone_and_the_advice_works_when_pasted(scene: Scene) -> None:
    """M080: refused before anything is made, unless asked for; then at landing, with a line to type"""
    (scene.repo / "app.txt").write_text("a\nb\nmine\n")
    plan = {"tasks": [shell("a")]}
    refused = scene("run", scene.plan(plan), "--headless", code=4).err
    assert "uncommitted changes: commit or stash them, or start without them: --dirty" in refused
    assert scene.status()["run"] is None and scene.worktrees() == [str(scene.repo)]
    done = scene.run(plan, "--dirty", code=1)
    assert "uncommitted changes" in done.err
    assert "main is not updated" in done.data["error"]
    assert (scene.repo / "app.txt").read_text() == "a\nb\nmine\n"
    assert scene.show("a.txt", "wavetree/r1") == "a"
    remedy = next(alert["remedy"] for alert in scene.status()["alerts"] if alert["kind"] == "landing")
    assert remedy in done.out
    pasted = scene.shell(remedy)
    assert pasted.code == 0, pasted.err
    assert scene.show("a.txt") == "a"
    assert (scene.repo / "app.txt").read_text() == "a\nb\nmine\n"
    assert scene.git("status", "--porcelain").split() == ["M", "app.txt"]
    done = scene("resume", "--headless", "--auto-approve", "--json")
    assert done.data["success"]


def test_after_a_refused_landing_resume_lands_once_the_checkout_is_clean(scene: Scene) -> None:
    """Nothing is done twice: the same commit lands"""
    (scene.repo / "app.txt").write_text("a\nb\nmine\n")
    scene.run({"tasks": [shell("a"), shell("b", needs=["a"])]}, "--dirty", code=1)
    made = scene.git("rev-parse", "wavetree/r1")
    scene.git("checkout", "-q", "app.txt")
    done = scene("resume", "--headless", "--json")
    assert done.data["success"]
    assert scene.git("rev-parse", "main") == made == done.data["landed"]
    assert (scene.repo / "b.txt").read_text() == "b\n"


def test_a_base_that_moved_is_merged_in_first_and_gated_again(scene: Scene) -> None:
    """A person commits to main while agents work; their commit stays on main's own line"""
    scene.env["SCENE_GATES"] = str(scene.folder / "gates.txt")
    plan = {
        "tasks": [shell("a", f"until [ -e {scene.folder}/go ]; do sleep 0.05; done; echo a > a.txt")],
        "gates": {"task": [{"name": "list", "run": "echo $(ls) >> ${SCENE_GATES:?}"}]},
    }
    scene.go(plan)
    scene.write({"hand.txt": "made by hand\n"})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "by hand")
    mine = scene.git("rev-parse", "HEAD")
    (scene.folder / "go").touch()
    assert scene.ended()["state"] == "done"
    assert scene.show("hand.txt") == "made by hand"
    assert (scene.repo / "a.txt").read_text() == "a\n"
    assert scene.git("merge-base", "--is-ancestor", mine, "main") == ""
    gated = (scene.folder / "gates.txt").read_text().splitlines()
    assert "hand.txt" not in gated[0]
    assert "hand.txt" in gated[-1] and "a.txt" in gated[-1], "what lands was gated"


def test_a_base_that_moved_into_a_clash_waits_for_a_person(scene: Scene) -> None:
    """D03: the engine never chooses the content of a conflicting hunk; the advice is to be followed"""
    wait = f"until [ -e {scene.folder}/go ]; do sleep 0.05; done; sed -i s/b/agents/ app.txt"
    scene.go({"tasks": [shell("a", wait)]})
    (scene.repo / "app.txt").write_text("a\nhand\nc\n")
    scene.git("commit", "-qam", "by hand")
    (scene.folder / "go").touch()
    status = scene.ended()
    assert status["state"] == "failed"
    assert scene.show("app.txt").split() == ["a", "hand", "c"]
    conflict = next(alert for alert in status["alerts"] if alert["kind"] == "conflict")
    assert "app.txt" in conflict["text"] and "git merge main" in conflict["remedy"]
    scene.shell(
        "git switch -q wavetree/r1 && git merge main; printf 'a\\nboth\\nc\\n' > app.txt; "
        "git commit -qam settled && git switch -q main",
        cwd=scene.repo,
    )
    done = scene("resume", "--headless", "--auto-approve", "--json")
    assert done.data["success"], done.out
    assert (scene.repo / "app.txt").read_text().split() == ["a", "both", "c"]


def test_a_base_that_is_not_checked_out_lands_without_touching_the_checkout(scene: Scene) -> None:
    """`base` in the plan; the person stands on another branch, even with changes"""
    scene.git("switch", "-q", "-c", "elsewhere")
    (scene.repo / "app.txt").write_text("changed\n")
    done = scene.run({"base": "main", "tasks": [shell("a")]})
    assert done.data["base"] == "main"
    assert scene.show("a.txt") == "a"
    assert (scene.repo / "app.txt").read_text() == "changed\n"
    assert not (scene.repo / "a.txt").exists()


@pytest.mark.parametrize("land", ["end", "never"])
def test_the_base_takes_the_work_when_the_plan_says(scene: Scene, land: str) -> None:
    """`land: wave | end | never`"""
    base = scene.git("rev-parse", "main")
    tasks = [shell("a"), shell("b", f"git -C {scene.repo} rev-parse main > b.txt", needs=["a"])]
    done = scene.run({"tasks": tasks, "settings": {"land": land}})
    assert done.data["success"]
    assert scene.show("b.txt", "wavetree/r1") == base, "wave 1 did not land by itself"
    landed = scene.git("rev-parse", "main")
    assert (landed != base) is (land == "end")
    if land == "end":
        assert landed == scene.git("rev-parse", "wavetree/r1")


def test_a_damaged_repository_fails_the_run(scene: Scene) -> None:
    """M093: an object that is needed is gone"""
    scene.git("gc", "-q")
    blob = scene.git("rev-parse", "main:src/one.txt")
    scene.git("unpack-objects", "-q", check=False)
    pack = next((scene.repo / ".git/objects/pack").glob("*.pack"))
    moved = scene.folder / "a.pack"
    pack.rename(moved)
    for other in pack.parent.iterdir():
        other.unlink()
    scene.shell(f"git -C {scene.repo} unpack-objects -q < {moved}")
    loose = scene.repo / ".git/objects" / blob[:2] / blob[2:]
    spoil = f"chmod +w {loose}; echo x > {loose}; echo a > a.txt"
    done = scene.run({"tasks": [shell("a", spoil)]}, code=1)
    assert done.data["success"] is False
    assert re.search(blob, done.data["repository"] + done.data["error"])


def test_a_manifest_that_both_branches_extended_holds_both_keys(scene: Scene) -> None:
    """M140: combined key by key; no conflict while they work; the same key twice is a person's"""
    scene.write({"manifest.json": '{\n  "apps": {}\n}\n'})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "a manifest")
    code = "import json,sys; d=json.load(open('manifest.json')); d['apps'][sys.argv[1]]=int(sys.argv[2])"
    (scene.folder / "add.py").write_text(f"{code}; json.dump(d, open('manifest.json','w'), indent=2)\n")
    edit = f"python3 {scene.folder}/add.py {{}} {{}}"
    rules = [{"file": "manifest.json", "resolution": "final_merge_step"}]

    def tasks(one: str, two: str) -> list[dict[str, Any]]:
        return [shell("a", edit.format(one, 1)), shell("b", edit.format(two, 2))]

    scene.run({"slots": 2, "tasks": tasks("x", "y"), "file_rules": rules})
    assert json.loads(scene.show("manifest.json")) == {"apps": {"x": 1, "y": 2}}
    assert not [row for row in scene("conflicts", "--json").data if row["level"] == "high"]
    scene.run({"slots": 2, "tasks": tasks("z", "z"), "file_rules": rules}, code=1)
    assert [row["state"] for row in scene("conflicts", "--json").data if row["level"] == "high"] == ["open"]
