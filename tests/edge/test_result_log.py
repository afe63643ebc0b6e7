"""The log on disk is the old one or the new one, whole, whenever the engine is killed (M159)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.errors import WavetreeError
from engine.edge.result_log import add_to_log, read_log

KILLED = """
import os, signal, sys
from pathlib import Path
from engine.edge import result_log

calls = 0

def dies(frame, event, function):
    global calls
    steps = ("open", "write", "flush", "fsync", "replace", "fileno", "close")
    if event == "c_call" and function.__name__ in steps:
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(dies)
result_log.add_to_log(Path(sys.argv[1]), [{"storyNumber": 2}, {"storyNumber": 3}])
sys.setprofile(None)
"""


def test_a_kill_at_each_step_of_the_write_leaves_the_old_log_or_the_new_one(tmp_path: Path) -> None:
    old, seen, code = '[\n  {"storyNumber":   1}\n]', set(), -9
    path = tmp_path / "log.json"
    for moment in range(1, 100):
        path.write_text(old)
        code = subprocess.run([sys.executable, "-c", KILLED, path, str(moment)], check=False).returncode
        numbers = tuple(entry["storyNumber"] for entry in json.loads(path.read_text()))
        assert numbers in ((1,), (1, 2, 3))
        seen.add(numbers)
        if code == 0:
            break
    assert (code, seen) == (0, {(1,), (1, 2, 3)})
    assert path.read_text().startswith(old[:-2]), "old entries byte by byte"


@pytest.mark.parametrize("text", ["", "  \n", "[]", "[ ]\n"])
def test_an_empty_log_takes_its_first_entry(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    add_to_log(path, [{"a": 1}])
    add_to_log(path, [{"b": "ü"}])
    assert read_log(path) == [{"a": 1}, {"b": "ü"}]


@pytest.mark.parametrize("text", ["{}", "[1, 2", "no", "[" * 100_000])
def test_what_is_no_log_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    with pytest.raises(WavetreeError, match=r"log\.json is no"):
        add_to_log(path, [{"a": 1}])
    assert path.read_text() == text


def test_entries_that_are_not_utf_8_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(b'[{"a": "\xff"}]')
    add_to_log(path, [{"b": 1}])
    assert path.read_bytes().startswith(b'[{"a": "\xff"}')
    assert [file.name for file in tmp_path.iterdir()] == ["log.json"]
