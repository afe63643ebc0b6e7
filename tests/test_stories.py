"""From answers or documents to a plan that is valid, complete and can be written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.analysis.story_check import story_check
from engine.core.errors import PlanError
from engine.core.plan import Mode, Story
from engine.core.story import GROUPS, Unanswered
from engine.importers.loading import loads
from engine.story import documents, exports, from_answers, from_documents

DOCUMENTS = Path(__file__).parent / "data" / "documents"
SEED = (DOCUMENTS / "000_agent_dependency_analysis.yaml", DOCUMENTS / "000_file_conflict_analysis.yaml")
ANSWERS = {each.key: "none" for group in GROUPS for each in group.questions} | {
    "functionality": "As a cook, I want to plan meals so that nothing is wasted.",
    "doctypes": "Recipe",
    "endpoints": "2",
    "frontend": "a board",
    "workflow": "yes",
    "doctype_first": "yes",
    "api_first": "yes",
    "ui_first": "yes",
    "files": "api/*.py",
    "config": "hooks.py",
}


def test_complete_answers_give_a_plan_of_three_named_waves_that_passes_all_eight_points() -> None:
    made = from_answers(ANSWERS, Story(id="S-7"), 3)
    assert [(wave.name, wave.mode, len(wave.tasks)) for wave in made.plan.waves] == [
        ("Foundation", Mode.PARALLEL, 3),
        ("Implementation", Mode.PARALLEL, 2),
        ("Integration", Mode.SEQUENTIAL, 1),
    ]
    assert [point.name for point in story_check(made.plan) if not point.shown] == []
    assert made.plan.draft


def test_the_plan_file_reads_back_as_the_same_plan() -> None:
    plan = from_answers(ANSWERS, Story(id="S-7"), 2).plan
    assert loads(documents(plan)["S-7.yaml"], "S-7") == plan


def test_with_an_agent_the_plan_can_be_run() -> None:
    plan = from_answers(ANSWERS, Story(id="S-7"), 3, "simulated").plan
    assert not loads(documents(plan)["S-7.yaml"]).draft


def test_an_open_question_and_a_path_that_is_none_make_no_plan() -> None:
    with pytest.raises(Unanswered, match="Component Analysis: not answered: Does this involve"):
        from_answers(ANSWERS | {"workflow": " "}, Story(), 3)
    with pytest.raises(PlanError, match="<answers>: file_rules"):
        from_answers(ANSWERS | {"files": ".git/config"}, Story(), 3)


def test_documents_give_the_plan_and_the_answers_the_story() -> None:
    made = from_documents(SEED, {"functionality": "to plan meals", "endpoints": "4"}, Story(id="S-8"), 3)
    plan = made.plan
    assert (len(plan.tasks), sum(not task.needs for task in plan.tasks)) == (6, 3)
    assert plan.story is not None
    assert (plan.story.title, plan.story.answers["endpoints"]) == ("Plan meals", "4")
    assert [point.name for point in story_check(plan) if not point.shown] == []
    assert from_documents(SEED, {}, Story(), 3).plan.name == "000-agent-dependency-analysis"


def test_what_the_documents_say_of_risks_is_kept() -> None:
    made = from_documents((*SEED, DOCUMENTS / "000_risk_assessment.yaml"), {}, Story(), 3)
    risks = made.plan.sections["risk_assessment"]["technical_risks"]
    assert risks[0]["risk"] == "File merge conflicts"
    assert not any("risk" in text for text in made.assumptions)


def test_all_that_is_added_to_documents_is_an_assumption() -> None:
    made = from_documents(SEED, {}, Story(id="S-7"), 3)
    assert made.plan.story is not None
    assert made.plan.story.title == "Story S-7"
    said = [text.partition(":")[0] for text in made.assumptions]
    assert said == [
        "the story does not say who wants it (role)",
        "the story does not say what it is good for (value)",
        "the story has no title; it is called Story S-7",
        "blocks without a name are called Foundation, Implementation, Integration",
        "nobody named risks; 4 usual ones",
        "nobody named gates; 3 usual ones",
        "nobody named metrics; 5 usual ones",
        "nobody named fallbacks; 3 usual ones",
        "nobody named rules; 2 usual ones",
        "nobody named integration parts; 3 usual ones",
    ]


def test_whole_documents_need_no_assumption_but_those_about_the_story() -> None:
    kinds = ("block_design", "quality_gates")
    rest = ("performance_metrics", "risk_assessment", "conflict_resolution", "integration_setup")
    names = (*(f"parallel_{kind}" for kind in kinds), *rest)
    made = from_documents((*SEED, *(DOCUMENTS / f"000_{name}.yaml" for name in names)), {}, Story("S-7"), 3)
    assert [text for text in made.assumptions if not text.startswith("the story ")] == []


def test_a_strategy_keeps_its_own_risks_and_metrics_and_its_name_as_the_title() -> None:
    made = from_documents((DOCUMENTS / "001_execution_plan.json",), {}, Story(id="S-7"))
    assert made.plan.story is not None
    assert made.plan.story.title == "project_name"
    assert "risk_assessment" not in made.plan.sections
    assert "performance_metrics" not in made.plan.sections


def test_everything_that_is_exported_is_named_after_the_story_and_reads_back() -> None:
    plan = from_answers(ANSWERS, Story(id="S-7"), 3).plan
    made = exports(plan, 3)
    assert sorted(made) == [
        *("S-7-blocks.yaml", "S-7-dependencies.yaml", "S-7-files.yaml", "S-7-parallel-config.yaml"),
        *("S-7-plan.md", "S-7-story.md", "S-7-structure.yaml"),
    ]
    again = loads("\n".join(made[f"S-7-{kind}.yaml"] for kind in ("blocks", "dependencies", "files")))
    assert [wave.tasks for wave in again.waves] == [wave.tasks for wave in plan.waves]
    assert set(again.file_rules) == set(plan.file_rules)
    assert "${" not in "".join(made.values())
