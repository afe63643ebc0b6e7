"""The journal: one SQLite row per step, and the truth about a run.

A row is one whole step, never a part of it. Each row carries a checksum over itself and the row before
(SQLite has none of its own in the main file), so a flipped bit or a missing row is found when it is read.
A journal that was closed in good order ends with a seal that names its last step, so that a missing end is
found too; the first step written after that breaks the seal in the same transaction.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args

import msgspec
from msgspec import Struct

from engine.core.errors import JournalError
from engine.core.events import Event
from engine.core.intents import Intent
from engine.core.verdicts import MergeApproved, RunCreated, RunEnded, StopAsked, WaveApproved

FORMAT = 1
STEP = (
    "CREATE TABLE step "
    "(cursor INTEGER PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
)
SEAL = "CREATE TABLE seal (cursor INTEGER NOT NULL, crc INTEGER NOT NULL)"
ROW = "INSERT INTO step VALUES (?, ?, ?, ?)"
ADVICE = "what the run made is on its branches: git branch; begin anew with: wavetree run PLAN"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Event, ...]).decode

_DURABLE = frozenset({*get_args(Intent), RunCreated, WaveApproved, MergeApproved, StopAsked, RunEnded})
"""Events whose step reaches the platter before anything is done; the rest follows within seconds."""


class Record(Struct, frozen=True):
    """One step: `cursor` counts up from 1, `at` is seconds since the epoch."""

    cursor: int
    at: float
    events: tuple[Event, ...]


class Journal:
    """An open journal. The engine has the only one that writes; any number of readers follow it."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Raises JournalError when the file is missing, damaged, or of a newer format."""
        self.path = path
        self._write = write
        self._crc = 0
        self._cursor = 0
        self._full = True
        self._sealed = False
        if not write and not path.exists():
            raise JournalError(f"no journal at {path}")
        mode = "rwc" if write else "ro"
        with self._guarded():
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
            )
        try:
            with self._guarded():
                self._open()
        except JournalError:
            self._db.close()
            raise

    def _open(self) -> None:
        self._db.execute("PRAGMA busy_timeout = 5000")
        if self._write:
            self._prepare()
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise JournalError(f"{self.path} has format {found}; this version reads up to {FORMAT}")
        tables = {sql for (sql,) in self._db.execute("SELECT sql FROM sqlite_master")}
        if tables and tables != {STEP, SEAL}:
            raise JournalError(f"{self.path}: its tables are damaged", ADVICE)

    def _prepare(self) -> None:
        """Make the file ready to be written. Everything there is looked at first: an end that got lost
        would not be missed by whoever goes on writing."""
        self.path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")
        if not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for line in ("BEGIN IMMEDIATE", STEP, SEAL, f"PRAGMA user_version = {FORMAT}", "COMMIT"):
                self._db.execute(line)
        elif (found := self._db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise JournalError(f"{self.path} is damaged: {' '.join(str(found).split())}", ADVICE)
        self._sealed = bool(self._db.execute("SELECT count(*) FROM seal").fetchone()[0])

    @contextlib.contextmanager
    def _guarded(self, remedy: str = ADVICE) -> Iterator[None]:
        """SQLite's errors as ours; a flipped bit can also make text of what was none."""
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise JournalError(f"{self.path}: {error}", remedy) from error

    def append(self, at: float, events: tuple[Event, ...]) -> Record:
        """Write one step and return its record; on return it survives the end of this process, and a
        power cut too when it holds an intent, an approval or the run's beginning or end."""
        return self.extend(at, [events])[0]

    def extend(self, at: float, steps: Sequence[tuple[Event, ...]]) -> list[Record]:
        """Write several steps of one moment, all or none, for the price of one."""
        crc, rows = self._crc, []
        for cursor, events in enumerate(steps, self._cursor + 1):
            body = _encode(events)
            crc = _chain(crc, cursor, at, body)
            rows.append((cursor, at, body, crc))
        with self._guarded("free some room on the disk, then: wavetree resume"):
            self._sync(full=any(type(event) in _DURABLE for events in steps for event in events))
            self._insert(rows)
        self._cursor, self._crc = self._cursor + len(rows), crc
        return [Record(row[0], at, events) for row, events in zip(rows, steps, strict=True)]

    def _insert(self, rows: list[tuple[int, float, bytes, int]]) -> None:
        if len(rows) == 1 and not self._sealed:
            self._db.execute(ROW, rows[0])
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("DELETE FROM seal")
            self._db.executemany(ROW, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            self._db.execute("ROLLBACK")
            raise
        self._sealed = False

    def _sync(self, *, full: bool) -> None:
        if full is not self._full:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def read(self, after: int = 0) -> Iterator[Record]:
        """The steps behind cursor `after`, checked. Read in order: the checksum is a chain.

        Raises JournalError at the first step that does not fit."""
        with self._guarded():
            if after != self._cursor:
                self._crc = self._crc_at(after)
                self._cursor = after
            rows, seal = self._look(after)
        for cursor, at, body, crc in rows:
            yield self._checked(cursor, at, body, crc)
        if seal is not None and seal != (self._cursor, self._crc):
            raise JournalError(f"{self.path}: step {self._cursor + 1} is missing", ADVICE)

    def _look(self, after: int) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        """The rows behind a cursor and the seal, both of one moment."""
        if not self.begun and self._db.execute("PRAGMA page_count").fetchone()[0] <= 1:
            return [], None
        self._db.execute("BEGIN")
        try:
            rows = self._db.execute(
                "SELECT cursor, at, body, crc FROM step WHERE cursor > ? ORDER BY cursor", (after,)
            ).fetchall()
            return rows, self._db.execute("SELECT cursor, crc FROM seal").fetchone()
        finally:
            self._db.execute("COMMIT")

    def _crc_at(self, cursor: int) -> int:
        row = self._db.execute("SELECT crc FROM step WHERE cursor = ?", (cursor,)).fetchone()
        return int(row[0]) if row else 0

    def _checked(self, cursor: object, at: object, body: object, crc: object) -> Record:
        here = self._cursor + 1
        if not (isinstance(cursor, int) and isinstance(at, float) and isinstance(body, bytes)):
            raise JournalError(f"{self.path}: step {here} is damaged", ADVICE)
        if cursor > here:
            raise JournalError(f"{self.path}: step {here} is missing", ADVICE)
        if cursor != here or crc != _chain(self._crc, cursor, at, body):
            raise JournalError(f"{self.path}: step {here} is damaged", ADVICE)
        try:
            events = _decode(body)
        except msgspec.DecodeError as error:
            raise JournalError(f"{self.path}: step {cursor} cannot be read: {error}", ADVICE) from error
        self._cursor, self._crc = cursor, int(crc)
        return Record(cursor, at, events)

    def last(self) -> int:
        """The cursor of the newest step; 0 when there is none."""
        with self._guarded():
            return int(self._db.execute("SELECT coalesce(max(cursor), 0) FROM step").fetchone()[0])

    @property
    def begun(self) -> bool:
        """Whether its tables are there; the file is, a moment before, and stays so when the engine is killed
        just then."""
        with self._guarded():
            return bool(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

    @property
    def version(self) -> int:
        """Changes whenever somebody else has written; cheap enough to ask twenty times a second."""
        with self._guarded():
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """A writer that has read or written everything up to the end seals it."""
        try:
            with self._guarded():
                if self._write and not self._sealed and self._cursor == self.last():
                    self._db.execute("INSERT INTO seal VALUES (?, ?)", (self._cursor, self._crc))
                if self._write:
                    self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _chain(before: int, cursor: int, at: float, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(f"{before}:{cursor}:{at!r}:".encode()))
