"""Three tickets, roadmap priorities, an epic and a sprint, as the people who wrote the documents use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stagehand import Done, Scene, simulated

from tui.__main__ import main

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
TRIO = ("PROJ-123", "PROJ-124", "PROJ-125")
pytestmark = pytest.mark.scenario
QUICK = "title: t, simulate: {duration: 0.2s}"
Typed = Callable[..., Done]


@pytest.fixture
def typed(scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What is typed in the scene's repository, without a process of its own."""
    monkeypatch.chdir(scene.repo)

    def type_(*words: str, code: int = 0) -> Done:
        done = Done(main(words), *capsys.readouterr())
        assert done.code == code, f"{words}: exit {done.code}\n{done.out}\n{done.err}"
        return done

    return type_


def document(name: str) -> str:
    return (DOCUMENTS / name).read_text(encoding="utf-8")


def body(name: str) -> str:
    """A document without the command above it."""
    return document(name).partition("\n\n")[2].rstrip()


def tickets(scene: Scene, name: str) -> None:
    scene.write({"tickets.yaml": document(name)})


def roadmap(scene: Scene, name: str = "004_ROADMAP.md", files: str = "") -> None:
    """The document as the project's roadmap; with `files`, 65 and 66 both declare that file."""
    text = document(name)
    for own in ("coffee_maker/recipes.py", "coffee_maker/notifications.py") if files else ():
        text = text.replace(own, files)
    scene.write({"docs/roadmap/ROADMAP.md": text})


def members(data: Any) -> list[list[str]]:
    return [wave["tasks"] for wave in data["waves"]]


def test_three_tickets_are_analysed_word_for_word(scene: Scene, typed: Typed) -> None:
    """Scenario 3, steps 1 and 5"""
    tickets(scene, "003_tickets_trio.yaml")
    scene.write({".wavetree.yaml": "machine: {cores: 4, ram: 16GB, reserved_cores: 2, reserved_ram: 8GB}\n"})
    shown = typed("@parallel", *TRIO, "--dry-run").out
    assert shown.startswith(body("003_task_analysis.md"))
    threads = body("003_execution_strategy.md")
    for short, title in (
        ("Avatar Upload", "Add user avatar upload"),
        ("Login Bug", "Fix login redirect bug"),
        ("(Docs)", "(Update API documentation)"),
    ):
        threads = threads.replace(short, title)
    assert threads.partition("\nProgress Updates")[0] in shown
    assert "Estimated Total Time: 2.5 hours" in typed("@parallel", *TRIO, "--dry-run", "--slots", "2").out
    resources = body("003_resource_planning.md").replace(" for build", "").replace(" for tests", "")
    assert resources in shown
    assert scene.status()["run"] is None, "nothing was started"


def test_dependencies_are_followed_or_refused(scene: Scene, typed: Typed) -> None:
    """Scenario 3, step 6"""
    tickets(scene, "003_tickets_dependencies.yaml")
    three = ("PROJ-123", "PROJ-124", "PROJ-126")
    shown = typed("@parallel", "--with-dependencies", *three, "--dry-run").out
    assert shown.startswith(body("003_dependency_management.md").rpartition("\n")[0])
    data = typed("@parallel", "--with-dependencies", *three, "--dry-run", "--json").data
    assert members(data) == [["PROJ-123"], ["PROJ-124"], ["PROJ-126"]]
    assert data["start_policy"] == "dependency"
    refused = typed("@parallel", "PROJ-126", code=2)
    assert "PROJ-123, PROJ-124" in refused.err
    assert "'PROJ-129'" in typed("@parallel", "PROJ-129", code=2).err


