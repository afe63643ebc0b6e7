"""A plan draft says what the answers say: components, orders, files; and lists what it assumed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import graph
from engine.core.plan import Story
from engine.core.story import GROUPS
from engine.core.story_draft import about, draft
from engine.core.story_orders import ordered
from engine.core.story_roles import ROLES, named_in

NOTHING = {each.key: "none" for group in GROUPS for each in group.questions}
YES = {"doctype_first": "yes", "api_first": "yes", "ui_first": "yes"}
FULL = {
    **NOTHING,
    **YES,
    "functionality": "As a cook, I want to plan meals so that nothing is wasted.",
    "module": "Kitchen",
    "complexity": "medium",
    "doctypes": "Recipe, Menu",
    "endpoints": "4",
    "frontend": "yes: meal board",
    "workflow": "yes",
    "integrations": "Stripe",
    "files": "doctype/*/recipe.json, api/*.py public/js/x.vue",
    "tables": "tabRecipe",
    "config": "hooks.py, manifest.json",
}


def made(**answers: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]], tuple[str, ...]]:
    found = draft({**FULL, **answers}, Story(id="S-7"), 3)
    assumed = tuple(text for text in found.assumptions if not text.startswith("nobody named"))
    return found.data, {task["id"]: task for task in found.data["tasks"]}, assumed


def needs(tasks: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    return {(need, name) for name, task in tasks.items() for need in task.get("needs", ())}


EXAMPLE = {
    ("doctype-designer", "api-developer"),
    ("api-architect", "api-developer"),
    ("api-architect", "vue-spa-architect"),
    ("ui-layout-designer", "vue-spa-architect"),
    ("doctype-designer", "workflow-specialist"),
    ("api-developer", "workflow-specialist"),
}


def test_all_components_give_the_six_agents_of_the_example_with_its_needs() -> None:
    data, tasks, assumed = made()
    assert list(tasks) == [role.id for role in ROLES]
    assert needs(tasks) == EXAMPLE
    assert [task["estimate"] for task in tasks.values()] == [role.estimate for role in ROLES]
    assert tasks["doctype-designer"]["steps"] == [
        *("Create the DocType Recipe", "Create the DocType Menu", "Define relationships"),
    ]
    assert tasks["api-developer"]["steps"] == ["Implement 4 API endpoints", "Connect Stripe"]
    assert tasks["workflow-specialist"]["steps"] == ["Configure the workflows"]
    assert assumed == ()
    assert data["story"]["role"] == "cook"
    assert data["story"]["functionality"] == "to plan meals"
    assert data["story"]["value"] == "nothing is wasted"
    assert data["story"]["answers"]["endpoints"] == "4"


@pytest.mark.parametrize(
    ("answers", "roles"),
    [
        ({"frontend": "no", "workflow": "no"}, ["doctype-designer", "api-architect", "api-developer"]),
        (
            {"doctypes": "no", "endpoints": "0", "integrations": "none", "workflow": "no"},
            ["ui-layout-designer", "vue-spa-architect"],
        ),
        ({"doctypes": "none", "endpoints": "0", "frontend": "no", "workflow": "no"}, ["api-developer"]),
        (
            {
                "doctypes": "no, only Recipe",
                "endpoints": "0",
                "frontend": "no",
                "workflow": "no",
                "integrations": "no",
            },
            ["doctype-designer"],
        ),
    ],
)
def test_what_an_answer_denies_is_no_work(answers: dict[str, str], roles: list[str]) -> None:
    _, tasks, _ = made(**answers)
    assert list(tasks) == roles
    assert all(need in tasks for need, _ in needs(tasks))


def test_a_story_without_components_is_one_task_and_says_so() -> None:
    found = draft(NOTHING, Story(), 3)
    assert [task["id"] for task in found.data["tasks"]] == ["implementation"]
    assert "no component is named: the whole story is one task" in found.assumptions


@pytest.mark.parametrize(
    ("answers", "added"),
    [
        (
            {"doctype_first": "no"},
            {("doctype-designer", "api-architect"), ("doctype-designer", "ui-layout-designer")},
        ),
        ({"api_first": "No, the data model comes first"}, {("doctype-designer", "api-architect")}),
        ({"ui_first": "no"}, {("api-developer", "ui-layout-designer")}),
        ({"ordering": "workflow after frontend"}, {("vue-spa-architect", "workflow-specialist")}),
        ({"ordering": "api-developer before ui-layout-designer"}, {("api-developer", "ui-layout-designer")}),
        (
            {"ordering": "Yes: database -> UI design -> API design"},
            {("doctype-designer", "ui-layout-designer"), ("ui-layout-designer", "api-architect")},
        ),
        ({"ordering": "none"}, set()),
    ],
)
def test_an_order_is_added_where_an_answer_asks_for_one(
    answers: dict[str, str], added: set[tuple[str, str]]
) -> None:
    _, tasks, assumed = made(**answers)
    assert needs(tasks) - EXAMPLE == added
    assert assumed == ()


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"api_first": "perhaps"}, "neither yes nor no and was read as no"),
        ({"ordering": "be careful"}, "'be careful' was not understood"),
        ({"ordering": "api design after workflow"}, "which already waits for api-architect"),
        ({"ordering": "workflow before frontend", "workflow": "no"}, "the story has no workflow-specialist"),
        ({"files": "README.md"}, "README.md fits no component that is named; api-developer has it"),
        ({"doctypes": "no"}, "the tables belong to api-developer"),
        ({"functionality": "Plan meals"}, "who wants it (role)"),
    ],
)
def test_what_nobody_said_is_listed(answers: dict[str, str], said: str) -> None:
    _, _, assumed = made(**answers)
    assert any(said in each for each in assumed)


def test_files_tables_and_configuration_go_to_the_tasks_they_fit() -> None:
    data, tasks, _ = made(
        files="kitchen/doctype/r.json, docs/api.md, design/a.fig, workflow/w.json, a.vue, api/u.py"
    )
    assert tasks["doctype-designer"]["files"] == ["kitchen/doctype/r.json"]
    assert tasks["api-architect"]["files"] == ["docs/api.md"]
    assert tasks["ui-layout-designer"]["files"] == ["design/a.fig"]
    assert tasks["workflow-specialist"]["files"] == ["workflow/w.json", "hooks.py"]
    assert tasks["vue-spa-architect"]["files"] == ["a.vue"]
    assert tasks["api-developer"]["files"] == ["api/u.py", "hooks.py"]
    assert tasks["doctype-designer"]["tables"] == ["tabRecipe"]
    assert data["file_rules"][-2:] == [
        {
            "file": "hooks.py",
            "level": "high",
            "resolution": "sequential_access",
            "tasks": ["api-developer", "workflow-specialist"],
        },
        {"file": "manifest.json", "level": "high", "resolution": "final_merge_step"},
    ]


def test_all_that_no_question_asks_for_is_an_assumption() -> None:
    said = [text for text in draft(FULL, Story(), 3).assumptions if text.startswith("nobody named")]
    assert [text.partition(":")[0].removeprefix("nobody named ") for text in said] == [
        "risks; 4 usual ones",
        "gates; 3 usual ones",
        "metrics; 5 usual ones",
        "fallbacks; 3 usual ones",
        "rules; 2 usual ones",
        "integration parts; 3 usual ones",
    ]


def test_what_is_known_of_the_story_counts_more_than_the_answers() -> None:
    told, assumed = about(FULL, Story(id="S-1", title="Meals", role="chef"))
    assert (told.id, told.title, told.role, told.value) == ("S-1", "Meals", "chef", "nothing is wasted")
    assert assumed == []
    told, assumed = about({"functionality": "Import bills. Fast."}, Story())
    assert (told.id, told.title) == ("import-bills", "Import bills")
    assert any("--id" in each for each in assumed)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("the API design", "api-architect"),
        ("API", "api-developer"),
        ("DocTypes", "doctype-designer"),
        ("ui-layout-designer", "ui-layout-designer"),
        ("building the backend", "api-developer"),
        ("coffee", None),
    ],
)
def test_words_name_a_role(text: str, role: str | None) -> None:
    assert named_in(text) == role


WORDS = st.sampled_from(
    ["api", "ui", "doctype", "workflow", "frontend", "api design", "x", "before", "after", "->"]
)


@given(
    st.fixed_dictionaries({key: st.sampled_from(["yes", "no", "maybe"]) for key in YES}),
    st.lists(WORDS, max_size=8).map(" ".join),
)
def test_no_answer_ever_makes_a_cycle(answers: dict[str, str], order: str) -> None:
    start = {role.id: role.needs for role in ROLES}
    found, _ = ordered(start, {**answers, "ordering": order})
    assert graph.cycles(found) == []
    assert all(set(start[name]) <= set(found[name]) for name in start)
