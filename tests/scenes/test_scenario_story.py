"""A story made for parallel execution: from the questions to the files, and what a bad change of it does."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from engine.core.analysis.risk import wave_risks
from engine.core.analysis.simplify import offer
from engine.core.clashes import clashes
from engine.core.forecast import forecast
from engine.core.plan import Level, Plan
from engine.importers.loading import load, loads, validate
from engine.story import documents
from tui.__main__ import main

pytestmark = pytest.mark.scenario
DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
ANSWERS = f"""
load:
  - {DOCUMENTS / "000_agent_dependency_analysis.yaml"}
  - {DOCUMENTS / "000_file_conflict_analysis.yaml"}
story: {{id: S-7, title: Meal planning}}
requirements:
  functionality: As a cook, I want to plan meals so that nothing is wasted.
  complexity: medium
"""
CHAIN = (
    "wavetree: 1\nname: chain\ntasks:\n- {id: a, run: x, estimate: 5m}\n"
    "- {id: b, run: x, needs: [a], estimate: 20m}\n- {id: c, run: x, needs: [b], estimate: 5m}\n"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    return tmp_path


@pytest.fixture
def made(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["story", "new", "--answers", "answers.yaml"]) == 0
    capsys.readouterr()
    return here


@pytest.mark.parametrize(
    "words",
    [["*parallel-story"], ["/bmadErpNext:agent:erpnext-scrum-master", "*parallel-story"]],
)
def test_the_documents_command_asks_the_four_groups_and_stays_on_an_open_question(
    words: list[str], here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("to plan meals\n\n\n"))
    assert main(words) == 130
    shown = capsys.readouterr().out
    assert shown.count("Which ERPNext module is this for?") == 3
    assert "1/4 Story Requirements" in shown
    assert "2/4" not in shown
    assert sorted(path.name for path in here.iterdir()) == ["answers.yaml", "story-answers.json"]


def test_the_data_give_six_tasks_in_three_waves_with_the_documents_figures(made: Path) -> None:
    plan = load(made / "S-7.yaml")
    assert len(plan.tasks) == 6
    assert sum(not task.needs for task in plan.tasks) == 3
    assert sum(len(task.needs) for task in plan.tasks) == 6
    text = (made / "S-7-plan.md").read_text()
    agents = re.findall(r"^\*\*Agents\*\*: (.*)$", text, re.MULTILINE)
    assert agents == [
        "doctype-designer, api-architect, ui-layout-designer",
        "api-developer, vue-spa-architect",
        "workflow-specialist",
    ]
    durations = re.findall(r"^\*\*Duration\*\*: (.*)$", text, re.MULTILINE)
    assert durations == ["18 minutes", "25 minutes", "15 minutes"]
    for figure in ("58 minutes", "45% over sequential", "(Sequential)"):
        assert figure in text
    told = forecast(plan, 3)
    assert (told.sequential, told.critical_seconds) == (6300.0, 3000.0)
    assert told.critical == ("doctype-designer", "api-developer", "workflow-specialist")
    assert "**Parallel Suitability**: High" in (made / "S-7-story.md").read_text()


def test_two_slots_take_67_minutes(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "export", "S-7.yaml", "--md", "--slots", "2", "-o", "two"]) == 0
    assert "**Total Duration**: 67 minutes" in (made / "two" / "S-7-plan.md").read_text()
    story = (made / "two" / "S-7-story.md").read_text()
    assert "up to 2 tasks run together" in story
    assert "1 h 7 min instead of 1 h 45 min" in story


def test_shared_files_are_handled_by_wave_order_and_by_a_final_merge_step(made: Path) -> None:
    story = (made / "S-7-story.md").read_text()
    assert "`hooks.py` (high): api-developer, workflow-specialist: handled by wave order" in story
    assert "`manifest.json` (high): all agents: final merge step" in story
    assert "0 open conflicts" in story


def test_everything_is_exported_and_all_eight_points_are_shown(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["story", "export", "S-7.yaml", "-o", "out", "--json"]) == 0
    written = [Path(name).name for name in json.loads(capsys.readouterr().out)["files"]]
    assert {"S-7-plan.md", "S-7-story.md", "S-7-blocks.yaml", "S-7-parallel-config.yaml"} <= set(written)
    for name in written:
        assert "${" not in (made / "out" / name).read_text()
    blocks = yaml.safe_load((made / "out" / "S-7-blocks.yaml").read_text())["parallel_block_design"]
    given = yaml.safe_load((DOCUMENTS / "000_parallel_block_design.yaml").read_text())
    for key, block in given["parallel_block_design"].items():
        for same in ("parallel_agents", "sequential_agents", "dependencies", "estimated_duration"):
            assert blocks[key].get(same) == block.get(same)
    assert main(["story", "check", "S-7.yaml"]) == 0
    assert capsys.readouterr().out.endswith("\n8/8\n")


def test_a_task_moved_before_its_need_is_an_error_of_high_risk_with_a_simpler_plan_offered(
    made: Path,
) -> None:
    plan = load(made / "S-7.yaml")
    moved = _moved(plan)
    text = documents(moved)["S-7.yaml"]
    (made / "moved.yaml").write_text(text)
    errors = [str(fault) for fault in validate([made / "moved.yaml"]).errors]
    assert any("api-developer" in error and "is in the same wave" in error for error in errors)
    found = clashes(moved)
    assert [each.level for each in wave_risks(moved, found)] == [Level.LOW, Level.HIGH]
    offered = offer(moved, found, forecast(moved, 3))
    assert offered is not None
    assert all(each.level is not Level.HIGH for each in wave_risks(offered.plan, clashes(offered.plan)))
    again = loads(documents(offered.plan)["S-7.yaml"], "S-7")
    assert {task.id for task in again.tasks} == {task.id for task in plan.tasks}


def _moved(plan: Plan) -> Plan:
    first, second, third = plan.waves
    return replace(plan, waves=(first, replace(second, tasks=(*second.tasks, *third.tasks))))


def test_a_chain_does_not_suit_and_the_document_says_what_to_do(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "chain.yaml").write_text(CHAIN)
    assert main(["story", "export", "chain.yaml", "--md"]) == 0
    shown = capsys.readouterr().out
    assert "**Parallel Suitability**: None" in shown
    for line in ("- a→b", "- b→c", "- Recommended: sequential"):
        assert line in shown
    assert "split b" in shown
