"""`analyze`, `plan` and `export`, as they are typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tui.__main__ import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "tests" / "data" / "documents"
STORY = [
    str(DOCUMENTS / name)
    for name in ("000_agent_dependency_analysis.yaml", "000_file_conflict_analysis.yaml")
]
PLAN = str(DOCUMENTS / "001_execution_plan.json")
TRIO = str(DOCUMENTS / "003_tickets_trio.yaml")

Typed = Callable[..., str]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command in a folder of its own; what it prints, after its exit code was checked."""
    monkeypatch.chdir(tmp_path)

    def type_(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(words)) == code, capsys.readouterr()
        found = capsys.readouterr()
        return found.out + found.err

    return type_


def git(folder: Path, *words: str) -> str:
    config = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *config, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_a_plan_is_quoted_with_its_barriers_and_how_short_it_can_be(typed: Typed) -> None:
    """M047, M059, M049: 58 minutes at 3 slots, 67 at 2, 105 at 1; 50 by needs alone"""
    for slots, minutes in (("3", 58), ("2", 67), ("1", 105)):
        data: dict[str, Any] = json.loads(typed("plan", *STORY, "--slots", slots, "--json"))
        assert data["estimate_seconds"] == minutes * 60
        assert data["sequential_seconds"] == 105 * 60
    assert data["critical_path_seconds"] == 50 * 60
    data = json.loads(typed("plan", *STORY, "--slots", "3", "--json"))
    assert (data["dependency_start_seconds"], data["barrier_seconds"]) == (3000, 480)
    assert data["lower_bound_seconds"] == data["estimate_seconds"]
    assert data["suitability"] == "High"
    words = typed("plan", *STORY, "--slots", "3")
    assert "about 58 min on 3 slots, 1 h 45 min one after the other (45% saved); no order is shorter" in words
    assert "wave barriers cost 8 minutes, 16% more: 50 min" in words


def test_the_search_is_the_same_for_the_same_seed_and_says_what_it_tried(
    typed: Typed, tmp_path: Path
) -> None:
    tasks = [
        {
            "id": f"t{n}",
            "run": "x",
            "estimate": f"{3 + n * 7 % 11} minutes",
            "resources": {"build": 1 + n % 2},
        }
        for n in range(9)
    ]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"wavetree": 1, "tasks": tasks, "resources": {"build": 3}}))
    first = json.loads(typed("plan", str(plan), "--json", "--effort", "200", "--seed", "7"))
    again = json.loads(typed("plan", str(plan), "--json", "--effort", "200", "--seed", "7"))
    assert first == again
    quick = json.loads(typed("plan", str(plan), "--json", "--effort", "1"))
    assert quick["estimate_seconds"] >= first["estimate_seconds"] >= first["lower_bound_seconds"]
    assert 1 <= first["schedules"] <= 400


def test_an_execution_plan_is_planned_with_dates_teams_quality_and_state_files(
    typed: Typed, tmp_path: Path
) -> None:
    """M008, M025, M034, M063, scenario 2 steps 1 to 4"""
    words = typed("validate", PLAN)
    assert "total_phases 6 != 3 listed" in words
    assert "total_waves 3 != 2 listed" in words
    assert "Blocks 4 dependent phases != 2 computed" in words
    typed("validate", PLAN, "--strict", code=2)
    git(tmp_path, "init", "-q")
    data = json.loads(typed("plan", PLAN, "--project", "demo", "--json"))
    assert [wave["tasks"] for wave in data["waves"]] == [["phase-1"], ["phase-2", "phase-3"]]
    assert [(wave["start_date"], wave["end_date"]) for wave in data["waves"]] == [
        ("2024-01-01", "2024-01-22"),
        ("2024-01-22", "2024-02-19"),
    ]
    quality = {one["name"]: (one["percent"], one["verdict"]) for one in data["quality"]}
    assert quality["Completeness"] == (50.0, "FAIL")
    assert quality["Risk Coverage"] == (100.0, "PASS")
    folder = tmp_path / ".git" / "wavetree" / "parallel-execution"
    found = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    source = json.loads(Path(PLAN).read_text())
    assert found["execution-plan.json"] == source | {
        "project_context": source["project_context"] | {"project_name": "demo"}
    }
    assert found["wave-schedules.json"] == source["wave_execution_plan"]
    assert found["coordination-protocols.json"] == source["coordination_protocols"]
    assert found["risk-mitigation-plan.json"] == source["risk_management"]
    assert found["monitoring-config.json"] == source["monitoring_and_control"]
    assert len(found) == 5