@pytest.mark.parametrize("name", ["004_ROADMAP.md", "004_ROADMAP_mojibake.md"])
def test_planned_priorities_are_suggested(scene: Scene, typed: Typed, name: str) -> None:
    """Scenario 10, step 1"""
    roadmap(scene, name)
    data = typed("suggest", "--roadmap", "--json").data
    assert data == {"tasks": ["65", "66", "67"], "command": "wavetree parallel 65 66 67 --roadmap"}
    shown = typed("suggest", "--roadmap").out
    assert "  65  Recipe Management\n  66  Notification System\n  67  CLI Improvements\n" in shown
    assert typed("suggest", "--json").data["tasks"] == ["65", "66", "67"], "it is the only file there is"


def test_one_planned_priority_is_nothing_to_suggest(scene: Scene, typed: Typed) -> None:
    """M069"""
    scene.write(
        {"docs/roadmap/ROADMAP.md": "### PRIORITY 1: One 📝 Planned\n### PRIORITY 2: Two ✅ Complete\n"}
    )
    assert "nothing to suggest" in typed("suggest").out
    assert typed("suggest", "--json").data == {"tasks": [], "command": None}


def test_nothing_is_suggested_while_a_run_goes_on(scene: Scene, typed: Typed) -> None:
    """M069"""
    roadmap(scene)
    scene.go({"tasks": [simulated("slow", seconds=30)]})
    assert "nothing to suggest: a run is going on" in typed("suggest").out
    scene("stop")
    assert typed("suggest", "--json").data["tasks"] == ["65", "66", "67"]


def test_separate_priorities_are_told_as_the_document_does(scene: Scene, typed: Typed) -> None:
    """Scenario 10, step 2: equal to the valid object"""
    roadmap(scene)
    data = typed("parallel", "65", "66", "67", "--dry-run", "--json").data
    assert data["separation"] == json.loads(document("004_task_separation_valid.json"))
    assert members(data) == [["65", "66", "67"]]


def test_only_the_clashing_pair_is_put_in_order_unless_asked_otherwise(scene: Scene, typed: Typed) -> None:
    """Scenario 10, step 2: equal to the invalid object; M088"""
    roadmap(scene, files="coffee_maker/database.py")
    data = typed("parallel", "65", "66", "67", "--dry-run", "--json").data
    assert data["separation"] == json.loads(document("004_task_separation_invalid.json"))
    assert members(data) == [["65", "67"], ["66"]]
    words = ("parallel", "65", "66", "67", "--dry-run", "--on-conflict")
    one_by_one = typed(*words, "sequential", "--json").data
    assert members(one_by_one) == [["65"], ["66"], ["67"]]
    assert "⚠️ Cannot parallelize, running sequentially" in typed(*words, "sequential").out
    assert "Not safe: 65 with 66" not in typed(*words, "split").out


def test_a_roadmap_gives_one_candidate_more_than_slots(scene: Scene, typed: Typed) -> None:
    """M017"""
    roadmap(scene)
    assert typed("parallel", "--roadmap", "--max-instances", "1", "--dry-run", "--json").data["tasks"] == [
        "65",
        "66",
    ]
    assert typed("parallel", "--roadmap", "65", "--dry-run", "--json").data["tasks"] == ["65"]


def test_an_epic_is_shown_in_batches(scene: Scene, typed: Typed) -> None:
    """Scenario 11, step 1"""
    tickets(scene, "003_epic-10.yaml")
    shown = typed("@parallel", "--epic", "EPIC-10", "--dry-run").out
    assert (shown.count("✓"), shown.count("◯")) == (2, 6)
    assert "Progress: 25% (2/8 complete)" in shown
    data = typed("@parallel --epic EPIC-10 --dry-run --json").data
    assert members(data) == [
        ["PROJ-120", "PROJ-121"],
        ["PROJ-122", "PROJ-123", "PROJ-124"],
        ["PROJ-125", "PROJ-126"],
        ["PROJ-127"],
    ]


