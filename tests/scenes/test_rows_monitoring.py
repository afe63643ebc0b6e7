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


def watched(warning: str) -> dict[str, Any]:
    """Two waves whose set-up takes longer than their work, and what the plan says of that."""
    entry = {
        "metric_name": "Coordination Overhead",
        "target": "<10%",
        "warning_threshold": warning,
        "critical_threshold": "100%",
    }
    tracking = {"reporting_frequency": "hourly", "dashboard_location": "the big screen"}
    section = {"progress_tracking": tracking, "performance_metrics": [entry]}
    return {
        "setup": {"run": "sleep 0.4"},
        "tasks": [shell("a"), shell("b", needs=["a"])],
        "sections": {"monitoring_and_control": section},
    }


def test_a_metric_beyond_the_plans_threshold_is_an_alert_while_the_run_goes_on(scene: Scene) -> None:
    """M117: at the end of the first wave that it is beyond it, once; with another threshold not at all"""
    scene.run(watched("15%"))
    first, second = (row["data"]["warnings"] for row in scene.events("Recorded"))
    assert first and first[0].startswith("coordination overhead is warning: ")
    assert first[0].endswith("(the plan's limit is 15 %)")
    assert second, "it is no news any longer"
    alerts = [one for one in scene.status()["alerts"] if one["kind"] == "metric"]
    assert [one["text"] for one in alerts] == [first[0]]
    told = scene.repo / ".git" / "wavetree" / "runs" / "r1" / "notifications.jsonl"
    scene.until(lambda _: "Metric beyond its threshold" in told.read_text(), "it told of that")
    (made,) = (row["data"]["plan"] for row in scene.events("RunCreated"))
    kept = made["sections"]["monitoring_and_control"]["progress_tracking"]
    assert kept["dashboard_location"] == "the big screen"

    scene.run({**watched("100%"), "tasks": [shell("c"), shell("d", needs=["c"])]})
    assert [row["data"]["warnings"] for row in scene.events("Recorded")] == [[], []]
