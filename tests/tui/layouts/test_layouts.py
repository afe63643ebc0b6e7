"""The layouts of the documents, word for word, from the plans that the documents were written about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine import Machine, Plan, Supply, load_plan, select, ticket_group
from engine.importers.loading import loads
from tui.layouts.dependencies import dependencies
from tui.layouts.epic import epic
from tui.layouts.milestones import milestones
from tui.layouts.resources import resources
from tui.layouts.sprint import sprint
from tui.layouts.strategy import strategy
from tui.layouts.task_analysis import task_analysis
from tui.layouts.wording import tree

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
TRIO = "003_tickets_trio.yaml"


def plan(name: str) -> Plan:
    return load_plan(DOCUMENTS / name)


def document(name: str) -> list[str]:
    """The lines of a document, without the command that stands above it."""
    lines = [line.rstrip() for line in (DOCUMENTS / name).read_text(encoding="utf-8").splitlines()]
    return lines[2:] if lines[0].startswith("@") else lines


def test_the_task_analysis_is_word_for_word_that_of_the_document() -> None:
    """M048, M047: 2 hours at 3 slots, 2.5 hours at 2"""
    assert task_analysis(plan(TRIO), 3) == document("003_task_analysis.md")
    assert task_analysis(plan(TRIO), 2)[-1] == "Estimated Total Time: 2.5 hours (vs 4.5 hours sequential)"


def test_tasks_without_files_are_not_proven_safe() -> None:
    """M042"""
    lines = task_analysis(loads("tickets: [{id: a, estimate: 1h, files: [a.py]}, {id: b, estimate: 1h}]"), 3)
    assert "- Files: unknown" in lines
    assert "Conflict Check: ? files unknown: b" in lines
    assert "Parallel Execution: ? not proven safe" in lines


def test_a_clash_is_named_with_its_files_and_what_comes_of_it() -> None:
    """M048: in one wave it is not safe; one after the other it is"""
    tickets = "tickets: [{id: a, files: [x.py, y.py]}, {id: b, files: [x.py]}, {id: c, files: [z.py]}]"
    lines = task_analysis(loads(tickets), 3)
    assert lines[-4:] == [
        "Conflict Check: ✗ File conflicts",
        "- a and b both modify x.py",
        "Parallel Execution: ✗ Not safe: a with b",
        "Estimated Total Time: unknown (no estimate: a, b, c)",
    ]
    apart = select(loads(f"{tickets}\nconflicts: {{on_conflict: split}}"), ["a", "b", "c"])
    assert (
        task_analysis(apart, 3)[-2] == "Parallel Execution: ✓ Safe: those that clash run one after the other"
    )
    named = loads("tickets: [{id: a, files: [x], conflicts_with: [b]}, {id: b, files: [y]}]")
    assert "- a and b never run together" in task_analysis(named, 3)


def test_states_and_needs_are_told_in_words() -> None:
    lines = task_analysis(
        loads(
            "tickets:\n- {id: a, status: done}\n- {id: b, needs: [a]}\n"
            "- {id: c, needs: [{id: b, milestone: m}]}\n- {id: d, status: in review}\n"
        ),
        3,
    )
    assert [line for line in lines if line.startswith("- Status")] == [
        "- Status: Complete",
        "- Status: Ready",
        "- Status: Waiting on b",
        "- Status: Reviewing",
    ]
    assert "- Dependencies: b (m)" in lines


def test_threads_show_their_steps_as_trees() -> None:
    """M102: the document's short names are its titles here, and no interval of updates is set"""
    lines = strategy(plan(TRIO), 3)
    expected = document("003_execution_strategy.md")[:-1]
    for short, title in (
        ("Avatar Upload", "Add user avatar upload"),
        ("Login Bug", "Fix login redirect bug"),
        ("(Docs)", "(Update API documentation)"),
    ):
        expected = [line.replace(short, title) for line in expected]
    assert lines == expected


def test_a_thread_says_what_it_comes_after() -> None:
    lines = strategy(plan("003_tickets_dependencies.yaml"), 3)
    assert "Thread 3: PROJ-126 (Frontend component), after PROJ-123, PROJ-124 API ready" in lines
    assert lines[-1] == "Estimated Completion: unknown"


def test_dependencies_are_listed_as_in_the_document() -> None:
    """M039, M014: all but the total, which nobody estimated"""
    lines = dependencies(plan("003_tickets_dependencies.yaml"), 3)
    expected = document("003_dependency_management.md")
    assert lines[:-1] == expected[:-1]
    assert lines[-1] == "Estimated Total: unknown (with coordination)"


def test_the_order_of_starting_counts_levels() -> None:
    lines = dependencies(
        loads(
            "tickets:\n- {id: a}\n- {id: b}\n- {id: c, needs: [a, b]}\n- {id: d, needs: [c]}\n"
            "- {id: e, needs: [d], estimate: 1h}\n- {id: f, needs: [e]}\n"
        ),
        3,
    )
    heads = [line.partition("← ")[2] for line in lines if "←" in line]
    assert heads == [
        *("(Start first)", "(Start first)", "(Start second)", "(Start third)", "(Start 4th)", "(Start last)")
    ]
    assert "3. Start c when a done and b done" in lines
    alone = dependencies(loads("tickets: [{id: a, estimate: 90m}]"), 3)
    assert alone[2:5] == ["a ← (Start first)", "├── No dependencies", "└── No dependents"]
    assert alone[-3:] == ["1. Start a immediately", "", "Estimated Total: 1.5 hours (with coordination)"]