def test_the_current_sprint_fits_or_is_warned_of(scene: Scene, typed: Typed) -> None:
    """Scenario 11, steps 3 and 4"""
    tickets(scene, "003_sprint-15.yaml")
    assert typed("@parallel", "--sprint", "current", "--dry-run").out.rstrip() == body(
        "003_sprint_completion.md"
    )
    sprint = typed("@parallel --sprint current --dry-run --json").data["sprint"]
    assert sprint == {"points": 13.0, "days": 1.5, "days_left": 2.0, "buffer_days": 0.5}
    scene.write({"tickets.yaml": document("003_sprint-15.yaml").replace("days_left: 2", "days_left: 1")})
    told = typed("@parallel --sprint current --dry-run")
    assert "Warning: the estimate of 1.5 days exceeds the 1 day left" in told.out
    assert "warning: the estimate of 1.5 days" in told.err


def test_tickets_that_nobody_does_are_refused_with_the_remedy_and_run_with_an_agent(scene: Scene) -> None:
    """Scenario 11, step 2 in small: what was complete is never started"""
    scene.write(
        {
            "tickets.yaml": "epics: [{id: E}]\ntickets:\n- {id: A, epic: E, status: Done}\n"
            f"- {{id: B, epic: E, {QUICK}, needs: [A]}}\n- {{id: C, epic: E, {QUICK}, needs: [B]}}\n"
        }
    )
    words = ("parallel", "--epic", "E", "--headless", "--auto-approve", "--json")
    assert "--agent" in scene(*words, code=4).data["error"]
    scene(*words, "--agent", "simulated")
    started = [event["task"] for event in scene.events("AgentStarted")]
    assert started == ["B", "C"]
    assert scene.status()["state"] == "done"


def test_the_file_of_tickets_is_named_by_the_project(scene: Scene, typed: Typed) -> None:
    """What was looked for is told when there is none"""
    missing = typed("parallel", "PROJ-1", code=2)
    assert "there is no ticket file; looked for tickets.yaml, tickets.yml, tickets.json" in missing.err
    assert (
        "there is no roadmap; looked for docs/roadmap/ROADMAP.md" in typed("suggest", "--roadmap", code=2).err
    )
    assert "name tickets" in typed("parallel", code=2).err
    scene.write({".wavetree.yaml": "tickets: plans/work.json\nroadmap: PLAN.md\nmax_threads: 2\n"})
    scene.write({"plans/work.json": '{"tickets": [{"id": "65", "title": "t"}]}'})
    assert typed("parallel", "65", "--dry-run", "--json").data["slots"] == 2
    plan = scene.plan({"tasks": [{"id": "a", "run": "x"}]})
    for words in (["plan", plan], ["run", plan, "--dry-run"]):
        assert typed(*words, "--json").data["slots"] == 2
    many = typed("run", plan, "--dry-run", "--json", "--slots", "8")
    assert many.data["slots"] == 8 and "warning: 8 agents at once: beyond 3" in many.err
    scene.write({"PLAN.md": "### PRIORITY 66: Other 📝 Planned\n"})
    assert typed("parallel", "65", "--dry-run", "--json").data["plan"] == "work", "only this file has it"
    assert typed("parallel", "66", "--dry-run", "--json").data["plan"] == "PLAN"


def test_work_that_is_not_for_running_in_parallel_is_warned_of(scene: Scene, typed: Typed) -> None:
    """M052: before a start, by name"""
    scene.write(
        {"tickets.yaml": "tickets:\n- {id: a, files: [f], labels: [release]}\n- {id: b, files: [f]}\n"}
    )
    told = typed("parallel", "a", "b", "--dry-run", "--json")
    assert any(text.startswith("single file edits: ") for text in told.data["warnings"])
    assert "warning: coordinated releases: " in told.err


