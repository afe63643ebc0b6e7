"""What the GitHub command line writes about issues becomes tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.plan import Need, Task
from engine.importers.loading import Validation, load, validate_texts

ISSUES = Path(__file__).parents[2] / "data" / "trackers" / "github_issues.json"


def checked(*issues: object) -> Validation:
    return validate_texts([("issues.json", json.dumps(list(issues)).encode())])


def task(**fields: Any) -> Task:
    found = checked({"number": 1, "title": "one", **fields})
    assert found.plan is not None, found.errors
    return found.plan.task("GH-1")


def test_an_issue_is_a_task_with_what_its_labels_and_its_body_say() -> None:
    first = load(ISSUES).task("GH-12")
    assert (first.title, first.type, first.urgency) == ("Parser crashes on empty input", "bugfix", "high")
    assert first.estimate is not None
    assert first.estimate.most == 7200
    assert first.labels == ("bug", "P1", "estimate: 2h")
    assert (first.assignee, first.agent, first.sprint) == ("mona", "", "v1.2")
    assert first.steps == ("write a test",)
    assert first.criteria == ("exits 2", "no traceback")
    assert first.files == ("src/parser.py", "tests/test_parser.py")
    assert [line for line in first.description.splitlines() if line] == [
        "It crashes.",
        "- [x] reproduce",
        "Files: `src/parser.py`, tests/test_parser.py, the docs, ../secret.txt",
    ]
    assert first.extra == {"url": "https://github.com/example/tool/issues/12"}


@pytest.mark.parametrize("key", ["## Files", "Files:", "**Files**:"])
def test_a_checklist_below_a_list_of_files_is_still_a_checklist(key: str) -> None:
    found = task(body=f"Why.\n\n{key}\n\n- src/a.py\n- `b.py`\n\n- [ ] write it\n- [X] think of it\n")
    assert found.files == ("src/a.py", "b.py")
    assert found.steps == ("write it",)
    assert found.description == "Why.\n\n\n\n- [X] think of it"


def test_what_is_said_under_a_key_and_is_not_of_its_kind_stays_in_the_description() -> None:
    body = (
        "## Files\n- src/a.py\n- the parser\n- `b.py` with care\n\n## Estimate\nabout a day\n\n"
        "Story points: many\n\n## Blocked by\n- #2\n- the vendor\n- #2 and its docs\n\n"
        "## Tasks\n- [x] look\n- find\n- [ ] #3\n"
    )
    found = checked({"number": 1, "title": "a", "body": body}, {"number": 2, "title": "b"})
    assert found.plan is not None
    first = found.plan.task("GH-1")
    assert (first.files, first.estimate, first.points) == (("src/a.py", "b.py"), None, None)
    assert (first.needs, first.steps) == ((Need("GH-2"),), ("find", "#3"))
    assert [line for line in first.description.splitlines() if line] == [
        *("## Files", "- the parser", "- `b.py` with care"),
        *("## Estimate", "about a day", "Story points: many"),
        *("## Blocked by", "- the vendor", "- #2 and its docs", "- [x] look"),
    ]


WORDS = st.sampled_from(
    [
        "- a.py",
        "- [ ] do it",
        "- [x] did it",
        "- some words",
        "words",
        "",
        "Files: a.py, words",
        "- #1",
        "- b c.py",
    ]
)
HEADS = st.sampled_from(
    ["## Files", "Files:", "## Tasks", "Depends on:", "## Notes", "Estimate: 2h", "Points: x"]
)


@given(st.lists(WORDS | HEADS, max_size=12))
def test_no_word_of_a_body_is_lost(lines: list[str]) -> None:
    found = task(body="\n".join(lines))
    estimate = "2h" if found.estimate else ""
    kept = " ".join([found.description, *found.steps, *found.files, estimate])
    for line in lines:
        said = line.removeprefix("- ").removeprefix("[ ] ").removeprefix("[x] ")
        if not line.startswith("#") and not line.endswith(":") and said != "#1":
            assert said.removeprefix("Estimate: ") in kept


def test_a_body_says_what_an_issue_waits_for_and_so_does_github() -> None:
    plan = load(ISSUES)
    assert set(plan.task("GH-13").needs) == {Need("GH-12"), Need("GH-9"), Need("GH-14")}
    assert plan.task("GH-14").needs == (Need("GH-12"),)
    docs = plan.task("GH-13")
    assert (docs.type, docs.urgency, docs.points, docs.agent) == ("docs", "low", 3.0, "writer")
    assert docs.estimate is not None
    assert docs.estimate.most == 5400
    assert docs.files == ()


def test_closed_issues_are_complete_and_those_not_planned_are_left_out() -> None:
    plan = load(ISSUES)
    assert [task.id for task in plan.tasks] == ["GH-12", "GH-13", "GH-14", "GH-9"]
    assert [task.id for task in plan.tasks if task.complete] == ["GH-9"]


def test_a_need_of_an_issue_that_is_not_there_is_settled_with_a_warning() -> None:
    found = validate_texts([("issues.json", ISSUES.read_bytes())])
    assert [(fault.path, fault.message) for fault in found.warnings] == [
        ("[1].body", "waits for #4, which is not in this list: taken as settled")
    ]


@pytest.mark.parametrize(
    "body",
    [
        "Depends on #2",
        "depends on: #2",
        "**Depends on:** #2",
        "- Blocked by #2.",
        "Needs: #2",
        "Requires #2, please",
        "Waiting on GH-2 and #2",
        "Dependencies: https://github.com/example/tool/issues/2",
        "## Blocked by\n\n- #2\n",
        "text\r\n\r\nBlocked by:\r\n* #2\r\n",
    ],
)
def test_a_dependency_is_said_in_many_ways(body: str) -> None:
    found = checked({"number": 1, "title": "a", "body": body}, {"number": 2, "title": "b"})
    assert found.plan is not None
    assert found.plan.task("GH-1").needs == (Need("GH-2"),)
    assert found.warnings == ()


@pytest.mark.parametrize(
    "body",
    ["see #2", "```\nDepends on #2\n```", "Depends on other/repo#2", "Needs 2 reviews", "Blocked by #1"],
)
def test_what_only_mentions_an_issue_is_no_dependency(body: str) -> None:
    found = checked({"number": 1, "title": "a", "body": body}, {"number": 2, "title": "b"})
    assert found.plan is not None
    assert found.plan.task("GH-1").needs == ()
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("label", "key", "value"),
    [
        *((label, "type", "bugfix") for label in ("bug", "Bug", "defect")),
        *((label, "type", "docs") for label in ("documentation", "docs")),
        *((label, "type", "feature") for label in ("enhancement", "feature")),
        *((label, "urgency", "high") for label in ("priority: high", "priority/critical", "P0", "urgent")),
        *((label, "urgency", "medium") for label in ("Priority-Medium", "p2", "medium priority")),
        *((label, "urgency", "low") for label in ("prio:low", "P3")),
        *((label, "urgency", None) for label in ("high", "major", "priority: whatever")),
        *((label, "points", 5.0) for label in ("points: 5", "story points: 5", "SP/5")),
        ("estimate: soon", "estimate", None),
        ("agent: claude", "agent", "claude"),
    ],
)
def test_a_label_may_say_type_urgency_points_and_agent(label: str, key: str, value: object) -> None:
    assert getattr(task(labels=[{"name": label}]), key) == value
    assert task(labels=[label]).labels == (label,)


@pytest.mark.parametrize(
    ("fields", "complete"),
    [
        ({"state": "OPEN"}, False),
        ({"state": "open"}, False),
        ({"state": "CLOSED", "stateReason": "COMPLETED"}, True),
        ({"state": "closed", "state_reason": "completed"}, True),
        ({"closed": True}, True),
        ({"closed": False}, False),
        ({}, False),
    ],
)
def test_any_subset_of_the_fields_will_do(fields: dict[str, object], complete: bool) -> None:
    assert task(**fields).complete is complete


def test_a_list_without_issues_or_without_their_numbers_is_told_as_such() -> None:
    assert [str(fault) for fault in checked().errors] == ["issues.json:1: has no issues: the list is empty"]
    for fields in ({}, {"body": "x"}, {"id": "I_1", "labels": []}):
        (fault,) = checked({"title": "x", **fields}).errors
        assert str(fault).startswith(
            "issues.json:1: [0]: the key 'number' is missing: the issue's number; as `gh"
        )


def test_one_issue_as_gh_issue_view_writes_it() -> None:
    issue = {"number": 7, "title": "x", "state": "OPEN", "body": "- [ ] a\n- [ ] #8\n", "labels": []}
    found = validate_texts([("-", json.dumps(issue).encode())])
    assert found.plan is not None
    assert found.kinds == (("GitHub issues",),)
    assert found.plan.task("GH-7").steps == ("a",)


@pytest.mark.parametrize(
    ("issue", "message"),
    [
        (5, "issues.json:1: [1]: found '5'; accepted: an issue with number and title"),
        ({"title": "x"}, "[1]: the key 'number' is missing: the issue's number"),
        ({"number": "x", "title": "x"}, "[1].number: found the text 'x'; accepted: the issue's number"),
        ({"number": 1, "title": "x"}, "[1].number: found 'GH-1', which tasks[0] has already"),
        ({"number": 2, "title": None}, "[1].title: found no value; accepted: text"),
        (
            {"number": 2, "title": "x", "labels": 5},
            "[1].labels: found '5'; accepted: a list of mappings with",
        ),
        (
            {"number": 2, "title": "x", "labels": [{}]},
            "[1].labels[0]: found a mapping; accepted: a mapping wi",
        ),
        ({"number": 2, "title": "x", "assignees": {}}, "[1].assignees: found a mapping; accepted: a list of"),
        ({"number": 2, "title": "x", "body": [1]}, "[1].body: found a list; accepted: text"),
        ({"number": 2, "title": "x", "milestone": [1]}, "[1].milestone: found a list; accepted: one line"),
        ({"number": 2, "title": "x", "state": "ODD"}, "[1].state: found the text 'ODD'; accepted: pending,"),
    ],
)
def test_an_error_names_the_issue_and_the_field(issue: object, message: str) -> None:
    errors = [str(fault) for fault in checked({"number": 1, "title": "one"}, issue).errors]
    assert any(message in error for error in errors), errors
