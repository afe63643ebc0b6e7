"""The frame of the command line, `wavetree validate` and `wavetree config`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tui.__main__ import main
from tui.cli import COMMANDS

GOOD = (
    "wavetree: 1\nslots: 2\ntasks:\n"
    "- {id: a, run: x, estimate: 2m}\n- {id: b, run: x, needs: [a], estimate: 1h}\n"
)
BAD = "wavetree: 1\nslotz: 2\ntasks:\n- {id: a, run: x, needs: [b]}\n"


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD)
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    return str(path)


def wavetree(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *words], capture_output=True, text=True, timeout=60, check=False, **more
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for entry in COMMANDS:
        assert f"  {entry.name} " in shown
        assert entry.about in shown


@pytest.mark.parametrize("name", ["validate", "config"])
def test_the_help_of_a_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"  wavetree {name} " in shown
    assert main(["help", name]) == 0
    assert capsys.readouterr().out == shown


def test_help_imports_none_of_the_large_libraries() -> None:
    code = (
        "import sys\nfrom tui.__main__ import main\nmain(['--help'])\n"
        "large = {'textual', 'rich', 'networkx', 'git', 'yaml', 'psutil', 'msgspec', 'asyncio', 'engine'}\n"
        "print(sorted(large & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"])


def test_the_engines_front_door_imports_no_parser_and_no_networkx() -> None:
    code = "import sys, engine\nprint(sorted({'yaml', 'networkx', 'git', 'textual'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"])


def test_help_loads_nothing_of_the_engine() -> None:
    """What answers at once loads no more than it says"""
    code = (
        "import sys; from tui.__main__ import main; main(['--help']); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('engine', 'rich', 'msgspec')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["valdate"], "did you mean `wavetree validate`?"),
        (["\x1b[31m"], "there is no command '?[31m'; `wavetree --help` lists the commands."),
        ([], "usage: wavetree COMMAND"),
        (["validate"], "the following arguments are required: PLAN"),
        (["config", "shw"], "invalid choice: 'shw'"),
    ],
)
def test_a_usage_error_says_what_is_accepted(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert (shown.out, said in shown.err) == ("", True)


def test_a_good_plan_is_summed_up(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", good]) == 0
    assert capsys.readouterr().out == f"{good}: 2 tasks in 2 waves; critical path 1 h 2 min: a -> b\n"


def test_every_error_is_a_line_with_its_place(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", bad]) == 2
    assert capsys.readouterr().out.splitlines() == [
        f"{bad}:2: slotz: unknown key 'slotz'; did you mean \"slots\"?",
        f"{bad}:4: tasks[0].needs[0]: found 'b'; accepted: the id of a task",
        "2 errors",
    ]


def test_json_has_errors_warnings_and_the_number_of_tasks(
    good: str, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", bad, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["errors"][0] == {
        "file": bad,
        "line": 2,
        "path": "slotz",
        "message": "unknown key 'slotz'; did you mean \"slots\"?",
    }
    assert main(["validate", "--json", good]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "errors": [],
        "warnings": [],
        "tasks": 2,
        "waves": 2,
        "plan": "good",
        "kinds": [["plan"]],
    }


def test_strict_turns_warnings_into_errors(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(good).write_text(GOOD.replace("slots: 2", "slots: 9"))
    assert main(["validate", good]) == 0
    assert capsys.readouterr().out.startswith(f"{good}:2: slots: warning: 9 agents at once")
    assert main(["validate", good, "--strict"]) == 2
    assert capsys.readouterr().out.startswith(f"{good}:2: slots: 9 agents at once")


def test_a_dash_reads_standard_input() -> None:
    done = wavetree("validate", "-", input=BAD)
    assert done.returncode == 2
    assert done.stdout.startswith("<stdin>:2: slotz: ")


def test_text_from_a_plan_cannot_steer_the_terminal(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(good).write_text('wavetree: 1\n"k\\e]0;owned\\a": 1\ntasks: [{id: "a\\e[2J", run: x}]\n')
    assert main(["validate", good]) == 2
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert shown.count("\n") == 3


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "wavetree plan"


def test_config_shows_each_setting_with_its_source(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(good).write_text(GOOD + "settings: {conflict_resolution: manual, poll_interval: 2m}\n")
    assert main(["config", "show", good, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["slots"] == {"value": 2, "source": "plan"}
    assert shown["conflict_resolution"] == {"value": "manual", "source": "plan"}
    assert shown["land"] == {"value": "wave", "source": "default"}
    assert main(["config", "show", good]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["poll_interval", "2", "min", "plan"] in rows
    assert ["log_limit", "256", "MB", "default"] in rows


def test_a_command_that_needs_a_good_plan_prints_all_errors(
    bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "show", bad]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.split(": ")[0] for line in shown.err.splitlines()] == ["error", "error"]
    assert main(["config", "show", bad, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (len(found["errors"]), found["errors"][1]["line"]) == (2, 4)
    assert found["error"].startswith(f"{bad}:2: slotz")


def test_a_reader_that_went_away_is_no_error() -> None:
    end, start = os.pipe()
    os.close(end)
    with os.fdopen(start, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tui", "config", "schema"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupt_ends_with_its_own_code(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Interrupted())))
    assert main(["validate", "-"]) == 130
