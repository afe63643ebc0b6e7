"""Tickets are selected by id, epic and sprint; nothing is added silently and nothing is left out silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import UsageError
from engine.core.plan import Need, Plan, StartPolicy, Task
from engine.core.selection import COMPLETED, candidates, group, independent, select
from engine.core.sprints import days, pace
from engine.importers.loading import load, loads

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


def document(name: str) -> Plan:
    return load(DOCUMENTS / name)


def rows(plan: Plan) -> list[tuple[str, ...]]:
    return [wave.tasks for wave in plan.waves]


def test_ids_select_exactly_those_tickets() -> None:
    """M011"""
    trio = document("003_tickets_trio.yaml")
    two = select(trio, ["PROJ-125", "PROJ-123"])
    assert [task.id for task in two.tasks] == ["PROJ-123", "PROJ-125"]
    assert rows(two) == [("PROJ-123", "PROJ-125")]
    with pytest.raises(UsageError) as caught:
        select(trio, ["PROJ-123", "PROJ-999"])
    assert "'PROJ-999'" in caught.value.message and "PROJ-12" in caught.value.message
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match='did you mean "PROJ-125"'):
        select(trio, ["proj-125"])


def numbered(*ids: str) -> Plan:
    tasks = "".join(f"- {{id: {name}, run: x}}\n" for name in ids)
    return loads(f"wavetree: 1\ntasks:\n{tasks}")


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("17", ["GH-17", "GH-117", "GH-1"]),
        ("#17", ["GH-17", "GH-7"]),
        ("GH-17", ["GH-17", "PROJ-17"]),
        ("17", ["17", "GH-17"]),
        ("#17", ["17", "GH-17"]),
    ],
)
def test_a_number_stands_for_the_only_id_that_ends_in_it(typed: str, ids: list[str]) -> None:
    assert [task.id for task in select(numbered(*ids), [typed]).tasks] == ids[:1]


def test_a_number_of_two_tickets_or_of_none_is_refused() -> None:
    with pytest.raises(UsageError, match="'17' may be GH-17, PROJ-17"):
        select(numbered("GH-17", "PROJ-17"), ["17"])
    for name in ("#7", "7", "#", "-17"):
        with pytest.raises(UsageError, match=f"there is no ticket '{name}'"):
            select(numbered("GH-17"), [name])


def test_an_epic_keeps_its_complete_tickets_in_a_wave_of_their_own() -> None:
    """M012, M061, D07: what needs all comes last"""
    epic = select(document("003_epic-10.yaml"), epic="epic-10")
    assert rows(epic) == [
        ("PROJ-120", "PROJ-121"),
        ("PROJ-122", "PROJ-123", "PROJ-124"),
        ("PROJ-125", "PROJ-126"),
        ("PROJ-127",),
    ]
    assert epic.waves[0].name == COMPLETED
    assert [task.id for task in epic.tasks if task.complete] == ["PROJ-120", "PROJ-121"]
    with pytest.raises(UsageError, match='did you mean "EPIC-10"'):
        select(document("003_epic-10.yaml"), epic="EPIC-11")


def test_the_current_sprint_is_the_one_that_is_marked() -> None:
    """M013, M062: 8 points on the longest chain at 5.333 a day are a day and a half"""
    plan = document("003_sprint-15.yaml")
    for name in ("current", "Sprint 15", "sprint 15"):
        assert rows(select(plan, sprint=name)) == [
            ("PROJ-200", "PROJ-202", "PROJ-203"),
            ("PROJ-201", "PROJ-204"),
        ]
    found = pace(select(plan, sprint="current"), 3, group(plan, "sprints", "current"))
    assert (found.points, found.days, found.left, found.buffer) == (13, 1.5, 2, 0.5)
    assert days(plan, 1, 5.3333333333) == pytest.approx(13 / 5.3333333333, abs=0.001)
    unmarked = loads("sprints: [{id: S1}, {id: S2}]\ntickets: [{id: a, sprint: S1}]")
    with pytest.raises(UsageError, match=r"no sprint is marked .*S1, S2"):
        select(unmarked, sprint="current")
    assert [task.id for task in select(unmarked, sprint="S1").tasks] == ["a"]
    with pytest.raises(UsageError, match="no ticket belongs to the sprint 'S2'"):
        select(unmarked, sprint="S2")


def test_days_are_unknown_when_a_ticket_has_no_points() -> None:
    plan = loads("tickets: [{id: a, points: 3}, {id: b}]")
    assert days(plan, 3, 1) is None
    assert pace(plan, 3, {"id": "s"}).buffer is None


def test_a_ticket_whose_needs_are_neither_selected_nor_complete_is_refused() -> None:
    """M014: with and without following dependencies; all that is missing is named"""
    plan = document("003_tickets_dependencies.yaml")
    for follow in (False, True):
        with pytest.raises(UsageError) as caught:
            select(plan, ["PROJ-126"], with_dependencies=follow)
        assert "PROJ-123, PROJ-124" in caught.value.message
        assert caught.value.remedy.endswith("--with-dependencies PROJ-123 PROJ-124 PROJ-126")
    with pytest.raises(UsageError, match="PROJ-126 needs PROJ-124, which is neither"):
        select(plan, ["PROJ-123", "PROJ-126"])


def test_needs_that_lie_behind_missing_ones_are_named_too() -> None:
    """M014"""
    plan = loads("tickets: [{id: a}, {id: b, needs: [a]}, {id: c, needs: [b]}, {id: d}]")
    with pytest.raises(UsageError, match="c needs a, b, which are"):
        select(plan, ["c", "d"])


def test_following_dependencies_starts_each_by_its_own_needs() -> None:
    """M014, D06: order 123, 124, 126, milestones kept"""
    plan = document("003_tickets_dependencies.yaml")
    all_three = ["PROJ-126", "PROJ-124", "PROJ-123"]
    by_needs = select(plan, all_three, with_dependencies=True)
    assert by_needs.start_policy is StartPolicy.DEPENDENCY
    assert rows(by_needs) == [("PROJ-123",), ("PROJ-124",), ("PROJ-126",)]
    assert by_needs.task("PROJ-124").needs == (Need("PROJ-123", "schema done"),)
    plain = loads("tickets: [{id: a}, {id: b, needs: [a]}]")
    assert select(plain, ["a", "b"]).start_policy is StartPolicy.WAVE
    assert select(plain, ["a", "b"], with_dependencies=True).start_policy is StartPolicy.DEPENDENCY


def test_imported_work_that_waits_for_milestones_starts_by_needs() -> None:
    """M060, D06: under wave barriers a milestone would mean nothing; what a plan says itself counts"""
    assert document("003_tickets_dependencies.yaml").start_policy is StartPolicy.DEPENDENCY
    said = "start_policy: wave\ntickets: [{id: a}, {id: b, needs: [{id: a, milestone: m}]}]"
    assert loads(f"wavetree: 1\ndraft: true\n{said}").start_policy is StartPolicy.WAVE


def test_needs_on_complete_tickets_outside_are_met() -> None:
    plan = loads("tickets: [{id: a, status: done}, {id: b, needs: [a], conflicts_with: [c]}, {id: c}]")
    alone = select(plan, ["b"])
    assert [(task.id, task.needs, task.conflicts_with) for task in alone.tasks] == [("b", (), ())]


def test_file_rules_follow_the_tickets_that_they_name() -> None:
    plan = loads(
        "wavetree: 1\ntasks: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]\n"
        "file_rules:\n- {file: f, resolution: sequential_access, tasks: [a, b]}\n"
        "- {file: g, resolution: sequential_access, tasks: [c]}\n- {file: h, resolution: parallel_safe}\n"
    )
    assert [(rule.file, rule.tasks) for rule in select(plan, ["a", "b"]).file_rules] == [
        ("f", ("a", "b")),
        ("h", ()),
    ]
    assert rows(select(plan, ["a", "b"])) == [("a",), ("b",)]


def test_candidates_are_the_first_open_ones_and_one_more_than_slots() -> None:
    """M017"""
    roadmap = document("004_ROADMAP.md")
    assert candidates(roadmap, 2) == ("65", "66", "67")
    assert candidates(roadmap, 1) == ("65", "66")


def test_what_could_run_together_is_suggested() -> None:
    """M069: the spoiled file gives the same; who waits or clashes is not in it"""
    for name in ("004_ROADMAP.md", "004_ROADMAP_mojibake.md"):
        assert independent(document(name)) == ("65", "66", "67")
    plan = loads(
        "tickets:\n- {id: a, files: [x.py]}\n- {id: b, files: [x.py]}\n- {id: c, needs: [a]}\n"
        "- {id: d, status: in progress}\n- {id: e, conflicts_with: [a]}\n- {id: f}\n"
    )
    assert independent(plan) == ("a", "f")


@given(st.integers(1, 8), st.data())
def test_whatever_is_selected_is_whole(count: int, data: st.DataObject) -> None:
    """Needs of a selection lie in it and before; or they are refused"""
    tasks = tuple(
        Task(
            f"t{number}",
            needs=tuple(
                Need(f"t{other}") for other in range(number) if data.draw(st.booleans(), label="needs")
            ),
            complete=data.draw(st.booleans(), label="complete"),
        )
        for number in range(count)
    )
    ids = data.draw(st.lists(st.sampled_from([task.id for task in tasks]), min_size=1, unique=True))
    try:
        found = select(Plan("p", tasks, ()), ids)
    except UsageError:
        chosen = [task for task in tasks if task.id in ids and not task.complete]
        assert any(
            not tasks[int(need.task[1:])].complete and need.task not in ids
            for task in chosen
            for need in task.needs
        )
        return
    assert {task.id for task in found.tasks} == set(ids)
    wave_of = {name: wave.number for wave in found.waves for name in wave.tasks}
    assert list(wave_of) and set(wave_of) == set(ids)
    for task in found.tasks:
        assert all(task.complete or wave_of[need.task] < wave_of[task.id] for need in task.needs)