def test_a_feature_is_implemented_by_its_execution_order(scene: Scene, typed: Typed) -> None:
    """M202, M010: found below docs, or by its path; what a dry run shows needs nobody"""
    scene.write({"docs/features/5/execution-order.yaml": document("002_execution_order.yaml")})
    data = typed("/implement 5 --dry-run --json").data
    assert members(data) == [["1"], ["2", "3", "4"], ["5"]]
    assert data["without_agent"] == ["2", "3", "4", "5"]
    path = "docs/features/5/execution-order.yaml"
    assert members(typed("implement", path, "--dry-run", "--json").data) == members(data)
    assert "nobody does 2, 3, 4, 5 yet" in typed("/implement", "5", "--dry-run").out
    assert typed("implement", "5", "--agent", "simulated", "--dry-run", "--json").data["without_agent"] == []
    assert (
        "there is no execution order of '6'; looked for docs/features/6/"
        in typed("implement", "6", code=2).err
    )
    typed("implement", "../../etc/passwd", code=2)


def test_settings_in_force_name_their_source(scene: Scene, typed: Typed) -> None:
    """M198, M199, M201: command line, plan, the repository's file, default"""
    scene.write({".wavetree.json": document("003_parallel_execution_config.json")})
    plan = scene.plan(
        {"tasks": [{"id": "a", "run": "x"}], "settings": {"land": "end", "max_cpu_percent": 90}}
    )

    def shown(*words: str) -> Any:
        return typed("config", "show", *words, "--json").data

    assert shown()["slots"] == {"value": 3, "source": ".wavetree.json"}
    assert shown("--max-instances", "2")["slots"] == {"value": 2, "source": "command line"}
    both = shown(plan)
    assert both["land"] == {"value": "end", "source": "plan"}
    assert both["max_cpu_percent"] == {"value": 80.0, "source": ".wavetree.json"}
    assert both["poll_interval"]["source"] == "default"
    other = str(scene.folder / "other.yaml")
    Path(other).write_text("agent: claude\nparallel_execution: {enabled: false}", encoding="utf-8")
    off = shown(plan, "--config", other, "--slots", "3")
    assert off["slots"] == {"value": 1, "source": other} == {**off["enabled"], "value": 1}
    assert off["agent"] == {"value": "claude", "source": other}
    for wrong, told in (
        ("max_cpu_percent: 180", "1 to 100"),
        ("max_thread: 3", 'did you mean "max_threads"'),
    ):
        Path(other).write_text(wrong, encoding="utf-8")
        for words in (["config", "show"], ["validate", plan], ["run", plan, "--dry-run"], ["plan", plan]):
            assert told in typed(*words, "--config", other, code=2).err


def test_where_parallel_work_is_off_no_two_tasks_overlap(scene: Scene) -> None:
    """M200: whatever is typed, with a notice"""
    scene.write({".wavetree.yaml": "parallel_execution: {enabled: false}\n"})
    scene.write({"tickets.yaml": f"tickets: [{{id: a, {QUICK}}}, {{id: b, {QUICK}}}]\n"})
    done = scene(
        *("parallel", "a", "b", "--agent", "simulated", "--slots", "2"),
        *("--headless", "--auto-approve", "--json"),
    )
    assert "parallel execution is off (enabled: false): one task at a time" in done.err
    order = [
        (event["kind"], event["task"])
        for event in scene.events()
        if event["kind"] in ("AgentStarted", "AgentExited")
    ]
    assert [task for _, task in order] in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


def test_several_files_make_up_one_run_and_a_dry_run_estimates_it(scene: Scene, typed: Typed) -> None:
    """M203: the two documents of a story, with somebody to do them"""
    files = [
        str(DOCUMENTS / f"000_{name}.yaml")
        for name in ("agent_dependency_analysis", "file_conflict_analysis")
    ]
    data = typed("run", *files, "--dry-run", "--json").data
    assert [round(wave["estimate_seconds"] / 60) for wave in data["waves"]] == [18, 25, 15]
    assert data["estimate_seconds"] == 58 * 60
    shown = typed("run", *files, "--agent", "simulated", "--dry-run", "--slots", "2").out
    assert "about 1 h 7 min on 2 slots" in shown
    assert "nobody does" not in shown
