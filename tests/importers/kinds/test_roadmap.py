"""Roadmaps become tasks: headings, status marks, also spoiled ones, and what sections say (M015-M017)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.plan import Need, OnConflict, Plan, Task
from engine.importers.loading import Validation, load, validate_texts
from engine.importers.nodes import MAX_ITEMS, TOO_MANY
from engine.importers.priorities import priorities

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


def checked(text: str, name: str = "ROADMAP.md") -> Validation:
    return validate_texts([(name, text.encode())])


def plan_of(text: str) -> Plan:
    found = checked(text)
    assert found.plan is not None, found.errors
    return found.plan


def only(text: str) -> Task:
    (task,) = plan_of(text).tasks
    return task


@pytest.mark.parametrize("name", ["004_ROADMAP.md", "004_ROADMAP_mojibake.md"])
def test_all_priorities_become_tasks_in_file_order_and_complete_ones_are_complete(name: str) -> None:
    plan = load(DOCUMENTS / name)
    assert [(task.id, task.title, task.status, task.complete) for task in plan.tasks] == [
        ("64", "Login Page", "complete", True),
        ("65", "Recipe Management", "pending", False),
        ("66", "Notification System", "pending", False),
        ("67", "CLI Improvements", "pending", False),
    ]
    assert plan.task("65").files == ("coffee_maker/recipes.py", "tests/test_recipes.py")
    assert plan.conflicts.on_conflict is OnConflict.SPLIT
    assert checked((DOCUMENTS / name).read_text()).warnings == ()


def test_priorities_that_declare_the_same_file_are_put_one_after_the_other() -> None:
    plan = plan_of(
        "### PRIORITY 1: a 📝 Planned\nFiles: x.py\n"
        "### PRIORITY 2: b 📝 Planned\nFiles: x.py\n### PRIORITY 3: c 📝 Planned\n"
    )
    assert [wave.tasks for wave in plan.waves] == [("1", "3"), ("2",)]


@pytest.mark.parametrize(
    ("heading", "title", "status"),
    [
        ("### PRIORITY 5: Make it 📝 Planned", "Make it", "pending"),
        ("## PRIORITY 5: Make it ✅ Complete", "Make it", "complete"),
        ("###### Priority 5 - Make it ✅", "Make it", "complete"),
        ("### PRIORITY 5: Make it 🔄 In Progress", "Make it", "running"),
        ("### PRIORITY 5: Make it (🔄 In Progress)", "Make it", "running"),
        ("### PRIORITY 5: Make it ⏸️ On hold", "Make it", "paused"),
        ("### PRIORITY 5: Make it 🚫 Blocked", "Make it", "blocked"),
        ("### PRIORITY 5: Make it ✅ Complete (2025-10-20)", "Make it", "complete"),
        ("### PRIORITY 5: Make it ‚úÖ Complete", "Make it", "complete"),
        ("### PRIORITY 5: Make it \uf8ffüìù Planned", "Make it", "pending"),
        ("### PRIORITY 5: Make it üìù Planned", "Make it", "pending"),
        ("### PRIORITY 5: Make it âœ… Complete", "Make it", "complete"),
        ("### PRIORITY 5: Make it \uf8ffüîÑ In Progress", "Make it", "running"),
        ("### PRIORITY 5: Make it Planned", "Make it", "pending"),
        ("### PRIORITY 5: Make it Complete", "Make it", "complete"),
        ("### PRIORITY 5: Make it [in progress]", "Make it", "running"),
        ("### PRIORITY 5: Make it — Done", "Make it", "complete"),
        ("### PRIORITY 5: Show ✅ beside tasks 📝 Planned", "Show ✅ beside tasks", "pending"),
        ("### PRIORITY 5: Show ✅ beside tasks", "Show ✅ beside tasks", ""),
        ("### PRIORITY 5: Planned", "Planned", ""),
        ("### **PRIORITY 5**: Make it 📝", "Make it", "pending"),
        ("### PRIORITY 5.1: Make it 📝", "Make it", "pending"),
        ("### PRIORITY 5", "PRIORITY 5", ""),
    ],
)
def test_a_heading_has_a_title_and_a_status(heading: str, title: str, status: str) -> None:
    task = only(f"# Roadmap\n\n{heading}\n")
    assert (task.title, task.status, task.complete) == (title, status, status == "complete")


@pytest.mark.parametrize(
    "line", ["**Status**: {}", "**Status:** {}", "Status: {}", "- **Status**: {}", "* Status: {}"]
)
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("📝 Planned", "pending"),
        ("✅ Complete", "complete"),
        ("‚úÖ Complete", "complete"),
        ("In progress", "running"),
    ],
)
def test_a_status_line_of_the_section_says_the_status(line: str, said: str, status: str) -> None:
    assert only(f"### PRIORITY 5: Make it\r\n\r\n{line.format(said)}\r\n").status == status


SECTION = """\
# Roadmap
### PRIORITY 1: One ✅
### PRIORITY 3: Three ✅
### PRIORITY 7: Seven 📝 Planned

Some prose, with a word: like this.

**Estimated**: ~2-3 days (16 hours)
- **Depends on**: PRIORITY 1 and 3
- **Files**:
  - `src/a.py` (new)
  - `src/b.py`, `src/c.py`
Agent: backend-developer
**Priority**: High

#### Acceptance criteria

- It works
- It is fast

