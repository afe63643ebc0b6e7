"""The four acceptance criteria of `/implement`, each by its name (M228).

A feature of five stories; of its parallel phase, story 3 fails. No agent of that phase ends before all three
have begun, so what is asserted depends on no clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stagehand import Done, Scene

ORDER = Path(__file__).parents[1] / "data" / "documents" / "002_execution_order.yaml"
PARALLEL = ("2", "3", "4")
WORK = """\
case $0 in 2|3|4) touch $1/$0; until [ $(ls $1 | wc -l) = 3 ]; do sleep 0.02; done;; esac
[ $0 != 3 ] || { echo 'the connection test fails'; exit 7; }
echo done > story-$0.txt
"""


@pytest.fixture
def feature(scene: Scene) -> Scene:
    """A repository with the execution order of feature 5 and its agents."""
    meeting = scene.folder / "meeting"
    meeting.mkdir()
    names = ("frontend-developer", "backend-developer", "devops-engineer")
    agents = {name: {"command": ["bash", "-c", WORK, "{task}", str(meeting)]} for name in names}
    order = ORDER.read_text(encoding="utf-8")
    scene.write(
        {"docs/features/5/execution-order.yaml": order, ".wavetree.yaml": json.dumps({"agents": agents})}
    )
    scene.git("add", "-A")
    scene.git("commit", "-qm", "feature 5")
    return scene


def implemented(feature: Scene, *more: str, code: int = 1) -> Done:
    return feature("implement", "5", "--headless", "--auto-approve", *more, code=code)


def test_ac1_stories_of_parallel_phases_are_identified(feature: Scene) -> None:
    """M228, AC1: with the mode of each phase; what is complete is not launched."""
    waves = feature("implement", "5", "--dry-run", "--json").data["waves"]
    assert [(wave["mode"], tuple(wave["tasks"])) for wave in waves] == [
        ("sequential", ("1",)),
        ("parallel", PARALLEL),
        ("sequential", ("5",)),
    ]
    implemented(feature)
    assert {event["task"] for event in feature.events("AgentStarted")} == set(PARALLEL)


def test_ac2_all_stories_of_a_parallel_phase_are_launched_together(feature: Scene) -> None:
    """M228, AC2: their worktrees are asked for in one step, and all have begun before any has ended."""
    implemented(feature)
    requested = [event for event in feature.events("WorktreeRequested") if event["task"] in PARALLEL]
    assert [event["task"] for event in requested] == list(PARALLEL)
    assert len({event["time"] for event in requested}) == 1
    kinds = [event["kind"] for event in feature.events() if event["kind"] in ("AgentStarted", "AgentExited")]
    assert kinds == ["AgentStarted"] * 3 + ["AgentExited"] * 3


def test_ac3_a_failing_story_does_not_hold_up_its_siblings(feature: Scene) -> None:
    """M228, AC3: the others of its phase are merged; what builds on it waits."""
    result = implemented(feature, "--json").data
    assert result["merge_results"]["2"] == result["merge_results"]["4"] == "merged successfully"
    assert result["errors"]["3"]["message"].endswith("(exit code 7)")
    assert result["blocked"] == {"5": "3"}
    assert [feature.show(f"story-{story}.txt") for story in "24"] == ["done", "done"]


def test_ac4_the_summary_marks_each_story_as_done_or_failed(feature: Scene) -> None:
    """M228, AC4: counts, a mark for each, and of the failed one its error and what can be done."""
    told = implemented(feature).out
    assert "2/3 successful, 1 failed" in told
    for line in (
        "✓ 2: Landing page [frontend-developer]",
        "✗ 3: Database layer [backend-developer]",
        "✓ 4: CI pipeline [devops-engineer]",
    ):
        assert line in told
    assert "InstanceCrash: backend-developer instance crashed (exit code 7)" in told
    assert "next: wavetree retry 3" in told
