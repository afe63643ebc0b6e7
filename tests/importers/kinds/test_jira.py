"""Jira's answers become tasks, epics and sprints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.plan import Need, Plan, Task
from engine.importers.loading import Validation, load, validate_texts

ANSWER = Path(__file__).parents[2] / "data" / "trackers" / "jira_v3.json"


def issue(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "fields": {"summary": key, **fields}}


def checked(*issues: object, **more: object) -> Validation:
    return validate_texts([("jira.json", json.dumps({"issues": issues, **more}).encode())])


def plan_of(*issues: object, **more: object) -> Plan:
    found = checked(*issues, **more)
    assert found.plan is not None, found.errors
    return found.plan


def task(**fields: Any) -> Task:
    return plan_of(issue("A-1", **fields)).task("A-1")


def link(side: str, key: str, kind: str = "Blocks", said: str = "", category: str = "new") -> dict[str, Any]:
    words = {side: said} if said else {}
    other = {"key": key, "fields": {"status": {"statusCategory": {"key": category}}}}
    return {"type": {"name": kind, **words}, f"{side}Issue": other}


def test_an_issue_is_a_task_and_an_epic_a_section() -> None:
    plan = load(ANSWER)
    assert [task.id for task in plan.tasks] == ["SHOP-2", "SHOP-3", "SHOP-4"]
    assert plan.sections["epics"] == [{"id": "SHOP-1", "title": "Checkout"}]
    assert plan.sections["sprints"] == [{"id": "Sprint 2", "current": True}]
    first = plan.task("SHOP-2")
    assert (first.type, first.status, first.urgency, first.points) == ("bugfix", "pending", "high", 3.0)
    assert first.estimate is not None
    assert first.estimate.most == 8 * 3600
    assert (first.assignee, first.epic, first.sprint) == ("Mia Krystof", "SHOP-1", "Sprint 2")
    assert first.steps == ("Write a test",)
    assert first.extra == {"duedate": "2025-11-01"}


def test_a_document_is_read_as_text_with_its_criteria_and_files() -> None:
    first = load(ANSWER).task("SHOP-2")
    assert first.description == "Items vanish after a reload."
    assert first.criteria == ("Items stay", "Prices are fresh")
    assert first.files == ("src/basket.ts",)


def test_a_link_that_blocks_is_a_need_from_either_end_and_once() -> None:
    assert load(ANSWER).task("SHOP-3").needs == (Need("SHOP-2"),)
    assert plan_of(issue("A-1", issuelinks=[link("outward", "A-2")]), issue("A-2")).task("A-2").needs == (
        Need("A-1"),
    )


def test_a_link_to_an_issue_that_is_not_there_warns_unless_it_is_done() -> None:
    found = validate_texts([("jira.json", ANSWER.read_bytes())])
    assert [(fault.path, fault.message) for fault in found.warnings] == [
        (
            "issues[2].fields.issuelinks[1].inwardIssue.key",
            "SHOP-3 waits for OPS-8, which is not among these tasks: taken as settled",
        )
    ]


@pytest.mark.parametrize(
    ("side", "said", "needed"),
    [
        ("inward", "is blocked by", True),
        ("inward", "Depends on", True),
        ("outward", "depends on", True),
        ("outward", "blocks", False),
        ("inward", "is depended on by", False),
        ("inward", "relates to", None),
        ("outward", "clones", None),
    ],
)
def test_the_words_of_a_link_say_who_waits(side: str, said: str, needed: bool | None) -> None:
    plan = plan_of(issue("A-1", issuelinks=[link(side, "A-2", "Own", said)]), issue("A-2"))
    assert plan.task("A-1").needs == ((Need("A-2"),) if needed else ())
    assert plan.task("A-2").needs == ((Need("A-1"),) if needed is False else ())


@pytest.mark.parametrize(
    ("name", "category", "state"),
    [
        ("To Do", "new", "pending"),
        ("Selected for Development", "new", "pending"),
        ("In Progress", "indeterminate", "running"),
        ("In Review", "indeterminate", "reviewing"),
        ("Blocked", "indeterminate", "blocked"),
        ("With the customer", "indeterminate", "running"),
        ("Done", "done", "complete"),
        ("Cancelled", "done", "complete"),
        ("On hold", None, "paused"),
    ],
)
def test_a_status_is_told_by_its_name_and_its_category(name: str, category: str | None, state: str) -> None:
    status = {"name": name, **({"statusCategory": {"key": category}} if category else {})}
    assert task(status=status).status == state


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Highest", "high"),
        ("High", "high"),
        ("Medium", "medium"),
        ("Low", "low"),
        ("Lowest", "low"),
        ("Odd", None),
    ],
)
def test_a_priority_is_an_urgency(name: str, level: str | None) -> None:
    assert task(priority={"name": name}).urgency == level


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Bug", "bugfix"), ("Story", "feature"), ("Documentation", "docs"), ("Tech Debt", "tech-debt")],
)
def test_an_issue_type_is_a_type(name: str, kind: str) -> None:
    assert task(issuetype={"name": name}).type == kind


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"timeoriginalestimate": 5400}, 5400),
        ({"timeoriginalestimate": None, "timetracking": {"originalEstimateSeconds": 28800}}, 28800),
        ({"timetracking": {"originalEstimate": "1d", "originalEstimateSeconds": 28800}}, 28800),
        ({"timeoriginalestimate": 61}, 61),
    ],
)
def test_an_estimate_is_exact_in_seconds(fields: dict[str, object], seconds: int) -> None:
    found = task(**fields).estimate
    assert found is not None
    assert (found.least, found.most) == (seconds, seconds)


@pytest.mark.parametrize("field", ["customfield_10016", "story_points", "Story Points"])
def test_story_points_are_in_their_usual_fields(field: str) -> None:
    assert task(**{field: 5}).points == 5.0
    assert task(**{field: None}).points is None


def test_an_answer_with_names_says_which_custom_field_is_which() -> None:
    names = {"customfield_1": "Story Points", "customfield_2": "Epic Link", "customfield_3": "Sprint"}
    fields = {"customfield_1": 8, "customfield_2": "A-9", "customfield_10016": 4}
    found = plan_of(issue("A-1", **fields, customfield_3={"name": "S", "state": "future"}), names=names)
    first = found.task("A-1")
    assert (first.points, first.epic, first.sprint) == (8.0, "A-9", "S")
    assert first.extra == {"customfield_10016": 4}


@pytest.mark.parametrize(
    "value",
    [
        [{"name": "S 1", "state": "closed"}, {"name": "S 2", "state": "active"}],
        [{"name": "S 3", "state": "future"}, {"name": "S 2", "state": "ACTIVE"}],
        ["com.atlassian.greenhopper.service.sprint.Sprint@1[id=2,state=ACTIVE,name=S 2,goal=]"],
    ],
)
def test_a_sprint_is_the_active_one_of_a_custom_field(value: object) -> None:
    plan = plan_of(issue("A-1", customfield_10020=value))
    assert plan.task("A-1").sprint == "S 2"
    assert plan.sections["sprints"] == [{"id": "S 2", "current": True}]


def test_an_epic_may_be_a_parent_or_an_agile_field_and_a_parent_story_is_none() -> None:
    epic = {"key": "A-7", "fields": {"summary": "Seven", "issuetype": {"name": "Epic"}}}
    story = {"key": "A-8", "fields": {"summary": "Eight", "issuetype": {"name": "Story"}}}
    plan = plan_of(
        issue("A-1", parent=epic),
        issue("A-2", parent=story),
        issue("A-3", epic={"key": "A-7", "name": "Seven"}),
        issue("A-4", customfield_10014="A-7"),
    )
    assert [task.epic for task in plan.tasks] == ["A-7", "", "A-7", "A-7"]
    assert plan.sections["epics"] == [{"id": "A-7", "title": "Seven"}]


def test_a_sub_task_that_is_an_issue_of_the_answer_is_a_task_and_no_step() -> None:
    children = [{"key": key, "fields": {"summary": f"do {key}"}} for key in ("A-2", "A-3")]
    plan = plan_of(issue("A-1", subtasks=children), issue("A-2"))
    assert plan.task("A-1").steps == ("do A-3",)


def test_wiki_markup_is_read_as_text() -> None:
    text = "h3. Acceptance criteria\r\n* one\r\n* two\r\n\r\nFiles: {{src/a.py}}\r\nDepends on AB-2\r\n"
    first = plan_of(issue("AB-1", description=text), issue("AB-2")).task("AB-1")
    assert (first.criteria, first.files, first.needs) == (("one", "two"), ("src/a.py",), (Need("AB-2"),))


def test_a_document_with_code_tasks_numbers_and_mentions_is_text() -> None:
    def text(words: str) -> dict[str, object]:
        return {"type": "text", "text": words}

    def node(kind: str, *content: object, **attrs: object) -> dict[str, object]:
        return {"type": kind, "attrs": attrs, "content": list(content)}

    document = node(
        "doc",
        node("paragraph", node("mention", text="@mia"), text(" look"), node("hardBreak"), text("here")),
        node("orderedList", node("listItem", node("paragraph", text("first")))),
        node("codeBlock", text("Files: x.py")),
        node("taskList", node("taskItem", text("test it"), state="TODO")),
        node("table", node("tableRow", node("tableCell", node("paragraph", text("cell"))))),
        node("heading", text("End"), level="odd"),
    )
    found = task(description=document)
    assert (
        found.description == "@mia look\nhere\n\n1. first\n\n```\nFiles: x.py\n```\n\n\ncell\n\n \n\n### End"
    )
    assert (found.steps, found.files) == (("test it",), ())


def test_single_issues_and_lists_of_them_are_recognised() -> None:
    for data in (issue("A-1"), [issue("A-1")]):
        found = validate_texts([("jira.json", json.dumps(data).encode())])
        assert found.plan is not None
        assert found.kinds == (("Jira issues",),)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"status": 5}, "issues[0].fields.status: found '5'; accepted: a mapping with name"),
        (
            {"status": {"name": "Odd"}},
            "issues[0].fields.status.name: found the text 'Odd'; accepted: pending",
        ),
        ({"issuetype": []}, "issues[0].fields.issuetype: found a list; accepted: a mapping with name"),
        (
            {"assignee": "x"},
            "issues[0].fields.assignee: found the text 'x'; accepted: a mapping with displayNa",
        ),
        ({"labels": 5}, "issues[0].fields.labels: found '5'; accepted: a list"),
        ({"issuelinks": 5}, "issues[0].fields.issuelinks: found '5'; accepted: a list of links"),
        ({"issuelinks": [5]}, "issues[0].fields.issuelinks[0]: found '5'; accepted: a link with type"),
        ({"subtasks": [{}]}, "issues[0].fields.subtasks[0]: found a mapping; accepted: a sub-task with key"),
        (
            {"timeoriginalestimate": "1d"},
            "issues[0].fields.timeoriginalestimate: found the text '1d'; accepted",
        ),
        ({"description": [1]}, "issues[0].fields.description: found a list; accepted: text or a document"),
        ({"summary": [1]}, "jira.json:1: issues[0].fields.summary: found a list; accepted: text"),
    ],
)
def test_an_error_names_the_issue_and_the_field(fields: dict[str, Any], message: str) -> None:
    errors = [str(fault) for fault in checked(issue("A-1", **fields)).errors]
    assert any(message in error for error in errors), errors


def test_what_is_no_issue_is_an_error() -> None:
    errors = [str(fault) for fault in checked(issue("A-1"), 5, {"key": "A-2"}, issue("A-1")).errors]
    assert [error.split("; ")[0] for error in errors[:3]] == [
        "jira.json:1: issues[3].key: found 'A-1', which tasks[0] has already",
        "jira.json:1: issues[1]: found '5'",
        "jira.json:1: issues[2]: found a mapping",
    ]
