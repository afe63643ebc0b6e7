"""The five state files, the five strategy documents, and a page for everybody who works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core.plan import Plan
from engine.core.session_names import sessions
from engine.exporters.deliverables import deliverables
from engine.exporters.outline import outline
from engine.exporters.playbooks import pages
from engine.exporters.state_files import PARTS, state_files
from engine.importers.loading import load, loads

FIVE = {
    "strategy.md",
    "wave-schedules.md",
    "coordination-protocols.md",
    "risk-plan.md",
    "monitoring-framework.md",
}


@pytest.fixture(scope="module")
def strategy(documents: Path) -> Plan:
    return load(documents / "001_execution_plan.json")


def test_the_five_files_hold_the_document_and_four_of_its_parts(documents: Path) -> None:
    document = json.loads((documents / "001_execution_plan.json").read_text())
    files = {name: json.loads(text) for name, text in state_files(document).items()}
    assert files.pop("execution-plan.json") == document
    assert files == {name: document[part] for name, part in PARTS.items()}
    assert len(files) == 4


def test_a_part_that_is_not_there_is_an_empty_one() -> None:
    files = state_files({"wave_execution_plan": {"total_waves": 1}})
    assert json.loads(files["risk-mitigation-plan.json"]) == {}
    assert json.loads(files["wave-schedules.json"]) == {"total_waves": 1}


def test_each_team_has_a_page_with_its_tasks_dates_and_sync_points(strategy: Plan) -> None:
    made = deliverables(outline(strategy))
    assert set(made) == {*FIVE, "team-backend_team_1.md", "team-frontend_team_1.md"}
    page = made["team-frontend_team_1.md"]
    assert "## phase-3" in page
    assert "- Session: session_003" in page
    assert "- Dates: 2024-01-22 to 2024-02-19" in page
    assert "- Delivers: Auth UI" in page
    assert "API Contract Validation: wave 2, Week 2 of wave 2, 1 day, with session_002, session_003" in page
    assert "phase-2" not in page
    assert "API Contract Validation" in made["team-backend_team_1.md"]
    assert "## phase-1" in made["team-backend_team_1.md"]


def test_the_documents_tell_what_the_strategy_says(strategy: Plan) -> None:
    made = deliverables(outline(strategy))
    assert "- 3 tasks in 2 waves" in made["strategy.md"]
    assert "- 7 weeks instead of 11 weeks one after the other: 36% saved" in made["strategy.md"]
    assert "- backend\\_team" not in made["strategy.md"]
    assert "backend_team_1: 3 people, 120 hours a week; Node.js, PostgreSQL, Docker" in made["strategy.md"]
    assert "- Dates: 2024-01-01 to 2024-01-22" in made["wave-schedules.md"]
    assert "## API Contract Misalignment" in made["risk-plan.md"]
    assert "- If it comes: Fallback to sequential" in made["risk-plan.md"]
    assert "- Affects: session_002, session_003" in made["risk-plan.md"]
    assert "parallel team standup: daily; 9:00 AM; 30 minutes" in made["coordination-protocols.md"]
    assert "decision types: technical decisions: architect" in made["coordination-protocols.md"]
    assert "Coordination Overhead: <10%, warning at 15%" in made["monitoring-framework.md"]


def test_without_teams_every_session_has_a_page(six: Plan) -> None:
    made = deliverables(outline(six, 3))
    assert set(made) == {*FIVE, *(f"team-session_{number:03}.md" for number in range(1, 7))}
    page = made["team-session_004.md"]
    assert "# Session session_004: " in page
    assert "## api-developer" in page
    assert "- Needs: doctype-designer, api-architect" in page
    assert "- Files: `hooks.py`, `api/*.py`" in page
    assert "- Dates: open: the plan has no start date" in page
    assert "## Sync Points\n- None" in page


def test_the_name_of_a_page_never_leads_out_of_the_folder() -> None:
    plan = loads(
        "tickets: [{id: a, team: ../../x}, {id: b, team: y}, {id: c}]\n"
        "resource_analysis: {available_teams: [{team_id: ../../x}, {team_id: y}]}\n"
    )
    assert [one.file for one in pages(plan)] == ["team-x.md", "team-y.md", "team-without-team.md"]


def test_sessions_without_a_name_get_one_that_is_free() -> None:
    plan = loads(
        "wavetree: 1\ntasks: [{id: a, run: x, session: session_002}, {id: b, run: x}, {id: c, run: x}]\n"
    )
    assert sessions(plan) == {"a": "session_002", "b": "session_001", "c": "session_003"}
