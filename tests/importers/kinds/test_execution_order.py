"""An execution order's phases are waves, its stories tasks; a log beside it completes stories (M010)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core.plan import Mode, Need
from engine.importers.loading import load, loads, validate, validate_texts

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
ORDER = DOCUMENTS / "002_execution_order.yaml"
LOG = DOCUMENTS / "002_implementation-log.json"


def errors(text: str) -> list[str]:
    return [str(fault) for fault in validate_texts([("o.yaml", text.encode())]).errors]


def test_a_phase_is_a_wave_and_a_story_a_task() -> None:
    plan = load(ORDER)
    assert plan.name == "Parallel execution demo"
    assert [(wave.name, wave.mode, wave.tasks) for wave in plan.waves] == [
        ("Foundation", Mode.SEQUENTIAL, ("1",)),
        ("Features", Mode.PARALLEL, ("2", "3", "4")),
        ("Finish", Mode.SEQUENTIAL, ("5",)),
    ]
    assert [task.id for task in plan.tasks if task.complete] == ["1"]
    story = plan.task("4")
    assert (story.title, story.agent, story.criteria) == (
        "CI pipeline",
        "devops-engineer",
        ("pipeline lints",),
    )
    assert plan.task("5").needs == (Need("2"), Need("3"), Need("4"))
    assert plan.sections["execution_order"] == {"feature": 5, "title": "Parallel execution demo"}


def test_a_log_beside_it_completes_the_stories_that_it_calls_completed() -> None:
    plan = load(ORDER, LOG)
    assert [task.id for task in plan.tasks if task.complete] == ["1", "2"]
    assert plan.task("3").status == "pending"
    assert [entry["storyNumber"] for entry in plan.sections["implementation_log"]] == [2, 3]


def test_the_last_entry_of_a_story_counts(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    entries = [(2, "completed"), (3, "failed"), (2, "failed"), (3, "✅ Complete")]
    log.write_text(json.dumps([{"storyNumber": story, "status": status} for story, status in entries]))
    assert [task.id for task in load(ORDER, log).tasks if task.complete] == ["1", "3"]


def test_a_log_alone_has_no_tasks() -> None:
    found = validate([LOG])
    assert found.plan is not None
    assert (found.plan.tasks, found.kinds) == ((), (("implementation log",),))


@pytest.mark.parametrize("word", ["parallel", "smart_parallel", "coordinated-parallel", "Parallel"])
def test_a_phase_is_recognised_by_its_mode_or_its_stories(word: str) -> None:
    plan = loads(f"phases: [{{execution mode: {word}, Stories: [{{number: 1}}, {{number: 2}}]}}]")
    assert plan.waves[0].mode is Mode.PARALLEL
    assert loads("phases: [{tickets: [{id: A}], mode: serial}]").waves[0].mode is Mode.SEQUENTIAL


def test_phases_go_by_their_numbers() -> None:
    plan = loads("phases: [{phase: 2, stories: [{id: B}]}, {phase: 1, stories: [{id: A}], reviewer: Sam}]")
    assert [wave.tasks for wave in plan.waves] == [("A",), ("B",)]
    assert plan.waves[0].extra == {"reviewer": "Sam"}


def test_what_a_native_plan_has_is_taken_as_it_is() -> None:
    plan = loads("slots: 7\nagent: simulated\nphases: [{stories: [{id: A}]}]")
    assert (plan.slots, plan.task("A").agent) == (7, "simulated")


def test_stories_may_be_ids_of_tickets_in_another_file(tmp_path: Path) -> None:
    order, tickets = tmp_path / "order.yaml", tmp_path / "tickets.yaml"
    order.write_text("phases: [{stories: [A]}, {stories: [B]}]")
    tickets.write_text("tickets: [{id: A, title: first}, {id: B}]")
    plan = load(order, tickets)
    assert [wave.tasks for wave in plan.waves] == [("A",), ("B",)]
    assert plan.task("A").title == "first"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phases:\n- {stories: 5}", "o.yaml:2: phases[0].stories: found '5'; accepted: a list of stories"),
        ("phases:\n- {mode: fast, stories: [{id: A}]}", "o.yaml:2: phases[0].mode: found 'fast'; accepted"),
        (
            "phases:\n- {mode: parallel}\n- 7",
            "o.yaml:3: phases[1]: found '7'; accepted: a mapping with phase",
        ),
        ("phases:\n- {mode: parallel, stories: []}", "o.yaml:2: phases[0].stories: found an empty list"),
        ("phases: [{stories: [{id: A}, [x]]}]", "phases[0].stories[1]: found a list; accepted: a mapping"),
        (
            "phases: [{stories: [{id: A, needs: [B]}, {id: B}]}]",
            "phases[0].stories[0].needs[0]: A needs B, which is in the",
        ),
        ("phases: [{stories: [{id: A}]}, {stories: [{id: A}]}]", "phases[1].stories[0].id: found 'A', which"),
        (
            "phases: [{stories: [{id: A}]}, {phase_id: x}]",
            "phases[1]: has phase_id, so it is a task; accepted",
        ),
        ("- {storyNumber: 1, status: dunno}", "o.yaml:1: [0].status: found 'dunno'; accepted: pending,"),
        (
            "- {storyNumber: 1}\n- 5\n- {status: done}",
            "o.yaml:2: [1]: found '5'; accepted: a mapping with story",
        ),
        ("- {storyNumber: 1}\n- {status: done}", "o.yaml:2: [1]: has no story; accepted: storyNumber"),
    ],
)
def test_an_error_names_the_line_and_the_key_that_the_author_wrote(text: str, message: str) -> None:
    assert any(message in error for error in errors(text)), errors(text)
