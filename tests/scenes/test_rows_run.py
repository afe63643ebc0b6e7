"""A whole run, headless: its log, its result, its branches, its worktrees."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

from stagehand import Scene, shell, simulated

DATA = Path(__file__).parent / "data"


def roadmap(**more: object) -> dict[str, object]:
    """Two priorities of a roadmap; the second is finished first."""
    return {
        "slots": 2,
        "agents": {"code_developer": {"kind": "simulated"}},
        "tasks": [
            simulated("65", {"at": 0.6, "progress": 20}, seconds=1.6) | {"agent": "code_developer"},
            simulated("66", {"at": 0.85, "progress": 15}, seconds=1.2) | {"agent": "code_developer"},
        ],
        **more,
    }


def masked(text: str, repository: str) -> list[str]:
    """Without what differs from run to run: times, process ids, percents, hours, the repository's name."""
    for pattern, word in (
        (rf"\b{repository}-wt", "REPO-wt"),
        (r"\d\d:\d\d", "TIME"),
        (r"PID: \d+", "PID"),
        (r"-?\d+%", "PERCENT"),
        (r"[\d.]+ hours", "HOURS"),
    ):
        text = re.sub(pattern, word, text)
    return text.strip().splitlines()


def test_the_run_log_follows_the_five_stages_line_by_line_and_the_last_line_is_the_result(
    scene: Scene,
) -> None:
    """M096, M110, M188, M137, M081, M086, M091, M134, D14"""
    done = scene.run(roadmap())
    log, _, last = done.out.rstrip().rpartition("\n")
    expected = (DATA / "run_log.txt").read_text(encoding="utf-8")
    assert masked(log, "shop") == masked(expected, "MonolithicCoffeeMakerAgent")
    assert "feature/us-065" in log
    line = r"^\s+\[\d\d:\d\d\] Instance \S+: (Running \(\d+% complete\)|Completed ✅|Failed ❌)$"
    assert len(re.findall(line, log, re.MULTILINE)) == 4

    result = json.loads(last)
    sample = json.loads((DATA / "batch_result.json").read_text())
    assert sample.keys() <= result.keys()
    for key, value in sample.items():
        assert type(result[key]) is type(value), key
    for key in ("success", "priorities_executed", "worktrees_created", "monitoring_result", "merge_results"):
        assert result[key] == sample[key]
    began, ended = (datetime.fromisoformat(result[key]) for key in ("start_time", "end_time"))
    assert abs((ended - began).total_seconds() - result["duration_seconds"]) <= 1
    assert "error" not in result

    assert scene.worktrees() == [str(scene.repo)]
    assert scene.branches() == ["main", "wavetree/r1"]
    assert not list(scene.folder.glob("shop-*"))
    assert scene.git("status", "--porcelain") == ""
    assert scene.show("65.txt") == "65"


def test_each_parallel_wave_is_reported_from_its_launch_to_its_summary(scene: Scene) -> None:
    """M114: five headings for each parallel wave, none for a wave of one task; one failure among two, and
    one task that waits for it"""
    tasks = [
        shell("a", title="First"),
        shell("b"),
        shell("alone", needs=["a", "b"]),
        shell("c", needs=["alone"]),
        shell("d", "exit 3", needs=["alone"]),
        shell("e", needs=["c"]),
        shell("f", needs=["d"]),
    ]
    done = scene("run", scene.plan({"tasks": tasks}), "--headless", "--auto-approve", code=1)
    heading = r"^(Launching|Waiting for|Results of|Recording|Summary of) wave (\d)\.\.\.$"
    stages = ["Launching", "Waiting for", "Results of", "Recording", "Summary of"]
    assert re.findall(heading, done.out, re.MULTILINE) == [
        (stage, wave) for wave in "134" for stage in stages
    ]
    blocks = {part.partition("\n")[0]: part.splitlines()[1:] for part in done.out.split("\n\n")}
    assert blocks["Launching wave 1..."] == ["  a: First [shell]", "  b [shell]"]
    results = [line for line in blocks["Results of wave 3..."] if not line.startswith("     ")]
    assert [line.split(" (")[0] for line in results] == ["  ✓ c [shell]", "  ✗ d [shell]"]
    assert "     InstanceCrash: shell instance crashed (exit code 3)" in blocks["Results of wave 3..."]
    assert blocks["Recording wave 3..."] == ["  ✅ 2 results added to the implementation log in one write"]
    assert blocks["Summary of wave 3..."][0].startswith("  1/2 successful, 1 failed; 1 file changed, ")
    assert blocks["Summary of wave 3..."][1] == "  next: wavetree retry d"
    assert "  ✗ f [shell] - BLOCKED" in blocks["Results of wave 4..."]
    assert len(blocks["Summary of wave 4..."]) == 1, "what waits for another's retry is not to be retried"
