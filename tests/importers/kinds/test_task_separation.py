"""What a separation check found becomes tasks that keep apart; a batch's result is kept to be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core.plan import OnConflict
from engine.importers.loading import load, loads, validate_texts

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


def errors(data: object) -> list[str]:
    return [str(fault) for fault in validate_texts([("s.json", json.dumps(data).encode())]).errors]


def test_a_valid_separation_is_one_wave_of_tasks_with_their_files() -> None:
    plan = load(DOCUMENTS / "004_task_separation_valid.json")
    assert [wave.tasks for wave in plan.waves] == [("65", "66", "67")]
    assert plan.task("67").files == ("coffee_maker/cli.py", "tests/test_cli.py")


def test_in_an_invalid_one_only_the_clashing_pair_keeps_apart() -> None:
    plan = load(DOCUMENTS / "004_task_separation_invalid.json")
    assert [(task.id, task.conflicts_with) for task in plan.tasks] == [
        ("65", ("66",)),
        ("66", ("65",)),
        ("67", ()),
    ]
    assert plan.task("66").files == ("coffee_maker/database.py",)
    assert [wave.tasks for wave in plan.waves] == [("65", "67"), ("66",)]
    assert plan.conflicts.on_conflict is OnConflict.SPLIT
    assert plan.sections["task_separation"]["reason"] == "Tasks 65 and 66 have file conflicts"


@pytest.mark.parametrize("key", ["[65, 66]", "(65, 66)", "65,66", " [65,66] ", "['65', '66']"])
def test_a_conflict_is_a_pair_in_any_spelling(key: str) -> None:
    plan = loads(json.dumps({"valid": False, "conflicts": {key: ["a.py"]}}))
    assert {task.id: task.conflicts_with for task in plan.tasks} == {"65": ("66",), "66": ("65",)}


def test_names_keep_the_order_of_the_file() -> None:
    plan = loads(json.dumps({"valid": True, "independent_pairs": [["b", "a"], ["a", "c"]]}))
    assert [task.id for task in plan.tasks] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"valid": 3, "conflicts": {}}, "s.json:1: valid: found '3'; accepted: true or false"),
        ({"valid": True, "conflicts": []}, "conflicts: found a list; accepted: a mapping of pairs"),
        ({"valid": True, "conflicts": {"x": []}}, "conflicts.x: found the key 'x'; accepted: two tasks"),
        ({"valid": True, "conflicts": {"[1, 1]": []}}, "found the key '[1, 1]'; accepted: two tasks"),
        (
            {"valid": True, "conflicts": {"[1, 2]": {"a": 1}}},
            "conflicts.[1, 2]: found a mapping; accepted: a",
        ),
        ({"valid": True, "independent_pairs": 5}, "independent_pairs: found '5'; accepted: a list of pairs"),
        (
            {"valid": True, "independent_pairs": [[1]]},
            "independent_pairs[0]: found a list; accepted: a list of",
        ),
        ({"valid": True, "task_file_map": [1]}, "task_file_map: found a list; accepted: a mapping of tasks"),
        (
            {"valid": True, "task_file_map": {"a b": []}},
            "task_file_map.a b: found the text 'a b'; accepted: 1",
        ),
        (
            {"valid": True, "task_file_map": {"1": ["/x"]}},
            "task_file_map.1[0]: found the text '/x'; accepted",
        ),
        ({"priorities_executed": 5}, "s.json:1: priorities_executed: found '5'; accepted: a list"),
        ({"priorities_executed": [[1]]}, "priorities_executed[0]: found a list; accepted: 1 to 64"),
        ({"priorities_executed": [], "success": 5}, "success: found '5'; accepted: true or false"),
        (
            {"priorities_executed": [], "merge_results": []},
            "merge_results: found a list; accepted: a mapping",
        ),
        (
            {"priorities_executed": [], "monitoring_result": {"total": "x"}},
            "monitoring_result.total: found the text 'x'; accepted: a whole number",
        ),
    ],
)
def test_an_error_names_the_key_that_the_author_wrote(data: object, message: str) -> None:
    assert any(message in error for error in errors(data)), errors(data)


def test_the_result_of_a_batch_has_no_tasks_and_is_kept() -> None:
    data = (DOCUMENTS / "004_batch_result.json").read_bytes()
    found = validate_texts([("result.json", data)])
    assert found.plan is not None
    assert (found.plan.tasks, found.kinds) == ((), (("batch result",),))
    assert found.plan.sections["batch_result"] == json.loads(data)
