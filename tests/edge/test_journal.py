"""The journal gives back what was written, whole steps only, or says where it is damaged."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.errors import JournalError
from engine.core.events import Event
from engine.core.intents import AgentRequested
from engine.core.outcomes import AgentReported, LoadSeen, Recovered, Report
from engine.core.verdicts import MergeApproved, RunEnded, StopAsked, TaskHeld, WaveApproved
from engine.edge.journal import Journal

text = st.text(max_size=20)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(TaskHeld, text),
    st.builds(AgentRequested, text, st.integers(1, 9), text, text),
    st.builds(LoadSeen, text, st.floats(0, 100)),
    st.builds(AgentReported, text, st.integers(1, 9), st.builds(Report, says=text, step=st.integers(0, 9))),
    st.builds(Recovered, st.integers(1, 2**22), st.lists(text, max_size=3).map(tuple)),
)
Step = tuple[float, tuple[Event, ...]]
steps: st.SearchStrategy[Step] = st.tuples(
    st.floats(0, 4e9, allow_subnormal=False), st.lists(events, min_size=1, max_size=4).map(tuple)
)
SOME: list[Step] = [(float(n), (TaskHeld(f"task-{n}"), LoadSeen("free", n / 2))) for n in range(1, 6)]


def write(path: Path, some: Sequence[Step] = SOME) -> None:
    with Journal(path, write=True) as journal:
        list(journal.read())
        for at, happened in some:
            journal.append(at, happened)


def read(path: Path) -> list[Step]:
    journal = Journal(path)
    try:
        return [(record.at, record.events) for record in journal.read()]
    finally:
        journal._db.close()


def sql(path: Path, *lines: str) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    for line in lines:
        database.execute(line)
    database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@settings(max_examples=50, deadline=None)
@given(st.lists(steps, max_size=8), st.integers(0, 8))
def test_what_was_appended_is_read_again_also_by_the_next_writer(some: list[Step], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        write(path, some[:cut])
        write(path, some[cut:])
        assert read(path) == some
        with Journal(path) as journal:
            assert [record.cursor for record in journal.read()] == list(range(1, len(some) + 1))
            assert journal.last() == len(some)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_or_changes_nothing(tmp_path: Path, where: float, bit: int) -> None:
    whole, hurt = tmp_path / "whole.db", tmp_path / "hurt.db"
    if not whole.exists():
        write(whole)
    content = bytearray(whole.read_bytes())
    used = [place for place in range(len(content)) if content[place]]
    content[used[int(where * len(used))]] ^= 1 << bit
    for left in tmp_path.glob("hurt.db*"):
        left.unlink()
    hurt.write_bytes(content)
    try:
        found = read(hurt)
    except JournalError:
        return
    assert found == SOME


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_in_the_log_of_a_killed_engine_costs_at_most_the_steps_after_it(
    tmp_path: Path, where: float, bit: int
) -> None:
    live = tmp_path / "live.db"
    hurt = tmp_path / "hurt.db"
    if not live.exists():
        journal = Journal(live, write=True)  # not closed: as a killed engine leaves it
        for at, happened in SOME:
            journal.append(at, happened)
        shutil.copy(live, tmp_path / "kept.db")
        shutil.copy(f"{live}-wal", tmp_path / "kept.db-wal")
        journal.close()
    for left in tmp_path.glob("hurt.db*"):
        left.unlink()
    shutil.copy(tmp_path / "kept.db", hurt)
    content = bytearray((tmp_path / "kept.db-wal").read_bytes())
    content[int(where * len(content))] ^= 1 << bit
    Path(f"{hurt}-wal").write_bytes(content)
    try:
        found = read(hurt)
    except JournalError:
        return
    assert found == SOME[: len(found)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("DELETE FROM step WHERE cursor = 3", "step 3 is missing"),
        ("DELETE FROM step WHERE cursor = 1", "step 1 is missing"),
        ("DELETE FROM step WHERE cursor = 5", "step 5 is missing"),
        ("DELETE FROM step", "step 1 is missing"),
        ("UPDATE step SET body = replace(body, 'task-3', 'task-4') WHERE cursor = 3", "step 3 is damaged"),
        ("UPDATE step SET at = at + 1 WHERE cursor = 4", "step 4 is damaged"),
        ("UPDATE step SET crc = crc + 1 WHERE cursor = 2", "step 2 is damaged"),
        ("UPDATE step SET cursor = 9 WHERE cursor = 5", "step 5 is missing"),
        ("INSERT INTO step VALUES (6, 6.0, '[]', 7)", "step 6 is damaged"),
        ("DROP TABLE step", "tables are damaged"),
    ],
)
def test_damage_is_named_by_its_step_and_nothing_is_written_over_it(path: Path, line: str, said: str) -> None:
    write(path)
    sql(path, line)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=said) as caught:
        read(path)
    assert str(path) in caught.value.message
    assert "git branch" in caught.value.remedy
    with pytest.raises(JournalError, match=said):
        write(path)
    assert path.read_bytes() == before


def test_whoever_did_not_read_to_the_end_cannot_append(path: Path) -> None:
    write(path)
    journal = Journal(path, write=True)
    with pytest.raises(JournalError):
        journal.append(9.0, (TaskHeld("x"),))
    journal.close()
    assert read(path) == SOME


def test_a_reader_sees_whole_steps_as_they_are_written_and_no_seal_disturbs_it(path: Path) -> None:
    many: tuple[Event, ...] = tuple(TaskHeld(f"t{n}") for n in range(200))
    write(path, [])
    with Journal(path) as reader:
        seen = 0
        for turn in range(1, 4):
            with Journal(path, write=True) as writer:
                for record in writer.read():
                    assert record.events == many
                for _ in range(3):
                    before = reader.version
                    writer.append(float(turn), many)
                    assert reader.version != before
                    news = list(reader.read(seen))
                    assert [record.events for record in news] == [many]
                    seen = news[-1].cursor
            assert list(reader.read(seen)) == []
    assert seen == 9


def test_a_step_survives_a_writer_that_never_closes(path: Path) -> None:
    journal = Journal(path, write=True)
    journal.append(1.0, (TaskHeld("a"),))
    copy = path.with_name("copy.db")
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    assert read(copy) == [(1.0, (TaskHeld("a"),))]
    journal.close()


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (AgentRequested("a", 1, "/p", "b"), 2),
        (WaveApproved(1, "ada"), 2),
        (MergeApproved("a"), 2),
        (StopAsked(), 2),
        (RunEnded("done"), 2),
        (TaskHeld("a"), 1),
        (LoadSeen("free", 1.0), 1),
    ],
)
def test_intents_and_approvals_are_synced_to_the_platter_and_the_rest_is_not(
    path: Path, event: Event, level: int
) -> None:
    with Journal(path, write=True) as journal:
        for before in (LoadSeen("free", 1.0), StopAsked()):
            journal.append(1.0, (before,))
            journal.append(1.0, (LoadSeen("free", 2.0), event))
            assert journal._db.execute("PRAGMA synchronous").fetchone() == (level,)


def test_a_journal_of_a_newer_format_or_no_journal_at_all_is_refused(path: Path) -> None:
    with pytest.raises(JournalError, match="no journal at"):
        Journal(path)
    write(path)
    sql(path, "PRAGMA user_version = 2")
    for writing in (False, True):
        with pytest.raises(JournalError, match="format 2; this version reads up to 1"):
            Journal(path, write=writing)
    path.write_bytes(b"not a database, whatever its name says" * 200)
    with pytest.raises(JournalError, match="not a database"):
        Journal(path)
    with pytest.raises(JournalError, match=r"unable to open|disk I/O"):
        Journal(path.parent)


def test_a_journal_whose_engine_was_killed_before_its_first_step_is_empty_and_can_be_begun(
    path: Path,
) -> None:
    sql(path, "PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    assert read(path) == []
    path.write_bytes(b"")
    assert read(path) == []
    write(path)
    assert read(path) == SOME


def test_only_its_owner_may_read_the_journal(path: Path) -> None:
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_steps_written_together_are_steps_like_any_other_and_all_or_none_of_them(path: Path) -> None:
    write(path)
    with Journal(path, write=True) as journal:
        list(journal.read())
        records = journal.extend(9.0, [(TaskHeld("x"),), (TaskHeld("y"), TaskHeld("z"))])
        assert [record.cursor for record in records] == [6, 7]
        journal._db.execute("CREATE TRIGGER full BEFORE INSERT ON step WHEN NEW.cursor = 9 "
                            "BEGIN SELECT RAISE(ABORT, 'disk full'); END")  # fmt: skip
        with pytest.raises(JournalError, match="disk full"):
            journal.extend(10.0, [(TaskHeld("v"),), (TaskHeld("w"),)])
        journal._db.execute("DROP TRIGGER full")
        journal.append(11.0, (TaskHeld("u"),))
    assert read(path) == [
        *SOME, (9.0, (TaskHeld("x"),)), (9.0, (TaskHeld("y"), TaskHeld("z"))), (11.0, (TaskHeld("u"),))
    ]  # fmt: skip
