"""Tickets, epics and sprints become tasks, whatever their keys and statuses are called (M011-M014, M022)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.plan import Level, Need, Plan, Task
from engine.importers.loading import load, loads, validate_texts

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


def ticket(fields: str) -> Task:
    """The task of a ticket T with these fields, beside a ticket A."""
    return loads(f"tickets:\n  - {{id: A, title: first}}\n  - {{id: T, {fields}}}\n").task("T")


def errors(text: str) -> list[str]:
    return [str(fault) for fault in validate_texts([("t.yaml", text.encode())]).errors]


def needs(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {task.id: tuple(need.task for need in task.needs) for task in plan.tasks}


def test_three_independent_tickets_are_one_wave_with_their_files_steps_and_resources() -> None:
    plan = load(DOCUMENTS / "003_tickets_trio.yaml")
    assert [wave.tasks for wave in plan.waves] == [("PROJ-123", "PROJ-124", "PROJ-125")]
    first = plan.task("PROJ-123")
    assert (first.type, first.files) == ("feature", ("UserProfile.tsx", "avatar-service.ts"))
    assert first.estimate is not None
    assert (first.estimate.least, first.estimate.most) == (7200, 7200)
    assert first.steps[0] == "Create branch"
    assert len(first.steps) == 5
    assert first.resources == {"cores": 1, "ram": 4 * 2**30, "database": 1}
    assert first.status == "pending"


def test_a_dependency_may_name_a_milestone() -> None:
    plan = load(DOCUMENTS / "003_tickets_dependencies.yaml")
    assert plan.task("PROJ-124").needs == (Need("PROJ-123", "schema done"),)
    assert plan.task("PROJ-126").needs == (Need("PROJ-123"), Need("PROJ-124", "API ready"))


def test_an_epic_has_two_complete_tickets_and_its_last_one_needs_all_others() -> None:
    plan = load(DOCUMENTS / "003_epic-10.yaml")
    assert [task.id for task in plan.tasks if task.complete] == ["PROJ-120", "PROJ-121"]
    assert needs(plan)["PROJ-127"] == tuple(f"PROJ-{number}" for number in range(120, 127))
    assert plan.sections["epics"] == [{"id": "EPIC-10", "title": "User Management System"}]


def test_a_sprint_keeps_its_days_and_its_tickets_their_points() -> None:
    plan = load(DOCUMENTS / "003_sprint-15.yaml")
    assert plan.sections["sprints"][0] == {
        "id": "Sprint 15",
        "current": True,
        "days_left": 2,
        "points_per_day": 5.3333333333,
    }
    assert sum(task.points or 0 for task in plan.tasks) == 13
    assert plan.task("PROJ-200").urgency is Level.HIGH


@pytest.mark.parametrize("name", ["tickets", "stories", "issues", "priorities", "tasks"])
def test_a_list_of_tickets_has_many_names(name: str) -> None:
    plan = loads(f"{name}:\n  - {{number: 1, title: one}}\n  - {{number: 2, depends_on: [1]}}\n")
    assert needs(plan) == {"1": (), "2": ("1",)}


@pytest.mark.parametrize("key", ["id", "number", "key", "ticket", "Story Number", "story_id"])
def test_an_id_by_any_name(key: str) -> None:
    assert [task.id for task in loads(f'tickets: [{{{key}: "#7"}}]').tasks] == ["7"]


@pytest.mark.parametrize(
    ("fields", "key", "value"),
    [
        *((f"{word}: words", "title", "words") for word in ("title", "name", "Summary")),
        *((f"{word}: words", "description", "words") for word in ("description", "body", "details")),
        *((f"{word}: docs", "type", "docs") for word in ("type", "kind", "Issue-Type")),
        *((f"type: {word}", "type", "bugfix") for word in ("bug", "Bug", "bug fix", "defect")),
        *((f"type: {word}", "type", "feature") for word in ("Story", "enhancement", "New Feature")),
        ("type: Spike Work!", "type", "spike-work"),
        *(
            (f"{word}: writer", "agent", "writer")
            for word in ("agent", "subagent", "agent type", "Agent-Type", "agent_type", "developer")
        ),
        ("assignee: Sam Lee", "assignee", "Sam Lee"),
        ("files: 'a.py, b.py'", "files", ("a.py", "b.py")),
        *((f"{word}: [one]", "steps", ("one",)) for word in ("steps", "sub-tasks", "subtasks", "tasks")),
        *(
            (f"{word}: [one]", "criteria", ("one",))
            for word in ("criteria", "acceptance criteria", "success_criteria", "validation criteria")
        ),
        ("criteria: 'one, and two'", "criteria", ("one, and two",)),
        *((f"{word}: 3", "points", 3.0) for word in ("points", "story points", "story_points")),
        *((f"{word}: [x]", "labels", ("x",)) for word in ("labels", "tags", "TAGS")),
        *((f"{word}: alpha", "team", "alpha") for word in ("team", "team_assignment", "parallel team")),
        *((f"{word}: [sql]", "skills", ("sql",)) for word in ("skills", "required skills")),
        ("tables: users", "tables", ("users",)),
        ("deliverables: a report", "deliverables", ("a report",)),
        ("prompt: do it", "prompt", "do it"),
        ("run: make", "run", "make"),
        ("timeout: 1h", "timeout", 3600.0),
        ("epic: E, sprint: S", "epic", "E"),
        ("sprint: S 1", "sprint", "S 1"),
        ("conflicts_with: A", "conflicts_with", ("A",)),
        ("resources: [build, api]", "resources", {"build": 1, "api": 1}),
        ("resources: build", "resources", {"build": 1}),
        ("resources: {build: 2}, cores: 1", "resources", {"cores": 1, "build": 2}),
        ("cpus: 2, memory: 1GB", "resources", {"cores": 2, "ram": 2.0**30}),
        ("component: web, reviewers: [x]", "extra", {"component": "web", "reviewers": ["x"]}),
        ("title: one, name: other", "extra", {"name": "other"}),
        ("estimate: ~, points: null, agent: ~", "estimate", None),
    ],
)
def test_a_ticket_is_read_by_any_name_of_its_keys(fields: str, key: str, value: object) -> None:
    assert getattr(ticket(fields), key) == value


@pytest.mark.parametrize("word", ["estimate", "estimated", "Estimated-Duration", "duration"])
def test_an_estimate_by_any_name(word: str) -> None:
    found = ticket(f"{word}: 10-15 minutes").estimate
    assert found is not None
    assert (found.least, found.most) == (600, 900)


@pytest.mark.parametrize(
    "key", ["needs", "dependencies", "depends_on", "Depends On", "blocked by", "blocked-by", "Waiting on"]
)
@pytest.mark.parametrize(
    "value", ["A", "[A]", "all", "[ALL]", "{id: A}", "[{task: A}]", "['#A']", "[{ticket: A}]"]
)
def test_a_dependency_by_any_name_and_in_any_shape(key: str, value: str) -> None:
    assert ticket(f"{key}: {value}").needs == (Need("A"),)


@pytest.mark.parametrize("value", ["none", "[]", "~", "''", "'-'"])
def test_no_dependency_in_any_shape(value: str) -> None:
    assert ticket(f"needs: {value}").needs == ()


@pytest.mark.parametrize("key", ["required_by", "Required by", "blocks", "needed-by"])
def test_what_requires_a_ticket_needs_it(key: str) -> None:
    plan = loads(f"tickets: [{{id: A, {key}: [B, C]}}, {{id: B}}, {{id: C, needs: [B]}}]")
    assert needs(plan) == {"A": (), "B": ("A",), "C": ("B", "A")}


@pytest.mark.parametrize(
    ("word", "level"),
    [
        *(
            (word, "high")
            for word in ("high", "High", "critical", "Highest", "urgent", "P0", "P1", "blocker")
        ),
        *((word, "medium") for word in ("medium", "Normal", "p2")),
        *((word, "low") for word in ("low", "Lowest", "P3", "minor", "Low Priority")),
    ],
)
@pytest.mark.parametrize("key", ["priority", "urgency"])
def test_an_urgency_by_any_word(key: str, word: str, level: str) -> None:
    assert ticket(f"{key}: {word}").urgency == level


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *((word, "pending") for word in ("Planned", "📝 Planned", "\uf8ffüìù Planned", "üìù", "Ready", "◯")),
        *((word, "pending") for word in ("◯ Ready", "To do", "TO-DO", "open", "not started", "pending")),
        *((word, "waiting") for word in ("Waiting on A", "blocked by dependency", "queued", "needs A")),
        *((word, "running") for word in ("Current", "in progress", "in_progress", "active", "started")),
        *((word, "running") for word in ("Running (40% complete)", "🔄 In Progress", "at a sync point")),
        *((word, "paused") for word in ("paused", "pausing", "on hold", "⏸️ On hold")),
        *((word, "reviewing") for word in ("in review", "PR created", "reviewing")),
        *(
            (word, "complete")
            for word in ("Complete", "✅", "✅ Complete", "‚úÖ Complete", "‚úÖ", "âœ… Done")
        ),
        *((word, "complete") for word in ("✓", "Done", "Completed", "completed", "merged successfully")),
        *((word, "complete") for word in ("already complete", "✅ Complete (2025-10-20)", "closed")),
        *((word, "failed") for word in ("✗", "FAILED", "❌", "‚ùå", "error", "crashed", "❌ failed")),
        *((word, "blocked") for word in ("dependency failed", "Blocked")),
        *((word, "stopped") for word in ("cancelled", "terminated", "stopped by a person", "❌ Cancelled")),
    ],
)
def test_a_status_by_any_word_or_mark(word: str, state: str) -> None:
    task = ticket(f"status: '{word}'")
    assert (task.status, task.complete) == (state, state == "complete")


def test_tickets_may_be_listed_by_id_and_inside_their_epic() -> None:
    plan = loads(
        "epics:\n"
        "  E1: {name: One, stories: [{id: A}, {id: B, needs: all}]}\n"
        "  E2: {name: Two, tickets: {C: {title: sea}, D: {title: deep, epic: E1}}}\n"
    )
    assert [(task.id, task.epic) for task in plan.tasks] == [
        ("A", "E1"),
        ("B", "E1"),
        ("C", "E2"),
        ("D", "E1"),
    ]
    assert needs(plan)["B"] == ("A", "D")
    assert plan.sections["epics"] == [{"id": "E1", "title": "One"}, {"id": "E2", "title": "Two"}]


def test_many_who_need_all_others_are_a_circle_at_once() -> None:
    """written out, these needs would fill the memory"""
    text = "tickets:\n" + "".join(f"- {{id: T{number}, needs: all}}\n" for number in range(5000))
    assert errors(text) == ["t.yaml:2: tickets[0].needs: cycle: T0 -> T1 -> T0"]


def test_tickets_stand_beside_native_keys() -> None:
    plan = loads("wavetree: 1\nslots: 5\nagent: simulated\ntickets: [{key: A, title: x}]\n")
    assert (plan.slots, plan.task("A").agent) == (5, "simulated")


def test_a_native_plan_without_its_first_line_is_told_so() -> None:
    for text in ("tasks: [{id: a, run: x}]", "tasks: [{id: a}]\nslots: 2"):
        assert "t.yaml:1: the key 'wavetree' is missing: the version of the format, always 1" in errors(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tickets: 5", "t.yaml:1: tickets: found '5'; accepted: a list of tickets"),
        ("epics: [5]\ntickets: []", "t.yaml:1: epics[0]: found '5'; accepted: a mapping with id and title"),
        ("sprints: [{id: S, days_left: x}]", "t.yaml:1: sprints[0].days_left: found 'x'; accepted: a number"),
        ("tickets:\n- id: A\n- 7", "t.yaml:3: tickets[1]: found '7'; accepted: a mapping with id, title"),
        ("tickets:\n- {title: x}", "t.yaml:2: tickets[0]: the key 'id' is missing"),
        ("tickets:\n- {key: A}\n- {key: A}", "t.yaml:3: tickets[1].key: found 'A', which tasks[0] has"),
        ("tickets: [{id: A, blocked_by: [A]}]", "t.yaml:1: tickets[0].blocked_by[0]: a task cannot need"),
        ("tickets: [{id: A, Depends On: [B]}]", "t.yaml:1: tickets[0].Depends On[0]: found 'B'; accepted"),
        ("tickets: [{id: A, needs: [{id: B, x: 1}]}]", "tickets[0].needs[0].x: unknown key 'x'; accepted"),
        ("tickets: [{id: A, state: dunno}]", "t.yaml:1: tickets[0].state: found 'dunno'; accepted: pending,"),
        ("tickets: [{id: A, priority: 9}]", "tickets[0].priority: found '9'; accepted: low, medium, high"),
        ("tickets: [{id: A, blocks: [B]}]", "tickets[0].blocks[0]: found 'B'; accepted: the id of a ticket"),
        ("tickets: [{id: A, estimated: 2}]", "tickets[0].estimated: found '2'; accepted: a duration"),
        ("tickets: [{id: A, name: {a: 1}}]", "tickets[0].name: found a mapping; accepted: text"),
        ("tickets: [{id: A, resources: [[x]]}]", "tickets[0].resources[0]: found a list; accepted: the name"),
        ("tickets: [{id: A, resources: [a b]}]", "tickets[0].resources[0]: found the key 'a b'; accepted"),
        ("tickets: [{id: A, memory: lots}]", "tickets[0].memory: found 'lots'; accepted: a number or a size"),
        (
            "tickets: [{id: A, needs: all}, {id: B, needs: A}]",
            "t.yaml:1: tickets[0].needs: cycle: A -> B -> A",
        ),
        ("tickets: [{id: A, files: [/etc/x]}]", "tickets[0].files[0]: found '/etc/x'; accepted: a path"),
    ],
)
def test_an_error_names_the_line_and_the_key_that_the_author_wrote(text: str, message: str) -> None:
    assert any(message in error for error in errors(text)), errors(text)
