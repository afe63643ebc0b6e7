"""Runs as they were: report, compare, replay, of real runs and from the documents' own data."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from stagehand import Scene, shell, simulated

DATA = Path(__file__).parent / "data"


def test_the_summary_of_the_documents_batch_result_is_theirs(scene: Scene) -> None:
    """M189: letter by letter"""
    said = scene("report", "--from", str(DATA / "batch_result.json")).out
    assert said == (DATA / "batch_summary.txt").read_text()
    empty = scene.folder / "empty.json"
    empty.write_text('{"success": true, "monitoring_result": {"completed": 0, "failed": 0, "total": 0}}')
    assert "Success Rate: 0/0 (n/a)" in scene("report", "--from", str(empty)).out
    assert "is no batch result" in scene("report", "--from", scene.plan({"tasks": []}, "x.json"), code=2).err


class Outline(HTMLParser):
    """What a page is made of: its texts, how many elements of each kind, and those that were not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.counts: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_what_agents_say_that_they_cost_is_told_and_never_estimated(scene: Scene) -> None:
    """M230"""
    costly = {"duration": 0.3, "do": [{"at": 0, "cost_usd": 0.12}, {"at": 0.1, "cost_usd": 0.5}]}
    scene.run({"tasks": [simulated("a", simulate=costly), shell("b", "echo b > b.txt")]})
    said = scene("report").out
    assert "Cost: $0.50, as reported by 1 of 2 tasks" in said
    assert re.search(r"\[a\] \(.*, \$0\.50\)", said)
    assert re.search(r"\[b\] \([^$]*\)\n", said)
    assert scene("report", "--json").data["cost_usd"] == {"a": 0.5, "b": None}
    scene("report", "--html", "run.html")
    assert "Cost: $0.50" in (scene.repo / "run.html").read_text()
    scene.run({"tasks": [shell("c", "echo c > c.txt")]})
    assert "Cost" not in scene("report").out


def one_fails(scene: Scene, seconds: int = 0) -> None:
    fault = '::wavetree error="DATABASE_URL is not set" type=ValidationError'
    tasks = [
        shell("1", f"echo one > one.txt; sleep {seconds}", title="The first"),
        shell("2", "echo two > two.txt", title="The second"),
        shell("3", f"echo '{fault}'; exit 1", title="It"),
    ]
    scene.run({"name": "mixed", "slots": 3, "tasks": tasks}, code=1)


def test_a_run_with_a_failure_is_told_wave_by_wave_with_hints(scene: Scene) -> None:
    """M190, M226: every target has its line, and what cannot be told does not pass"""
    one_fails(scene)
    said = scene("report").out
    assert "2/3 successful, 1 failed" in said
    assert "✓ [Story #1: The first]" in said
    assert "✗ [Story #3: It] - FAILED" in said
    assert "ValidationError: DATABASE_URL is not set" in said
    assert "hint:" in said
    assert "Total files changed: 2" in said
    assert "Next steps: wavetree retry 3" in said
    for name in ("time_savings", "risks_prevented", "worktrees_cleaned", "repository_intact", "cpu_peak"):
        assert f"\n{name} " in said
    assert scene("report").out == said, "a pure function of the journal"


def test_a_run_that_goes_on_is_told_as_one(scene: Scene) -> None:
    """M190: who has not ended is neither successful nor failed"""
    scene.go({"slots": 2, "tasks": [simulated("a", seconds=50), shell("b", "echo b > b.txt")]})
    scene.until(lambda s: [task["state"] for task in s["tasks"]] == ["running", "complete"], "b's end")
    said = scene("report").out
    assert "Parallel Execution Under Way" in said and "Error:" not in said
    assert "Wave 1: 1/2 successful, 1 not ended" in said
    assert "● [a] - running" in said and "✓ [b]" in said
    scene("stop")


