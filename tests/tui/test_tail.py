"""A log is followed in bounded memory and never as anything but plain text."""

from __future__ import annotations

from pathlib import Path

from tui.tail import LINE_LIMIT, MOST_BYTES, MOST_LINES, Tail


def tail(path: Path) -> Tail:
    found = Tail()
    found.follow(path)
    return found


def test_whole_lines_come_as_they_are_written_and_a_begun_one_stays_open(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntw")
    follower = tail(log)
    assert follower.read()
    assert (list(follower.lines), follower.open_line) == (["one"], "tw")
    with log.open("ab") as file:
        file.write(b"o\n")
    assert follower.read()
    assert (list(follower.lines), follower.open_line) == (["one", "two"], "")
    assert not follower.read()


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    follower = tail(tmp_path / "late")
    assert not follower.read()
    (tmp_path / "late").write_text("here\n")
    assert follower.read()
    assert list(follower.lines) == ["here"]


def test_a_file_that_became_shorter_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\nolder\n")
    follower = tail(log)
    follower.read()
    log.write_text("new\n")
    follower.read()
    assert list(follower.lines) == ["new"]


def test_of_a_flood_only_the_end_is_read_and_memory_stays_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 50 + b"\n" + b"a line of the flood\n" * 200_000 + b"last\n")
    follower = tail(log)
    follower.read()
    assert follower.lines[-1] == "last"
    assert len(follower.lines) == MOST_LINES
    log.write_bytes((b"z" * 1023 + b"\n") * 1_000)
    follower = tail(log)
    follower.read()
    assert len(follower.lines) == MOST_BYTES // 1024


def test_a_line_without_end_is_cut_and_does_not_pile_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"y" * (MOST_BYTES + 10))
    follower = tail(log)
    for _ in range(3):
        follower.read()
        with log.open("ab") as file:
            file.write(b"y" * MOST_BYTES)
    assert all(len(line) <= LINE_LIMIT for line in follower.lines)
    assert len(follower.open_line) <= LINE_LIMIT


def test_escapes_colours_and_overwritten_text_leave_plain_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\x1b[31mred\x1b[0m \x1b]52;c;eA==\x07[red]\n 10%\r 50%\r100%\r\nbad \xff\n")
    follower = tail(log)
    follower.read()
    assert list(follower.lines) == ["red [red]", "100%", "bad \ufffd"]


def test_another_file_replaces_the_lines(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a\n")
    (tmp_path / "b").write_text("b\n")
    follower = tail(tmp_path / "a")
    follower.read()
    follower.follow(tmp_path / "b")
    follower.read()
    assert list(follower.lines) == ["b"]