def test_an_epic_is_shown_in_batches_with_its_progress() -> None:
    """M061, D07: the fourth batch is what needs all; no ETA is invented"""
    whole = plan("003_epic-10.yaml")
    found = select(whole, epic="EPIC-10")
    lines = epic(found, 3, ticket_group(whole, "epics", "EPIC-10"))
    expected = document("003_epic_completion.md")
    assert lines[:16] == expected[:16]
    assert lines[16:29] == [
        "Batch 2 (Current, no conflicts):",
        "- PROJ-122: User UI",
        "- PROJ-123: User auth",
        "- PROJ-124: User profile",
        "",
        "Batch 3 (Waiting on Batch 2):",
        "- PROJ-125: User search (needs PROJ-122)",
        "- PROJ-126: User admin (needs PROJ-123, PROJ-124)",
        "",
        "Batch 4 (Waiting on Batch 3):",
        "- PROJ-127: User tests (needs all)",
        "",
        "Progress: 25% (2/8 complete)",
    ]
    assert lines[29] == "ETA: unknown"
    assert lines[30].startswith("Conflicts are not ruled out: files unknown: PROJ-122, ")


def test_an_eta_comes_from_estimates_or_from_points_and_a_pace() -> None:
    """M061"""
    epics = "epics: [{id: E, points_per_day: 2}]\ntickets:\n"
    by_points = loads(
        f"{epics}- {{id: a, epic: E, points: 3}}\n- {{id: b, epic: E, points: 3, needs: [a]}}\n"
    )
    assert "ETA: 3 days" in epic(by_points, 3, ticket_group(by_points, "epics", "E"))
    by_time = loads(f"{epics}- {{id: a, epic: E, estimate: 2h}}\n- {{id: b, epic: E, estimate: 30m}}\n")
    assert "ETA: 2 hours" in epic(by_time, 3, ticket_group(by_time, "epics", "E"))


def test_a_batch_whose_tickets_clash_says_so() -> None:
    clashing = loads("tickets: [{id: a, epic: E, files: [x]}, {id: b, epic: E, files: [x]}]")
    assert "Batch 1 (Current, 1 conflict):" in epic(clashing, 3, {"id": "E"})


def test_a_sprint_is_word_for_word_that_of_the_document() -> None:
    """M062, M013"""
    whole = plan("003_sprint-15.yaml")
    found = select(whole, sprint="current")
    group = ticket_group(whole, "sprints", "current")
    assert sprint(found, 3, group) == document("003_sprint_completion.md")
    short = sprint(found, 3, {**group, "days_left": 1})
    assert short[-2:] == [
        "- Buffer: none, 0.5 days short",
        "Warning: the estimate of 1.5 days exceeds the 1 day left",
    ]


def test_a_sprint_that_says_little_is_told_as_unknown() -> None:
    found = loads("tickets: [{id: a, sprint: S}, {id: b, sprint: S, status: done, points: 3}]")
    lines = sprint(found, 3, {"id": "S"})
    assert lines[0] == "Sprint: S"
    for line in (
        *("Remaining Tickets: 1", "Total Points: 0", "Days Left: unknown", "→ a (no points)"),
        *(
            "- Parallel: a",
            "- Sequential after: none",
            "- Estimated completion: unknown",
            "- Buffer: unknown",
        ),
    ):
        assert line in lines


def test_resources_have_the_figures_of_the_document() -> None:
    """M074: what a core is for and the short names are the document's own"""
    machine = Machine(4, 16 * 2**30, 2, 8 * 2**30)
    found = replace(plan(TRIO), machine=machine, supplies={"database": Supply(1)})
    expected = document("003_resource_planning.md")
    expected = [line.replace(" for build", "").replace(" for tests", "") for line in expected]
    expected.insert(expected.index("- 3 concurrent builds") + 1, "- 1 concurrent database")
    assert resources(found) == expected
    bare = resources(loads("tickets: [{id: a, resources: {build: 2}}]"))
    assert "- 2 builds" in bare
    assert bare[-2:] == ["Reserved:", "- nothing"]


def test_each_wave_ends_in_a_milestone_with_its_criteria() -> None:
    """M063"""
    found = loads(
        "wavetree: 1\ntasks: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x, complete: true}]\n"
        "waves:\n- {name: Foundation, tasks: [a], criteria: [API agreed, tests pass]}\n"
        "- {tasks: [b]}\n- {tasks: [c]}\n"
    )
    days = {1: (date(2024, 1, 1), date(2024, 1, 22)), 2: (date(2024, 1, 22), date(2024, 2, 19))}
    assert milestones(found, days) == [
        "2024-01-22  Wave 1 (Foundation): API agreed; tests pass",
        "2024-02-19  Wave 2: no criteria",
        "complete    Wave 3: no criteria",
    ]


@pytest.mark.parametrize("layout", [task_analysis, strategy, dependencies])
def test_no_text_of_a_ticket_reaches_the_terminal_as_a_command(layout: object) -> None:
    hostile = loads(
        '{"tickets": [{"id": "a", "title": "x\\u001b]0;bad\\u0007y", "steps": ["\\u001b[31mred"]}]}'
    )
    assert callable(layout)
    lines = layout(hostile, 3)
    assert lines and all(line.isprintable() for line in lines)


def test_only_the_last_branch_of_a_tree_ends_it() -> None:
    same = "test"
    assert tree((same, "write", same)) == ["├── test", "├── write", "└── test"]
    assert tree(()) == []