def test_the_report_as_data_has_metrics_with_the_numbers_they_came_from(scene: Scene) -> None:
    """M187, M188, M226"""
    one_fails(scene)
    data = scene("report", "--json").data
    assert set(data["metrics"][0]) == {"name", "value", "target", "verdict", "inputs", "source"}
    metrics = {row["name"]: row for row in data["metrics"]}
    assert metrics["instance_failure_rate"]["inputs"] == {"failed": 1, "attempts": 3}
    assert (metrics["risks_prevented"]["value"], metrics["risks_prevented"]["verdict"]) == (None, "n/a")
    assert data["monitoring_result"] == {"completed": 2, "failed": 1, "total": 3}
    assert [row["outcome"] for row in data["attempts"] if row["task"] == "3"] == ["failed"]
    assert all(row["seconds"]["active"] > 0 for row in data["attempts"])


def test_the_page_is_one_file_without_script_and_escapes_what_came_from_outside(scene: Scene) -> None:
    hostile = "<script>alert(1)</script>"
    scene.run({"name": hostile, "tasks": [shell("a", "echo 1 > a.txt", title=hostile)]})
    scene("report", "--html", "run.html")
    page = (scene.repo / "run.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert "http" not in page, "nothing is fetched"
    seen = Outline()
    seen.feed(page)
    assert seen.open == [], "every element is closed"
    assert seen.counts["section"] >= 5 and seen.counts["th"] > 10
    assert {"wave 1", "0 s", "1 of 1", "Metrics"} <= set(seen.texts)
    assert "prefers-color-scheme:dark" in page and "@media print" in page
    assert scene("report", "--markdown").out.startswith("# Run r1")


def test_two_runs_are_compared_and_one_is_replayed_to_the_same_end(scene: Scene) -> None:
    """M191, M225"""
    one_fails(scene)
    scene.run({"name": "second", "tasks": [shell("a", "echo a > a.txt")]})
    rows = {row["name"]: row for row in scene("compare", "r1", "r2", "--json").data}
    assert (rows["tasks failed"]["first"], rows["tasks failed"]["second"]) == (1, 0)
    assert rows["idle at wave barriers"]["second"] == 0
    assert "change" in scene("compare", "r1", "r2").out
    last = json.loads(scene("replay", "r1", "--speed", "0", "--json").out.splitlines()[-1])
    assert last == {"run": "r1", "state": "failed", "tasks": {"1": "merged", "2": "merged", "3": "failed"}}
    assert "merged" in scene("replay", "r1", "--speed", "1000").out


def test_the_history_counts_conflicts_and_time_saved_and_can_be_cut_by_age(scene: Scene) -> None:
    """M191"""
    one_fails(scene, seconds=1)
    (row,) = scene("history", "--json").data
    assert (row["conflicts"], row["failed"]) == (0, 1)
    assert isinstance(row["time_saved"], float)
    assert len(scene("history", "--since", "1h", "--json").data) == 1
    assert scene("history", "--since", "0s", "--json").data == []
    assert "accepted: a duration" in scene("history", "--since", "soon", code=2).err


def test_what_a_run_prints_last_is_what_its_report_tells(scene: Scene) -> None:
    """M181: n/a where its agents hardly worked"""
    assert "\nVelocity increase: n/a\n" in scene.run({"name": "short", "tasks": [shell("a")]}).out
    two = [shell(name, f"sleep 1; echo {name} > {name}.txt") for name in "bc"]
    said = scene.run({"name": "long", "tasks": two}).out
    assert "\nVelocity increase: n/a\n" not in said
    found = {one["name"]: one["value"] for one in scene("report", "--json").data["metrics"]}
    assert f"\nVelocity increase: {found['velocity_increase']:.0f}%\n" in said


def test_the_forecast_of_conflicts_is_scored_against_what_came(scene: Scene) -> None:
    """What was foretold beside what came, in words, as data, as a page with a matrix."""
    both = [shell("a", "sed -i s/b/1/ app.txt; sleep 1"), shell("b", "sed -i s/b/2/ app.txt; sleep 1")]
    tasks = [{**one, "files": ["app.txt"]} for one in both]
    tasks.append({**shell("c", "sleep 1; echo c > c.txt"), "files": ["c.txt"]})
    scene.run({"name": "foretold", "slots": 3, "tasks": tasks}, code=1)
    forecast = scene("report", "--json").data["forecast"]
    assert (forecast["foretold"], forecast["came"], forecast["both"]) == (1, 1, 1)
    assert (forecast["precision"], forecast["recall"]) == (100.0, 100.0)
    assert forecast["pairs"] == [{"tasks": ["a", "b"], "foretold": "medium", "came": ["app.txt"]}]
    assert "1 foretold, 1 came, 1 both: precision 100 %, recall 100 %" in scene("report").out
    page = scene.folder / "run.html"
    scene("report", "--html", str(page))
    assert "medium, came" in page.read_text()
    rows = scene("compare", "r1", "r1", "--json").data
    assert "forecast precision" in [row["name"] for row in rows]


def test_the_review_of_past_runs_says_what_repeats(scene: Scene) -> None:
    assert scene("history", "--review").out == "no run is over yet\n"
    gates = {"task": [{"name": "unit", "run": "true"}]}
    for names in ("xy", "zw"):
        tasks = [{**shell(n, f"sed -i '2s/.*/{n}/' app.txt; sleep 0.6"), "files": ["app.txt"]} for n in names]
        scene.run({"name": "clashing", "tasks": tasks, "gates": gates}, code=1)
    seen = scene("history", "--review", "--json").data
    assert seen["runs"] == 2
    assert seen["files"] == [{"file": "app.txt", "runs": 2}]
    assert [one["gate"] for one in seen["gates"]] == ["unit"]
    words = scene("history", "--review").out
    assert "app.txt: in 2 runs" in words
    assert "precision 100 %" in words


def test_a_note_on_a_run_that_is_over_shows_in_its_report(scene: Scene) -> None:
    """M192: shown in every form, cleaned; what the plan wants told and nobody has is said"""
    wants = [{"qualitative_metrics": ["Team satisfaction", "Process improvement"]}]
    sections = {"monitoring_framework": {"success_metrics": wants}}
    scene.run({"name": "noted", "tasks": [{**shell("a", "echo a > a.txt"), "points": 3}], **sections})
    assert "Team satisfaction: nothing noted" in scene("report").out
    scene("note", "--about", "team satisfaction", "good \x1b[31m<b>")
    with (scene.repo / ".git/wavetree/runs/r1/notes.jsonl").open("a") as torn:
        torn.write('{"at":1,"by":')
    scene("note", "one task too many")
    said = scene("report").out
    assert "team satisfaction: good <b> (" in said
    assert "one task too many (" in said, "also after a line that was left unfinished"
    assert "Team satisfaction: nothing noted" not in said
    assert "Process improvement: nothing noted" in said
    assert "points a day (3 in " in said
    data = scene("report", "--json").data
    assert [one["about"] for one in data["notes"]] == ["team satisfaction", ""]
    assert data["velocity"]["points"] == 3
    assert "one task too many" in scene("report", "--markdown").out
    scene("report", "--html", "run.html")
    assert "good &lt;b&gt;" in (scene.repo / "run.html").read_text()
    assert scene("note", "--json").data["missing"] == ["Process improvement"]
    assert "accepted: 1 to 4000" in scene("note", "   ", code=2).err


def test_the_history_is_summed_by_period_and_set_against_the_one_before(scene: Scene) -> None:
    """M191"""
    one_fails(scene)
    scene.run({"name": "second", "tasks": [shell("a", "echo a > a.txt")]})
    (whole,) = scene("history", "--by", "all", "--json").data
    assert (whole["runs"], whole["done"], whole["merged"], whole["failed"]) == (2, 1, 3, 1)
    assert (whole["before"], whole["forecast_precision"]) == (None, None)
    said = scene("history", "--by", "week").out
    assert "against the week before: no run then" in said
    assert "precision n/a" in said, "what cannot be told is no success"
    said = scene("history", "--since", "7d").out
    assert "in all: 2 runs, 1 done · 3 merged, 1 failed" in said
