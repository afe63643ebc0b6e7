"""Shared files, waves, schemas and hot spots, with their grades (M045, M053, M054)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from six_agents import crowded, story

from engine.core.analysis import risk
from engine.core.analysis.risk import HOT_SPOT, SCHEMA, Finding
from engine.core.clashes import clashes
from engine.core.plan import Level, Mode, Need, Plan, StartPolicy, Task, Wave


def plan(*waves: tuple[Task, ...], mode: Mode = Mode.PARALLEL, watch: tuple[str, ...] = ()) -> Plan:
    numbered = enumerate(waves, start=1)
    return Plan(
        "p",
        tuple(task for wave in waves for task in wave),
        tuple(Wave(n, f"w{n}", tuple(t.id for t in wave), mode, watch=watch) for n, wave in numbered),
    )


def schemas(*waves: tuple[Task, ...]) -> list[tuple[tuple[str, ...], str, str]]:
    found = risk.schema_conflicts(plan(*waves))
    assert all(one.kind == SCHEMA and one.level is Level.HIGH for one in found)
    return [(one.tasks, one.words, one.handled) for one in found]


def test_the_story_has_hooks_handled_by_wave_order_and_no_open_conflict() -> None:
    found = clashes(story())
    shared = {one.file: (one.level, one.handled) for one in risk.shared_files(story(), found)}
    assert shared == {
        "hooks.py": (Level.HIGH, "handled by wave order"),
        "manifest.json": (Level.HIGH, "final merge step"),
        "api/*.py": (Level.MEDIUM, "handled by wave order"),
        "doctype/*/custom_doctype.json": (Level.LOW, "parallel safe"),
        "public/js/components/*.vue": (Level.LOW, "parallel safe"),
    }
    assert risk.open_conflicts(found) == 0
    assert [one.level for one in risk.wave_risks(story(), found)] == [Level.LOW] * 3


def test_moving_the_workflow_specialist_into_block_two_turns_it_high() -> None:
    found = risk.wave_risks(crowded(), clashes(crowded()))
    assert [(one.wave, one.level, one.files) for one in found] == [
        (1, Level.LOW, ()),
        (2, Level.HIGH, ("hooks.py",)),
    ]


def test_two_tasks_of_one_wave_with_one_file_are_an_open_conflict_and_a_medium_wave() -> None:
    both = plan((Task("a", files=("x.py",)), Task("b", files=("*.py",))))
    found = clashes(both)
    assert risk.open_conflicts(found) == 1
    assert [one.level for one in risk.wave_risks(both, found)] == [Level.MEDIUM]
    assert [(one.file, one.handled) for one in risk.shared_files(both, found)] == [("x.py, *.py", "")]
    (finding,) = risk.findings(both, found)
    assert (finding.tasks, finding.files, finding.words) == (
        ("a", "b"),
        ("x.py", "*.py"),
        "a and b both declare x.py, *.py",
    )


def test_a_wave_that_runs_one_task_after_the_other_has_no_risk() -> None:
    one_by_one = plan((Task("a", files=("x",)), Task("b", files=("x",))), mode=Mode.SEQUENTIAL)
    assert [one.level for one in risk.wave_risks(one_by_one, clashes(one_by_one))] == [Level.LOW]


def test_two_tasks_of_one_wave_that_change_a_table_are_a_schema_conflict() -> None:
    assert schemas((Task("a", tables=("User", "Role")), Task("b", tables=("User",)))) == [
        (("a", "b"), "a and b both change table User", "")
    ]
    assert schemas((Task("a", tables=("User",)),), (Task("b", tables=("User",)),)) == [
        (("a", "b"), "a and b both change table User", "handled by wave order")
    ]


def test_two_tasks_that_can_change_one_schema_file_are_a_schema_conflict() -> None:
    both = (
        Task("a", files=("doctype/user/user.json", "a.py")),
        Task("b", files=("doctype/*/*.json", "a.py")),
    )
    assert schemas(both) == [(("a", "b"), "a and b both change doctype/user/user.json, doctype/*/*.json", "")]
    assert schemas((Task("a", files=("src/**",)), Task("b", files=("src/db/**",)))) == []


def test_waiting_only_for_a_milestone_of_a_schema_change_is_using_what_is_being_changed() -> None:
    changer, user = Task("a", tables=("User",)), Task("b", needs=(Need("a", "schema done"),))
    assert schemas((changer, user)) == [(("a", "b"), "b uses table User, which a changes", "")]
    assert schemas((changer, replace(user, needs=(Need("a"),)))) == []


def test_reading_a_schema_file_that_another_task_changes_is_using_it() -> None:
    changer, reader = Task("a", files=("migrations/1.sql",)), Task("b", reads=("migrations/**",))
    words = "b uses migrations/1.sql, which a changes"
    assert schemas((changer, reader)) == [(("a", "b"), words, "")]
    assert schemas((changer,), (replace(reader, needs=(Need("a"),)),)) == [
        (("a", "b"), words, "handled by wave order")
    ]
    assert schemas((Task("a", files=("notes.txt",)), Task("b", reads=("notes.txt",)))) == []


def test_after_a_milestone_what_needs_the_end_comes_after_both() -> None:
    chain = (
        Task("a", tables=("User",)),
        Task("b", needs=(Need("a", "schema done"),)),
        Task("c", tables=("User",), needs=(Need("b"),)),
    )
    found = risk.schema_conflicts(replace(plan(chain), start_policy=StartPolicy.DEPENDENCY))
    assert [(one.tasks, one.handled) for one in found] == [
        (("a", "c"), "handled by dependency order"),
        (("a", "b"), ""),
    ]


def test_complete_tasks_change_no_schema_any_more() -> None:
    assert schemas((Task("a", tables=("User",), complete=True), Task("b", tables=("User",)))) == []


def test_a_watch_list_finds_the_tasks_that_declare_its_files_and_keeps_other_words() -> None:
    watch = ("hooks.py modifications", "API endpoint naming conflicts")
    tasks = (Task("a", files=("app/hooks.py",)), Task("b", files=("app/*.py",)), Task("c", files=("c.js",)))
    assert risk.hot_spots(plan(tasks, watch=watch)) == (
        Finding(HOT_SPOT, ("a", "b"), ("hooks.py",), Level.MEDIUM, "", watch[0], 1),
        Finding(HOT_SPOT, (), (), Level.LOW, "", watch[1], 1),
    )
    (first, _) = risk.hot_spots(plan(tasks, watch=watch, mode=Mode.SEQUENTIAL))
    assert first.handled == "one after the other"


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("Monitor hooks.py.", "hooks.py"),
        ("src/api/**", "src/api/**"),
        ("look at `docs/*.md`, please", "docs/*.md"),
        ("naming, e.g. of routes, v1.2 and/or more", ""),
        ("", ""),
    ],
)
def test_the_word_that_looks_like_a_file_is_what_is_watched(text: str, file: str) -> None:
    assert risk.watched_file(text) == file


def test_open_findings_come_before_handled_ones_and_high_before_low() -> None:
    tasks = (Task("a", files=("x",), tables=("T",)), Task("b", files=("x",), tables=("T",)))
    later = (Task("c", files=("x",), tables=("T",)),)
    both = plan(tasks, later)
    found = risk.findings(both, clashes(both))
    assert [(one.kind, bool(one.handled)) for one in found[:2]] == [
        (SCHEMA, False),
        (risk.FILES, False),
    ]
    assert [bool(one.handled) for one in found] == [False, False, True, True, True, True]
