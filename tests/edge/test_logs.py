"""A log is followed line by line, whatever its writer does to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.edge.logs import LINE_LIMIT, Tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "out.log"


def add(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def test_a_log_that_is_not_there_yet_has_no_lines(log: Path) -> None:
    tail = Tail(log)
    assert tail.read() == []
    add(log, b"first\n")
    assert tail.read() == ["first"]
    assert tail.read() == []


def test_a_line_is_given_out_when_it_is_complete_and_once(log: Path) -> None:
    tail = Tail(log)
    add(log, b"one\ntw")
    assert tail.read() == ["one"]
    assert tail.offset == 4
    add(log, "oö".encode()[:2])
    assert tail.read() == []
    assert tail.offset == 4
    add(log, "oö".encode()[2:] + b"\r\nthree\n")
    assert tail.read() == ["twoö", "three"]
    assert tail.offset == log.stat().st_size


def test_another_tail_goes_on_where_one_stopped(log: Path) -> None:
    add(log, b"one\ntwo\nthr")
    first = Tail(log)
    first.read()
    add(log, b"ee\n")
    assert Tail(log, first.offset).read() == ["three"]


def test_bytes_that_are_no_text_are_marked(log: Path) -> None:
    add(log, b"a\xff\xfeb\n")
    assert Tail(log).read() == ["a\ufffd\ufffdb"]


def test_endless_lines_take_bounded_room_and_what_follows_is_read(log: Path) -> None:
    tail = Tail(log)
    for _ in range(5):
        add(log, b"x" * 100_000)
        assert tail.read() == []
    assert (tail.offset, tail.position) == (0, 500_000)
    add(log, b"\nnext\n")
    assert tail.read() == ["x" * LINE_LIMIT, "next"]
    assert tail.offset == 500_006


def test_a_burst_is_read_in_portions(log: Path) -> None:
    add(log, b"line\n" * 1000)
    tail = Tail(log)
    assert len(tail.read(limit=500)) == 100
    assert len(tail.read()) == 900


def test_the_last_line_without_an_end_is_there_at_the_end(log: Path) -> None:
    add(log, b"one\ntwo")
    tail = Tail(log)
    assert tail.finish() == ["one", "two"]
    assert tail.finish() == []
    assert tail.offset == 7


def test_a_log_cut_short_begins_anew(log: Path) -> None:
    add(log, b"a long first life\nand more")
    tail = Tail(log)
    tail.read()
    log.write_bytes(b"new\n")
    assert tail.read() == ["new"]


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "full").symlink_to("/dev/full")
    for name in ("pipe", "full", "."):
        assert Tail(tmp_path / name).read() == []


@given(content=st.binary(max_size=300), cuts=st.lists(st.integers(min_value=1, max_value=40), max_size=20))
def test_however_writes_are_cut_the_lines_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, cuts: list[int]
) -> None:
    log = tmp_path_factory.mktemp("cut") / "out.log"
    tail, got, at = Tail(log), [], 0
    for cut in cuts:
        add(log, content[at : at + cut])
        at += cut
        got += tail.read()
    add(log, content[at:])
    got += tail.finish()
    whole = [line.decode(errors="replace").rstrip("\r") for line in content.split(b"\n")]
    assert got == (whole if content and not content.endswith(b"\n") else whole[:-1])