def test_state_files_go_where_the_person_says(typed: Typed, tmp_path: Path) -> None:
    """M025, D24"""
    typed("plan", PLAN, "--project", "demo", "--state-dir", "state/[project-name]")
    assert len(list((tmp_path / "state" / "demo" / "parallel-execution").iterdir())) == 5
    typed("plan", PLAN, "--project", "../up", "--state-dir", "x/[project]", code=2)


def test_milestones_and_documents_of_a_strategy_are_written(typed: Typed, tmp_path: Path) -> None:
    """M032, M063"""
    words = typed("plan", PLAN, "--milestones", "--docs", "out")
    assert "2024-01-22  Wave 1 (Foundation Setup): Authentication system fully functional" in words
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"team-backend_team_1.md", "team-frontend_team_1.md"} <= names
    assert len(names) == 7
    page = (tmp_path / "out" / "team-frontend_team_1.md").read_text()
    assert "phase-3" in page
    assert "session_003" in page


def test_dates_count_from_the_day_that_is_asked_for(typed: Typed) -> None:
    """M063"""
    data = json.loads(typed("plan", TRIO, "--start", "2024-01-01", "--json"))
    assert (data["waves"][0]["start_date"], data["waves"][0]["end_date"]) == ("2024-01-01", "2024-01-02")
    assert "accepted: a date such as 2024-01-31" in typed("plan", TRIO, "--start", "soon", code=2)


def test_a_hard_deadline_stops_a_plan_and_a_soft_one_warns(typed: Typed, tmp_path: Path) -> None:
    """M036"""
    plan = tmp_path / "plan.yaml"
    plan.write_text("wavetree: 1\ndeadline: 5 minutes\ntasks: [{id: a, run: x, estimate: 10 minutes}]\n")
    assert "warning" in typed("plan", str(plan))
    plan.write_text(plan.read_text().replace("deadline: 5 minutes", "deadline: {by: 5 minutes, hard: true}"))
    words = typed("plan", str(plan), code=2)
    assert "plan.yaml:2" in words
    typed("validate", str(plan), code=2)


def test_an_analysis_is_a_plans_input(typed: Typed, tmp_path: Path) -> None:
    """M009, M037"""
    said = json.loads(typed("analyze", TRIO, "-o", "dep_graph.json", "--json"))
    direct = json.loads(typed("plan", TRIO, "--json"))
    planned = json.loads(typed("plan", "dep_graph.json", "--json"))
    assert planned["waves"] == direct["waves"]
    assert planned["dependency_analysis_source"] == said["id"]
    assert said["id"].startswith("dep_graph_20")


def test_the_analysis_of_the_story_names_what_it_found(typed: Typed) -> None:
    """M039, M040, M041, M045"""
    data = json.loads(typed("analyze", *STORY, "--json"))
    tasks = {task["id"]: task for task in data["tasks"]}
    assert tasks["vue-spa-architect"]["slack"] == 420
    assert tasks["doctype-designer"]["kind"] == "independent"
    assert data["conflicts"]["open"] == 0
    hooks = next(one for one in data["conflicts"]["files"] if one["file"] == "hooks.py")
    assert (hooks["level"], hooks["handled"]) == ("high", "handled by wave order")
    words = typed("analyze", *STORY)
    assert "api-architect: Blocks 3 dependent phases" in words
    assert "to end earlier, shorten api-developer (up to 7 min), workflow-specialist (up to 7 min)" in words
    assert "suitability for parallel work: High" in words


