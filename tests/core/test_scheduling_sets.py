"""The benchmark of the scheduling search reads PSPLIB's files, says what it cannot read, and reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import scheduling
from benchmarks.projects import UnreadableError, random_project, read_instance, read_reference
from engine.core.scheduling import Problem

SMALL = """\
************************************************************************
file with basedata            : made up
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  5
horizon                       :  9
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          3           2   3   4
   2        1          1           5
   3        1          1           4
   4        1          1           5
   5        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     5       1    0
  3      1     1       2    0
  4      1     4       1    3
  5      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    3
************************************************************************
"""
BEST = """\
Par Inst Makespan Date Author
=============================
1   1    7       somebody
1   2    9       somebody
1   1    6       somebody else
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny1_1.sm").write_text(SMALL)
    (tmp_path / "tiny1_2.sm").write_text(SMALL.replace("  2      1     5  ", "  2      1     8  "))
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "tinyhrs.sm").write_text(BEST)
    return tmp_path


def test_an_instance_is_read_with_its_source_and_sink(folder: Path) -> None:
    read = read_instance(folder / "tiny1_1.sm")
    assert read.name == "tiny1_1"
    assert read.problem == Problem(
        [0, 5, 1, 4, 0], [[], [0], [0], [0, 2], [1, 3]], [{}, {0: 1}, {0: 2}, {0: 1, 1: 3}, {}], [2, 3]
    )


def test_of_several_reference_rows_the_smallest_counts(folder: Path) -> None:
    assert read_reference(folder / "best" / "tinyhrs.sm") == {"tiny1_1": 6, "tiny1_2": 9}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("  - nonrenewable              :  0", "  - nonrenewable              :  1", "only renewable"),
        (
            "   2        1          1           5",
            "   2        2          1           5",
            "successors of job 2",
        ),
        (
            "   3        1          1           4",
            "   3        1          2           4",
            "successors of job 3",
        ),
        (
            "   4        1          1           5",
            "   4        1          1           9",
            "successors of job 4",
        ),
        ("   5        1          0", "   5        1", "successors of job 5"),
        ("   5        1          0\n", "", "jobs 1 to 5"),
        ("   2    3\n", "   2\n", "2 numbers"),
        ("   2    3\n", "   1    3\n", "job 2 demands 2 of resource 0"),
        ("  4      1     4       1    3", "  4      1     4       1", "2 resources in every row"),
        ("  4      1     4       1    3", "  4      1     4.5     1    3", "is no row"),
        ("REQUESTS/DURATIONS:", "", "no table 'REQUESTS/DURATIONS'"),
        ("jobs (incl. supersource/sink ):", "tasks:", "no line 'jobs'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_file(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in SMALL
    path = tmp_path / "odd1_1.sm"
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(UnreadableError, match=why) as raised:
        read_instance(path)
    assert str(path) in str(raised.value)


def test_a_set_is_reported_and_its_schedules_are_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out.json"
    best = folder / "best" / "tinyhrs.sm"
    asked = ["--instances", str(folder), "--reference", str(best), "--schedules", "50"]
    assert scheduling.main([*asked, "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["instances"], said["schedules"], said["below_reference"]) == (2, 50, [])
    assert (said["above_reference"], said["at_reference"], said["proven"]) == (0.0, 100.0, 50.0)
    assert said["above_critical_path"] == pytest.approx(100 * (6 / 5 - 1 + 9 / 8 - 1) / 2)
    written = json.loads(out.read_text())
    # job 4 may run at any time within the 5 of job 2, which takes 1 longer
    assert written["tiny1_1"].items() >= {"1": 0, "2": 1, "3": 0, "5": 6}.items()
    assert written["tiny1_1"]["4"] in (1, 2)
    assert scheduling.main(asked) == 0
    assert "at the reference            100.0 % of instances" in capsys.readouterr().out


def test_a_schedule_below_the_reference_is_flagged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = folder / "best" / "tinyopt.sm"
    worse.write_text(BEST.replace("6 ", "7 ").replace("9 ", "12 "))
    assert scheduling.main(["--instances", str(folder), "--reference", str(worse), "--schedules", "9"]) == 0
    assert "BELOW THE REFERENCE: 2: tiny1_1, tiny1_2" in capsys.readouterr().out


def test_a_set_without_instances_or_with_a_reference_too_short_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scheduling.main(["--instances", str(folder / "best" / "none")]) == 1
    assert "no .sm file" in capsys.readouterr().err
    short = folder / "best" / "tinyopt.sm"
    short.write_text("1 1 7\n")
    assert scheduling.main(["--instances", str(folder), "--reference", str(short)]) == 1
    assert "no line for tiny1_2" in capsys.readouterr().err


def test_the_benchmark_runs_by_its_path_too(folder: Path) -> None:
    path = Path(scheduling.__file__)
    asked = [sys.executable, str(path), "--instances", str(folder), "--schedules", "2"]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2 instances, 2 schedules, seed 0\n")


def test_random_projects_are_scheduled_no_longer_by_the_search_than_by_the_dispatch() -> None:
    dispatched, searched, cost = scheduling.measure(jobs=20, projects=3, schedules=50)
    assert 1 <= searched.value <= dispatched.value and searched.met
    assert cost.value > 0 and cost.against == "dispatch"
    assert random_project(20, 1) == random_project(20, 1) != random_project(20, 2)
