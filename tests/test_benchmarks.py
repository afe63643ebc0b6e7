"""Each benchmark runs in a tiny size and gives figures that can be true; their size is not tested here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import dispatch, engine_step, replay, screen, soak, startup, whole_run
from benchmarks.layered import as_file, layered
from benchmarks.measuring import Row, alternate, percentile
from engine import load_plan


def sane(rows: list[Row], count: int) -> None:
    assert len(rows) == count
    for row in rows:
        assert row.note or row.value >= 0
        assert row.ratio is None or row.ratio > 0
        assert bool(row.against) == (row.ratio is not None)


def test_a_whole_run_lands_every_task_and_is_compared_with_the_script():
    rows = whole_run.measure(tasks=4, layers=2, files=5, rounds=1)
    sane(rows, 3)
    assert [row.against for row in rows] == ["", "script", "script"]


def test_dispatch_is_measured_with_and_without_processes():
    rows = dispatch.measure(tasks=6, layers=2, rounds=1)
    sane(rows, 4)
    assert {"engine and journal, agents that end at once"} < {row.what for row in rows}


def test_a_build_tool_that_is_missing_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch, "TOOLS", {"no-such-build-tool": dispatch.by_ninja})
    rows = dispatch.measure(tasks=2, layers=1, rounds=1)
    sane(rows, 3)
    assert [row.note for row in rows if row.note] == ["not installed, left out"]


def test_a_step_is_measured_for_each_size_of_plan():
    rows = engine_step.measure((4, 20), layers=2, rounds=1)
    sane(rows, 2)
    assert rows[1].against == "4 tasks"


def test_replay_and_attach_read_the_whole_journal():
    rows = replay.measure(events=2_000, tasks=20, rounds=1)
    sane(rows, 2)
    assert all(int(row.what.split()[-2].replace(",", "")) in range(1_500, 2_501) for row in rows)


def test_the_screen_is_watched_while_rows_and_log_move():
    rows = screen.measure(rows=3, lines=100, seconds=0.5, keys=2)
    sane(rows, 6)
    assert all(row.value > 0 for row in rows)


def test_help_and_first_paint_come_after_a_bare_python():
    rows = startup.measure(tasks=5, rounds=1)
    sane(rows, 3)
    bare, words, paint = rows
    assert bare.value < words.value < paint.value


def test_every_plan_of_a_benchmark_is_one_that_the_importer_takes(tmp_path: Path):
    plan = layered(23, 4, run="echo {task} > {task}")
    read = load_plan(as_file(plan, tmp_path / "plan.json"))
    assert [task.run for task in read.tasks] == [task.run for task in plan.tasks]
    assert [task.needs for task in read.tasks] == [task.needs for task in plan.tasks]
    assert [wave.tasks for wave in read.waves] == [wave.tasks for wave in plan.waves]


def test_contenders_take_turns_and_the_median_counts():
    order: list[str] = []
    times = iter((1.0, 5.0, 7.0, 2.0, 3.0, 6.0))

    def one(name: str) -> float:
        order.append(name)
        return next(times)

    found = alternate({"a": lambda: one("a"), "b": lambda: one("b")}, rounds=3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": 2.0, "b": 6.0}
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0


def test_data_can_be_printed_instead_of_a_table(capsys: pytest.CaptureFixture[str]):
    row = Row("name", "what [bold]it[/] is", 1.5, "ms", "make", 0.5, "2 ms", True)
    command.show([row, Row("name", "other", 0.0, "", note="not installed, left out")])
    printed = capsys.readouterr().out
    assert "0.50x make" in printed and "2 ms ✓" in printed and "[bold]it[/]" in printed
    assert "left out" in printed


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as refused:
        command.main(["no-such"])
    assert refused.value.code == 2
    assert "engine_step" in capsys.readouterr().err


def test_a_benchmark_by_its_name_prints_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine_step, "run", lambda quick: [Row("engine step", "tiny", 1.0, "ms", met=quick)])
    assert command.main(["engine_step", "--json", "--quick"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"][0]["value"] == 1.0
    assert said["machine"]["cores"] >= 1


def test_the_memory_of_a_screen_on_a_talkative_run_is_measured():
    rows = soak.measure(tasks=3, seconds=1.0)
    sane(rows, 3)
    assert rows[1].value > 20