def test_a_wave_of_high_risk_brings_a_simpler_plan_beside_it(typed: Typed, tmp_path: Path) -> None:
    """M045, M051: both in one wave"""
    agents = yaml.safe_load(Path(STORY[0]).read_text())
    agents["agent_dependency_analysis"]["dependent_agents"][2]["depends_on"] = ["doctype-designer"]
    moved = tmp_path / "agents.yaml"
    moved.write_text(yaml.safe_dump(agents))
    data = json.loads(typed("plan", str(moved), STORY[1], "--json", "--simplify"))
    assert data["waves"][1]["risk"] == "low"
    blocks = tmp_path / "blocks.yaml"
    blocks.write_text(
        "parallel_block_design:\n"
        "  block_1: {name: A, parallel_agents: [doctype-designer, api-architect, ui-layout-designer]}\n"
        "  block_2: {name: B, parallel_agents: [api-developer, vue-spa-architect, workflow-specialist]}\n"
    )
    data = json.loads(typed("plan", str(moved), STORY[1], str(blocks), "--json", "--simplify"))
    assert data["waves"][1]["risk"] == "high"
    assert data["simpler"]["estimate_seconds"] > data["estimate_seconds"]
    assert ["sequential"] in [[wave["mode"]] for wave in data["simpler"]["waves"]]
    words = typed("plan", str(moved), STORY[1], str(blocks), "--simplify")
    assert "a simpler plan, because wave 2 is of high risk: hooks.py" in words


def test_waves_that_break_needs_are_refused_beside_their_risk_and_waves_that_would_do(
    typed: Typed, tmp_path: Path
) -> None:
    """M057, scenario 1 step 7: workflow-specialist moved into block 2"""
    blocks = tmp_path / "blocks.yaml"
    blocks.write_text(
        "parallel_block_design:\n"
        "  block_1: {name: A, parallel_agents: [doctype-designer, api-architect, ui-layout-designer]}\n"
        "  block_2: {name: B, parallel_agents: [api-developer, vue-spa-architect, workflow-specialist]}\n"
    )
    words = typed("plan", *STORY, str(blocks), code=2)
    assert "wave 2 would be of high risk: hooks.py" in words
    assert "wave 3: workflow-specialist" in words
    assert "about 58 min on 3 slots" in words
    assert "blocks.yaml:3" in words
    assert "workflow-specialist needs api-developer, which is in the same wave" in words
    assert "error" in json.loads(typed("plan", *STORY, str(blocks), "--json", code=2))


def test_a_chain_is_told_that_it_cannot_run_in_parallel(typed: Typed, tmp_path: Path) -> None:
    """M049, M050"""
    plan = tmp_path / "chain.yaml"
    plan.write_text(
        "tickets:\n"
        "  - {id: a, title: A, files: [a], estimated: 1 hour}\n"
        "  - {id: b, title: B, files: [b], estimated: 3 hours, dependencies: [a]}\n"
        "  - {id: c, title: C, files: [c], estimated: 1 hour, dependencies: [b]}\n"
    )
    words = typed("analyze", str(plan))
    assert "suitability for parallel work: None" in words
    assert "a→b, b→c" in words
    assert "run it sequential" in words
    assert "split" in words and "b" in words.split("split")[1]


