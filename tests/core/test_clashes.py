"""Which tasks clash, what handles it, and what holds them apart."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from world_of_paper import minutes, plan, task

from engine.core import waves
from engine.core.clashes import clashes, covers, locks
from engine.core.forecast import forecast
from engine.core.parts import Grade, Part
from engine.core.plan import (
    Conflicts,
    FileRule,
    Level,
    Mode,
    Need,
    OnConflict,
    Plan,
    Resolution,
    Seen,
    Span,
    StartPolicy,
    Supply,
    Wave,
)

SPLIT = Conflicts(on_conflict=OnConflict.SPLIT)


def handled(some: Plan) -> dict[str, str]:
    return {clash.file: clash.handled for clash in clashes(some)}


def test_a_rule_counts_only_where_it_covers_what_two_tasks_share() -> None:
    """M046: a narrow safe place makes a broad clash no safer"""
    safe = FileRule("src/gen/*.json", Resolution.PARALLEL_SAFE, Level.LOW)
    broad = plan(
        task("b", files=("src/**",)), task("c", files=("src/**",)), file_rules=(safe,), conflicts=SPLIT
    )
    assert handled(broad) == {"src/**": "one at a time, as they clash"}
    assert list(locks(broad).values()) == [("b", "c")]
    narrow = plan(task("b", files=("src/gen/a.json",)), task("c", files=("src/**",)), file_rules=(safe,))
    assert handled(narrow) == {"src/gen/a.json": "parallel safe"}


@pytest.mark.parametrize(
    ("wide", "pattern", "yes"),
    [
        ("src/**", "src/a.py", True),
        ("src/**", "src/api/*.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/*.py", True),
        ("src/*.py", "src/**", False),
        ("src/**", "lib/**", False),
    ],
)
def test_a_wide_pattern_covers_what_lies_within_it(wide: str, pattern: str, yes: bool) -> None:
    assert covers(wide, pattern) is yes


def test_what_is_kept_apart_is_no_open_conflict() -> None:
    """M003, M046, D05"""
    rule = FileRule("hooks.py", Resolution.SEQUENTIAL_ACCESS)
    ruled = plan(task("a", files=("hooks.py",)), task("b", files=("hooks.py",)), file_rules=(rule,))
    assert handled(ruled) == {"hooks.py": "one at a time, sequential access"}
    apart = plan(task("a", files=("x",), conflicts_with=("b",)), task("b", files=("x",)))
    assert handled(apart) == {"x": "never run together"}
    assert handled(plan(task("a", files=("x",)), task("b", files=("x",)))) == {"x": ""}


def test_a_rule_without_tasks_is_about_those_that_declare_the_file_else_about_all() -> None:
    rule = FileRule("HISTORY.md", Resolution.SEQUENTIAL_ACCESS)
    some = plan(
        *(task(name, files=("HISTORY.md",)) for name in "ab"),
        *(task(name, files=("x.py",)) for name in "cd"),
        file_rules=(rule,),
    )
    assert locks(some) == {"HISTORY.md": ("a", "b")}
    assert locks(plan(task("a"), task("b"), file_rules=(rule,))) == {"HISTORY.md": ("a", "b")}


def test_lines_that_were_looked_up_let_parts_of_one_file_run_side_by_side() -> None:
    """M044: below the file"""
    entries = ("api.py::Users.get", "api.py::Orders.get")
    some = plan(task("a", files=entries[:1]), task("b", files=entries[1:]), conflicts=SPLIT)
    assert [wave.tasks for wave in waves.planned(some)] == [("a",), ("b",)]
    parts = {entries[0]: Part("api.py", 5, 9, "Users.get"), entries[1]: Part("api.py", 50, 60, "Orders.get")}
    seen = replace(some, seen=Seen(parts))
    assert [wave.tasks for wave in waves.planned(seen)] == [("a", "b")]
    assert minutes(seen, 2)[0] == 10
    assert forecast(seen, 2).seconds == 600
    near = replace(some, seen=Seen(parts | {entries[1]: Part("api.py", 10, 12, "Orders.get")}))
    assert minutes(near, 2)[0] == 20


def test_a_text_raises_the_risk_of_a_whole_file_and_never_lowers_it() -> None:
    get, put = "api.py::Users.get", "api.py::Users.put"
    parts = {get: Part("api.py", 5, 9, "Users.get"), put: Part("api.py", 50, 60, "Users.put")}
    some = plan(task("a", files=(get,)), task("b", files=("api.py",)))
    same = replace(some, seen=Seen(parts, {"b": (get,)}))
    assert [(clash.grade, clash.note) for clash in clashes(same)] == [
        (Grade.TOUCH, "their texts name the same part")
    ]
    other = replace(some, seen=Seen(parts, {"b": (put,)}))
    assert [(clash.grade, clash.note) for clash in clashes(other)] == [
        (Grade.WHOLE, "their texts name parts that lie apart")
    ]


def test_what_only_a_text_says_is_shown_and_holds_nobody_up() -> None:
    get = "api.py::Users.get"
    seen = Seen({get: Part("api.py", 5, 9, "Users.get")}, {"b": (get,)})
    some = plan(task("a", files=(get,)), task("b"), conflicts=SPLIT, seen=seen)
    (found,) = clashes(some)
    assert (found.guess, found.level, found.handled) == (True, Level.HIGH, "")
    assert locks(some) == {}


def test_a_milestone_does_not_keep_two_tasks_apart() -> None:
    """M060"""
    some = plan(
        task("a", files=("x",)),
        replace(task("b", files=("x",)), needs=(Need("a", "schema done"),)),
        start_policy=StartPolicy.DEPENDENCY,
    )
    assert handled(some) == {"x": ""}


def test_the_start_by_needs_heeds_what_waves_say_of_themselves() -> None:
    """M059, M065: what barriers cost is told against what would really run"""
    some = plan(*(task(name, estimate=Span(600, 600)) for name in "abcdef"))
    made = (Wave(1, "one", ("a", "b", "c"), Mode.SEQUENTIAL), Wave(2, "two", ("d", "e", "f"), slots=1))
    some = replace(some, waves=made)
    told = forecast(some, 3)
    by_needs = replace(some, start_policy=StartPolicy.DEPENDENCY)
    assert told.free_seconds / 60 == minutes(by_needs, 3)[0] == 30
    assert told.seconds / 60 == minutes(some, 3)[0] == 60
    assert told.barriers == 1800


@pytest.mark.parametrize(
    ("counts", "takes", "length"),
    [
        ({"db": (1, "staging"), "staging": (1, "")}, ["db", "db", "staging"], 20),
        ({"db": (1, "staging"), "staging": (1, "")}, ["db", "db"], 10),
        ({"db": (1, "")}, ["db", "db"], 20),
    ],
)
def test_an_alternative_serves_its_own_users_too(
    counts: dict[str, tuple[int, str]], takes: list[str], length: float
) -> None:
    """M066: what is forecast is what runs"""
    some = plan(
        *(task(f"t{number}", resources={name: 1.0}) for number, name in enumerate(takes)),
        supplies={name: Supply(count, other) for name, (count, other) in counts.items()},
        start_policy=StartPolicy.DEPENDENCY,
    )
    assert forecast(some, 3).seconds / 60 == minutes(some, 3)[0] == length
