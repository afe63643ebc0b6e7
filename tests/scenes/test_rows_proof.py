"""Running side by side is quicker and changes nothing: the same plan with one slot and with more."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from stagehand import Scene, shell, simulated

from tui.__main__ import main
from tui.cli import bench
from tui.proof import Measured, Proof

SLOW = Measured(10.0, (4.0, 4.0), 1, "tree", {("task", "a", "unit"): "green"})
QUICK = replace(SLOW, wall=5.0, together=2)


def test_a_plan_is_run_one_by_one_and_side_by_side_and_the_times_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """M227: the journals say that agents were alive together in the one run only."""
    monkeypatch.setattr(bench, "CASES", bench.CASES[:1])
    assert main(["bench", "--seconds", "0.5", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["plan"], row["tasks"], row["slots"], row["target"]) == ("2 independent tasks", 2, 2, 40.0)
    assert row["together"] == [1, 2]
    assert row["same_results"] is True
    saved = (1 - row["parallel_seconds"] / row["sequential_seconds"]) * 100
    assert row["time_savings"] == pytest.approx(saved, abs=0.1)
    assert row["met"] == (row["time_savings"] >= 40)


@pytest.mark.parametrize(
    ("many", "code", "words"),
    [
        (QUICK, 0, ("10.0 s", "5.0 s", "50%", "✓ ≥ 40%", "✗ ≥ 55%", "✓ 1.00 s", "the same")),
        (replace(QUICK, wall=9.0), 0, ("9.0 s", "10%", "✗ ≥ 40%")),
        (replace(QUICK, tree="other"), 1, ("DIFFERENT",)),
        (replace(QUICK, gates={("task", "a", "unit"): "red"}), 1, ("DIFFERENT",)),
    ],
)
def test_the_table_has_a_row_for_each_part_of_the_plan_with_its_verdict(
    many: Measured,
    code: int,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """M227: 40 % at 2 slots, 55 % at 3, and two seconds for each task"""
    monkeypatch.setattr(
        bench, "proved", lambda what, plan, slots: Proof(what, len(plan.tasks), slots, SLOW, many)
    )
    assert main(["bench"]) == code
    printed = capsys.readouterr().out
    assert [line.split("  ")[0] for line in printed.splitlines()[1:]] == [case.what for case in bench.CASES]
    for word in words:
        assert word in printed


def test_a_sequential_and_a_parallel_run_end_with_the_same_tree_and_the_same_gates(scene: Scene) -> None:
    """M229: on three waves, with a task that its gate refuses in both runs"""
    plan = {
        "gates": {
            "task": [{"name": "no marks", "run": "! grep -q BROKEN *.txt"}],
            "wave": [{"name": "all there", "run": "test -s app.txt"}],
            "run": [{"name": "joined", "run": "test -s joined.txt"}],
        },
        "tasks": [
            simulated("first", {"at": 0.1, "replace": {"path": "app.txt", "old": "a", "new": "A"}}),
            simulated("second", {"at": 0.1, "replace": {"path": "app.txt", "old": "c", "new": "C"}}),
            shell("broken", "echo BROKEN > broken.txt"),
            shell("joined", "cat first.txt second.txt > joined.txt", needs=["first", "second"]),
            shell("last", needs=["joined"]),
        ],
    }
    start = scene.git("rev-parse", "main")
    found = []
    for slots in ("1", "3"):
        scene.run(plan, "--slots", slots, code=1)
        verdicts = {
            (end["level"], end["subject"], end["gate"]): end["verdict"]
            for end in (event["data"] for event in scene.events("GateEnded"))
        }
        found.append((scene.git("rev-parse", "main^{tree}"), verdicts))
        again(scene, start)
    assert found[0] == found[1]
    assert found[0][1]["task", "broken", "no marks"] == "red"
    assert {"task", "wave"} <= {level for level, _, _ in found[0][1]}


def again(scene: Scene, start: str) -> None:
    """The repository as it was before the run."""
    scene.git("reset", "-q", "--hard", start)
    for path in scene.worktrees()[1:]:
        scene.git("worktree", "remove", "--force", path)
    for branch in scene.branches():
        if branch.startswith("feature/"):
            scene.git("branch", "-qD", branch)
