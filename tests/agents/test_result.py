"""A result file is a claim of an agent: it is used when it is sound and named when it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.agents.result import SIZE_LIMIT, Result, read_result
from engine.core.gauged import TaskError


def test_a_whole_result_is_read(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(
        '{"filesModified": ["a.py"], "filesCreated": ["b.py"], "actions": ["wrote b"], "toolsUsed": ["Edit"],'
        ' "issuesEncountered": ["slow\\u001b[31m"], "more": 1}'
    )
    assert read_result(path) == Result(("a.py",), ("b.py",), ("wrote b",), ("Edit",), ("slow",))


def test_no_file_is_no_result(tmp_path: Path) -> None:
    assert read_result(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is no JSON object"),
        (b'{"filesModified": "a.py"}', "'filesModified'"),
        (b'{"actions": [1]}', "'actions'"),
        (b" " * (SIZE_LIMIT + 1), "is over 1024 KiB"),
    ],
    ids=["cut off", "not utf-8", "deep", "list", "text for a list", "number in a list", "big"],
)
def test_a_broken_result_is_an_implementation_error_with_hints(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    error = read_result(path)
    assert isinstance(error, TaskError)
    assert error.type == "ImplementationError"
    assert words in error.message
    assert 2 <= len(error.hints) <= 4
    assert str(path) in error.hints[0]


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        assert isinstance(read_result(tmp_path / name), TaskError)
