"""The monitoring switches of a story act (M028)."""

from __future__ import annotations

from typing import Any

from stagehand import Scene, shell


def story(switch: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    sections = {"parallel_story_structure": {"monitoring": {switch: False}}}
    return {"name": "story", "tasks": list(tasks), "sections": sections}


def test_without_conflict_detection_a_forced_clash_raises_nothing_before_its_merge(scene: Scene) -> None:
    """M028: and the report says that it was off."""
    same = [shell(name, f"echo {name} > app.txt; sleep 1") for name in ("a", "b")]
    done = scene.run(story("conflict_detection", *same), code=1)
    assert not scene.events("OverlapsSeen")
    (refused,) = done.data["errors"].values()
    assert refused["type"] == "MergeConflict", "git still does not merge over anybody"
    assert "conflict detection: off" in scene("report").out


def test_without_tracking_nothing_is_told_of_how_far_agents_are(scene: Scene) -> None:
    """M028"""
    said = 'echo ::wavetree progress=40 says="half way"; echo a > a.txt; sleep 0.3'
    scene.run(story("real_time_tracking", shell("a", said)))
    assert not scene.events("AgentReported")
    assert "real time tracking: off" in scene("report").out


def test_without_metrics_the_report_has_none(scene: Scene) -> None:
    """M028"""
    scene.run(story("performance_metrics", shell("a")))
    words = scene("report").out
    assert "performance metrics: off" in words
    assert "time_savings" not in words