def test_a_forecast_sees_parts_symbols_and_files_that_change_together(typed: Typed, tmp_path: Path) -> None:
    """M042, M044: below the file and beyond what is declared"""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "api.py").write_text(
        "class Users:\n    def get(self):\n        return 1\n\n\n"
        + "x = 1\n" * 20
        + "def unrelated():\n    return 2\n"
    )
    for number in range(5):
        (tmp_path / "views.py").write_text(f"views = {number}\n")
        (tmp_path / "models.py").write_text(f"models = {number}\n")
        (tmp_path / "forms.py").write_text(f"forms = {number}\n")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", f"c{number}")
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "wavetree: 1\ntasks:\n"
        "  - {id: a, run: x, files: ['api.py::Users.get']}\n"
        "  - {id: b, run: x, files: ['api.py::unrelated']}\n"
        "  - {id: c, run: x, files: [api.py], title: Let Users.get return 3}\n"
        "  - {id: d, run: x, files: [views.py]}\n"
        "  - {id: e, run: x, files: [forms.py]}\n"
    )
    data = json.loads(typed("analyze", str(plan), "--json"))
    grades = {(one["first"], one["second"]): (one["grade"], one["level"]) for one in data["clashes"]}
    assert grades == {
        ("a", "b"): ("apart", "low"),
        ("a", "c"): ("touch", "high"),
        ("b", "c"): ("whole", "medium"),
    }
    assert data["named_parts"] == {"c": ["api.py::Users.get"]}
    assert data["parts"]["api.py::Users.get"] == {"first": 2, "last": 3}
    met = {tuple(one["tasks"]): one for one in data["meetings"]}
    assert met["d", "e"]["file"] in ("models.py", "views.py", "forms.py")
    assert met["d", "e"]["support"] == 5
    words = typed("analyze", str(plan))
    assert (
        "a and c in api.py: the same part, or lines that touch: expect a conflict (their texts name" in words
    )
    assert "(their texts name parts that lie apart)" in words
    assert "api.py::Users.get is lines 2-3" in words
    assert "changed in 5 of 5 commits with" in words
    assert "conflict risk high" in typed("plan", str(plan))


def test_a_folder_that_is_declared_by_its_bare_name_is_everything_below_it(
    typed: Typed, tmp_path: Path
) -> None:
    """M044, M042"""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "config.ts").write_text("a\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "c")
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "wavetree: 1\ntasks:\n  - {id: a, run: x, files: [src]}\n  - {id: b, run: x, files: ['src/*.ts']}\n"
    )
    data = json.loads(typed("analyze", str(plan), "--separation").splitlines()[0])
    assert data["valid"] is False
    assert list(data["conflicts"]) == ["[a, b]"]
    plan.write_text(
        "wavetree: 1\ntasks: [{id: a, run: x, files: ['src/*.ts']}, {id: b, run: x, files: [c]}]\n"
    )
    data = json.loads(typed("analyze", str(plan), "--separation").splitlines()[0])
    assert data["task_file_map"] == {"a": ["src/config.ts"], "b": ["c"]}


def test_every_format_is_written_and_what_is_read_back_is_the_same_plan(typed: Typed, tmp_path: Path) -> None:
    """M007, M024, M026"""
    typed("export", *STORY, "-o", "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"plan.yaml", "execution-plan.json", "parallel-block-design.yaml", "story.md"} <= names
    assert not any("${" in path.read_text() for path in (tmp_path / "out").iterdir())
    before = json.loads(typed("plan", *STORY, "--json"))
    for name in ("plan.yaml", "execution-plan.json"):
        after = json.loads(typed("plan", f"out/{name}", "--json"))
        assert after["waves"] == before["waves"]
    (tmp_path / "out" / "plan.yaml").write_text("mine")
    assert "there already" in typed("export", *STORY, "-o", "out", code=2)
    source = json.loads(Path(PLAN).read_text())
    printed = typed("export", PLAN, "--format", "execution-plan")
    assert json.loads(printed[: printed.index("\n}\n") + 3]) == source
    assert "name one with -o DIR" in typed("export", *STORY, code=2)


def test_a_file_without_tasks_can_be_checked_and_not_planned(typed: Typed) -> None:
    """M001"""
    risks = str(DOCUMENTS / "000_risk_assessment.yaml")
    assert "risk assessment" in typed("validate", risks)
    assert "has no tasks (risk assessment)" in typed("plan", risks, code=2)


@pytest.mark.parametrize("command", ["analyze", "plan"])
def test_a_reader_that_goes_away_is_no_failure(command: str) -> None:
    """M202: `wavetree analyze PLAN | head -1` ends well, as every command does"""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "tui", command, TRIO], stdout=gone, stderr=subprocess.PIPE, cwd=ROOT
        )
    assert (done.returncode, done.stderr) == (0, b"")
