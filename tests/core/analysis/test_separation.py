"""Whether tasks are separate enough to run side by side (M043)."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from engine.core.analysis.separation import as_result, separation
from engine.core.plan import FileRule, Need, Plan, Resolution, Task, Wave
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
DATABASE = "coffee_maker/database.py"


def expected(name: str) -> object:
    return json.loads((DOCUMENTS / f"004_task_separation_{name}.json").read_text())


def plan(*tasks: Task) -> Plan:
    return Plan("p", tasks, (Wave(1, "all", tuple(task.id for task in tasks)),))


def clashing(*more: Task) -> Plan:
    return plan(
        Task("65", files=(DATABASE, "coffee_maker/recipes.py")),
        Task("66", files=(DATABASE,)),
        Task("67", files=("coffee_maker/cli.py",)),
        *more,
    )


def test_the_valid_document_comes_out_of_the_roadmap() -> None:
    roadmap = load(DOCUMENTS / "004_ROADMAP.md")
    assert as_result(separation(roadmap, tasks=("65", "66", "67"))) == expected("valid")


def test_the_invalid_document_comes_out_of_two_tasks_that_change_the_database() -> None:
    assert as_result(separation(clashing())) == expected("invalid")


def test_the_invalid_document_comes_out_too_when_the_third_task_waits_for_the_second() -> None:
    tasks = clashing().tasks
    waiting = plan(*tasks[:2], replace(tasks[2], needs=(Need("66"),)))
    assert as_result(separation(waiting)) == expected("invalid")


def test_the_reason_names_the_first_pair_and_counts_the_others() -> None:
    found = separation(clashing(Task("68", files=("coffee_maker/*.py",))))
    assert found.reason == "Tasks 65 and 66 have file conflicts, and 3 more"
    assert as_result(found)["conflicts"] == {
        "[65, 66]": [DATABASE],
        "[65, 68]": [DATABASE, "coffee_maker/*.py", "coffee_maker/recipes.py"],
        "[66, 68]": [DATABASE, "coffee_maker/*.py"],
        "[67, 68]": ["coffee_maker/cli.py", "coffee_maker/*.py"],
    }
    assert found.independent == (("65", "67"),)


def test_ids_that_are_no_numbers_stay_text_also_in_the_keys() -> None:
    found = separation(plan(Task("PROJ-1", files=("a",)), Task("007", files=("a",)), Task("8", files=("b",))))
    result = as_result(found)
    assert result["conflicts"] == {"[PROJ-1, 007]": ["a"]}
    assert result["independent_pairs"] == [["PROJ-1", 8]]


def test_tasks_without_declared_files_are_not_proven_safe_and_in_no_independent_pair() -> None:
    found = separation(plan(Task("a", files=("a",)), Task("b"), Task("c", files=("c",))))
    assert not found.valid
    assert found.reason == "Task b: files unknown, not proven safe"
    assert (found.unknown, found.independent) == (("b",), (("a", "c"),))


def test_tasks_that_name_each_other_are_not_separate() -> None:
    found = separation(plan(Task("a", files=("a",)), Task("b", files=("b",), conflicts_with=("a",))))
    assert found.reason == "Tasks a and b never run together"
    assert as_result(found)["conflicts"] == {"[a, b]": []}
    assert found.independent == ()


def test_a_task_that_waits_for_the_end_of_another_clashes_with_it_in_no_file() -> None:
    found = separation(plan(Task("a", files=("x",)), Task("b", files=("x",), needs=(Need("a"),))))
    assert (found.valid, found.conflicts, found.independent) == (True, {}, ())


def test_a_task_that_waits_for_a_milestone_works_at_the_same_time_and_clashes() -> None:
    first, second = Task("a", files=("x",)), Task("b", files=("x",), needs=(Need("a", "schema done"),))
    third = Task("c", files=("x",), needs=(Need("b"),))
    assert list(separation(plan(first, second, third)).conflicts) == [("a", "b")]


def test_files_with_a_rule_that_makes_them_safe_are_no_conflict() -> None:
    rule = FileRule(DATABASE, Resolution.FINAL_MERGE_STEP)
    assert separation(replace(clashing(), file_rules=(rule,))).valid
    apart = plan(Task("a", files=("x.md#L1-9",)), Task("b", files=("x.md#L50-60",)))
    assert separation(apart).independent == (("a", "b"),)


def test_complete_tasks_are_in_nobodys_way() -> None:
    tasks = clashing().tasks
    done = plan(replace(tasks[0], complete=True), *tasks[1:])
    assert separation(done).independent == (("66", "67"),)