```
### PRIORITY 99: not this
Status: not that
```
## Later
Files: other.py
"""


def test_a_section_says_files_estimate_needs_agent_and_criteria_and_the_rest_is_the_description() -> None:
    task = plan_of(SECTION).task("7")
    assert task.files == ("src/a.py", "src/b.py", "src/c.py")
    assert task.estimate is not None
    assert (task.estimate.least, task.estimate.most) == (2 * 86400, 3 * 86400)
    assert task.needs == (Need("1"), Need("3"))
    assert (task.agent, task.urgency) == ("backend-developer", "high")
    assert task.criteria == ("It works", "It is fast")
    assert task.description.startswith("Some prose, with a word: like this.")
    assert "PRIORITY 99" in task.description
    assert "other.py" not in task.description


@pytest.mark.parametrize("said", ["PRIORITY 1", "1", "#1", "Priority 1 (login)", "US-1"])
@pytest.mark.parametrize("key", ["Depends on", "Dependencies", "**Depends On**", "Blocked by"])
def test_a_dependency_is_a_number(key: str, said: str) -> None:
    plan = plan_of(f"### PRIORITY 1: a ✅\n### PRIORITY 2: b 📝\n{key}: {said}\n")
    assert plan.task("2").needs == (Need("1"),)


@pytest.mark.parametrize("said", ["None", "none", "-", "—"])
def test_no_dependency_is_none(said: str) -> None:
    assert only(f"### PRIORITY 2: b 📝\nDependencies: {said}\n").needs == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "# R\n\n### PRIORITY 1: a 📝\n### PRIORITY 1: b 📝\n",
            "ROADMAP.md:4: PRIORITY 1.number: found '1', which tasks[0] has already",
        ),
        (
            "### PRIORITY 1: a\n\n**Status**: dunno\n",
            "ROADMAP.md:3: PRIORITY 1.status: found the text 'dunno'",
        ),
        (
            "### PRIORITY 1: a 📝\nDepends on: 9\n",
            "ROADMAP.md:2: PRIORITY 1.needs: found '9'; accepted: the id",
        ),
        (
            "### PRIORITY 1: a 📝\nDepends on: 1\n",
            "ROADMAP.md:2: PRIORITY 1.needs: a task cannot need itself",
        ),
        (
            "### PRIORITY 1: a 📝\nNeeds: a lot\n",
            "found 'a lot'; accepted: PRIORITY and a number, or numbers",
        ),
        (
            "### PRIORITY 1: a 📝\nFiles:\n- ok.py\n- ../no.py\n",
            "ROADMAP.md:4: PRIORITY 1.files[1]: found the text '../no.py'; accepted: a path",
        ),
        ("### PRIORITY 1: a 📝\nPoints: many\n", "ROADMAP.md:2: PRIORITY 1.points: found the text 'many'"),
        ("### PRIORITY 1: a\x1b[31m 📝\n", "ROADMAP.md:1: has the control character U+001B"),
    ],
)
def test_an_error_names_the_line_and_the_priority(text: str, message: str) -> None:
    errors = [str(fault) for fault in checked(text).errors]
    assert any(message in error for error in errors), errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("### PRIORITY 1: a\n", "ROADMAP.md:1: PRIORITY 1: PRIORITY 1 has no status such as"),
        ("### PRIORITY 1: a 📝\nStatus: ✅\n", "ROADMAP.md:2: PRIORITY 1.status: differs from the heading"),
        ("### PRIORITY 1: a 📝\nEstimate: soon\n", "ROADMAP.md:2: PRIORITY 1.estimate: found 'soon'"),
    ],
)
def test_what_is_doubtful_is_a_warning(text: str, message: str) -> None:
    warnings = [str(fault) for fault in checked(text).warnings]
    assert any(message in warning for warning in warnings), warnings


def test_a_comment_in_a_plan_is_no_roadmap() -> None:
    text = "## PRIORITY 5: a comment\nwavetree: 1\ntasks: [{id: a, run: x}]\n"
    assert priorities(text) != []
    found = checked(text, "plan.yaml")
    assert found.plan is not None
    assert found.kinds == (("plan",),)


def test_absurdly_many_priorities_are_refused_with_the_line_of_the_first_too_many() -> None:
    text = "## PRIORITY 1\n" * (MAX_ITEMS + 1)
    found = validate_texts([("ROADMAP.md", text.encode())])
    assert [(fault.line, fault.message) for fault in found.errors] == [(MAX_ITEMS + 1, TOO_MANY)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, "# Roadmap\n\n- one\n") for name in ("ROADMAP.md", "r.MARKDOWN", "<stdin>", "ROADMAP")),
        ("<stdin>", "\n## Next: a thing\n\n* b\n"),
        ("ROADMAP.md", "words"),
        ("ROADMAP.md", "a: 1"),
    ],
)
def test_a_text_without_priorities_is_told_what_their_headings_look_like(name: str, text: str) -> None:
    found = validate_texts([(name, text.encode())])
    assert [str(fault) for fault in found.errors] == [
        f"{name}:1: has no priorities; a roadmap has headings such as `### PRIORITY 1: Title 📝 Planned`"
    ]


def test_a_plan_that_begins_with_a_comment_is_no_roadmap() -> None:
    assert validate_texts([("<stdin>", b"# Mine\nwavetree: 1\ntasks: [{id: a, run: x}]\n")]).errors == ()
    (fault,) = validate_texts([("<stdin>", b"# Mine\nwavetree: 1\ntasks: [\n")]).errors
    assert "is not YAML" in fault.message
    (fault,) = validate_texts([("plan.yaml", b"# Mine\n- a\n")]).errors
    assert "found a list" in fault.message
