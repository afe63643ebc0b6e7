"""What is written of a plan reads back as the same plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.plan import Plan
from engine.exporters.execution_plan import execution_plan
from engine.exporters.native import native, to_yaml
from engine.importers.loading import load, validate_texts

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "tests" / "data" / "documents"
NOW = "2024-01-01T10:00:00Z"
INPUTS = {
    "a story's documents": [
        DOCUMENTS / "000_agent_dependency_analysis.yaml",
        DOCUMENTS / "000_file_conflict_analysis.yaml",
        DOCUMENTS / "000_parallel_block_design.yaml",
        DOCUMENTS / "000_risk_assessment.yaml",
        DOCUMENTS / "000_parallel_quality_gates.yaml",
    ],
    "an execution plan": [DOCUMENTS / "001_execution_plan.json"],
    "an execution order": [DOCUMENTS / "002_execution_order.yaml"],
    "tickets": [DOCUMENTS / "003_tickets_trio.yaml"],
    "tickets with milestones": [DOCUMENTS / "003_tickets_dependencies.yaml"],
    "an epic": [DOCUMENTS / "003_epic-10.yaml"],
    "a sprint": [DOCUMENTS / "003_sprint-15.yaml"],
    "a roadmap": [DOCUMENTS / "004_ROADMAP.md"],
    "the demo": [ROOT / "examples" / "demo.yaml"],
    "this project's own plan": [ROOT / "examples" / "self" / "plan.yaml"],
}


def read_back(text: str, name: str) -> Plan:
    found = validate_texts([(name, text.encode())])
    assert found.errors == ()
    assert found.plan is not None
    return found.plan


@pytest.mark.parametrize("files", INPUTS.values(), ids=INPUTS)
def test_a_plan_of_any_source_survives_the_native_format(files: list[Path]) -> None:
    plan = load(*files)
    assert read_back(to_yaml(native(plan)), "plan.yaml") == plan
    assert read_back(json.dumps(native(plan)), "plan.json") == plan


@pytest.mark.parametrize("files", INPUTS.values(), ids=INPUTS)
def test_a_plan_of_any_source_survives_the_execution_plan(files: list[Path]) -> None:
    """M023"""
    plan = load(*files)
    data = execution_plan(plan, 3, NOW)
    assert read_back(json.dumps(data), "plan.json") == plan
    assert execution_plan(read_back(json.dumps(data), "plan.json"), 3, NOW) == data


def test_the_documents_execution_plan_is_written_back_key_for_key() -> None:
    """M007"""
    path = DOCUMENTS / "001_execution_plan.json"
    assert execution_plan(load(path), 3, NOW) == json.loads(path.read_text())


def test_keys_that_nobody_knows_are_written_back() -> None:
    """M007"""
    source = json.loads((DOCUMENTS / "001_execution_plan.json").read_text())
    source["our_own"] = {"a": [1, 2.5, None, True, {"b": "12"}]}
    source["project_context"]["client"] = "ACME"
    source["wave_execution_plan"]["legend"] = "x"
    source["wave_execution_plan"]["waves"][0]["colour"] = "red"
    source["wave_execution_plan"]["waves"][1]["phases"][0]["wiki"] = {"page": 7}
    source["risk_management"]["risk_assessment"][0]["owner"] = "Kim"
    plan = read_back(json.dumps(source), "plan.json")
    assert execution_plan(plan, 3, NOW) == source


def test_other_tools_keys_that_look_like_the_plans_own_stay_other_tools() -> None:
    content = {
        "wavetree": 1,
        "name": "p",
        "tasks": [
            {"id": "a", "run": "x", "extra": {"extra": 0, "title": 1, "team_assignment": "t", "own": 2}}
        ],
        "waves": [{"tasks": ["a"], "extra": {"phases": 1, "wave_name": "n", "slots": "many", "own": 2}}],
    }
    plan = read_back(json.dumps(content), "p.json")
    data = execution_plan(plan, 3, NOW)
    assert read_back(json.dumps(data), "e.json") == plan
    assert data["wave_execution_plan"]["waves"][0]["own"] == 2


def test_a_session_is_numbered_past_names_that_are_taken() -> None:
    """M037"""
    plan = read_back("wavetree: 1\ntasks: [{id: a, run: x, session: session_002}, {id: b, run: x}]", "p.yaml")
    (wave,) = execution_plan(plan, 3, NOW)["wave_execution_plan"]["waves"]
    assert [phase["session_id"] for phase in wave["phases"]] == ["session_002", "session_001"]


def test_an_execution_plan_of_tickets_has_all_sections_and_computed_totals() -> None:
    """M024, M037: 2 hours against 4.5 save 56 %"""
    data = execution_plan(load(DOCUMENTS / "003_tickets_trio.yaml"), 3, NOW)
    assert set(json.loads((DOCUMENTS / "001_execution_plan.json").read_text())) <= set(data)
    assert data["execution_plan_id"] == "parallel_exec_20240101T100000Z"
    assert data["dependency_analysis_source"] == "dep_graph_20240101T100000Z"
    assert data["project_context"] == {
        "project_name": "003_tickets_trio",
        "total_phases": 3,
        "total_estimated_duration": "4.5 hours",
        "parallel_estimated_duration": "2 hours",
        "time_savings_percentage": "56%",
    }
    (wave,) = data["wave_execution_plan"]["waves"]
    assert [phase["session_id"] for phase in wave["phases"]] == ["session_001", "session_002", "session_003"]
    assert (wave["duration"], wave["risk_level"], wave["max_concurrent_sessions"]) == ("2 hours", "low", 3)


def test_an_analysis_that_was_written_plans_like_its_source() -> None:
    """M009"""
    plan = load(DOCUMENTS / "003_sprint-15.yaml")
    written = {
        "dependency_graph_id": "dep_graph_20240101T100000Z",
        "plan": native(plan),
        "analysis_results": {},
    }
    again = read_back(json.dumps(written), "dep_graph.json")
    assert again.waves == plan.waves
    assert again.analysis == "dep_graph_20240101T100000Z"
    assert execution_plan(again, 3, NOW)["dependency_analysis_source"] == again.analysis


words = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f\x80\x85\xa0"), max_size=20
).filter(lambda text: all(letter.isprintable() for letter in text))
lines = words.filter(lambda text: text.strip() != "")
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,8}", fullmatch=True)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Native plans with all sorts of text in all sorts of keys."""
    ids = draw(st.lists(names, min_size=1, max_size=5, unique_by=str.casefold))
    tasks: list[dict[str, Any]] = []
    for number, name in enumerate(ids):
        keys = {
            "title": words,
            "description": words,
            "steps": st.lists(words, max_size=2),
            "criteria": st.lists(words, max_size=2),
            "labels": st.lists(lines, max_size=2),
            "urgency": st.sampled_from(["low", "medium", "high"]),
            "points": st.integers(0, 100),
            "estimate": st.sampled_from(
                ["18 minutes", "10-15 minutes", "24-hour", "1.5 days", "90s", "1h 30m"]
            ),
            "resources": st.dictionaries(names, st.integers(0, 3), max_size=2),
            "files": st.lists(st.sampled_from(["a.py", "src/**", "b.py::f.g", "c.md#L1-3"]), max_size=2),
            "needs": st.lists(st.sampled_from(ids[:number]), max_size=2) if number else st.just([]),
            "extra": st.dictionaries(lines, st.one_of(st.integers(), st.booleans(), words), max_size=2),
            "timeout": st.integers(1, 10**6),
        }
        chosen = draw(st.sets(st.sampled_from(sorted(keys)), max_size=6))
        tasks.append({"id": name, "run": draw(lines), **{key: draw(keys[key]) for key in sorted(chosen)}})
    return {"wavetree": 1, "name": draw(lines), "tasks": tasks, "slots": draw(st.integers(1, 9))}


@given(plans())
@settings(max_examples=25, deadline=None)
def test_any_plan_survives_both_formats(content: dict[str, Any]) -> None:
    found = validate_texts([("p.json", json.dumps(content).encode())])
    assert found.errors == ()
    assert found.plan is not None
    assert read_back(to_yaml(native(found.plan)), "p.yaml") == found.plan
    assert read_back(json.dumps(execution_plan(found.plan, 2, NOW)), "e.json") == found.plan
