"""The journal: one SQLite row per step, and the truth about a run.

A row is one whole step, never a part of it. Each row carries a checksum over itself and the row before
(SQLite has none of its own in the main file), so a flipped bit or a missing row is found when it is read.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from engine.core.errors import JournalError
from engine.core.events import Event, Intent, MergeApproved, RunCreated, RunEnded, StopAsked, WaveApproved

FORMAT = 1

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Event, ...]).decode

DURABLE = (Intent, RunCreated, WaveApproved, MergeApproved, StopAsked, RunEnded)
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
        if not write and not path.exists():
            raise JournalError(f"no journal at {path}")
        mode = "rwc" if write else "ro"
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        self._db.execute("PRAGMA busy_timeout = 5000")
        try:
            if write:
                self._prepare()
            self._check_format()
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{path}: {error}", "wavetree state check") from error

    def _prepare(self) -> None:
        self.path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS step ("
            "cursor INTEGER PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
        )
        if not self._db.execute("PRAGMA user_version").fetchone()[0]:
            self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def _check_format(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise JournalError(f"{self.path} has format {found}; this version reads up to {FORMAT}")

    def append(self, at: float, events: tuple[Event, ...]) -> Record:
        """Write one step and return its record; on return it survives the end of this process, and a
        power cut too when it holds an intent, an approval or the run's beginning or end."""
        body = _encode(events)
        cursor = self._cursor + 1
        crc = _chain(self._crc, cursor, at, body)
        self._sync(full=any(isinstance(event, DURABLE) for event in events))
        try:
            self._db.execute("INSERT INTO step VALUES (?, ?, ?, ?)", (cursor, at, body, crc))
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {error}", "free some room on the disk") from error
        self._cursor, self._crc = cursor, crc
        return Record(cursor, at, events)

    def _sync(self, *, full: bool) -> None:
        if full is not self._full:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def read(self, after: int = 0) -> Iterator[Record]:
        """The steps behind cursor `after`, checked. Read in order: the checksum is a chain.

        Raises JournalError at the first row that does not fit."""
        if after != self._cursor:
            self._crc = self._crc_at(after)
            self._cursor = after
        try:
            rows = self._db.execute(
                "SELECT cursor, at, body, crc FROM step WHERE cursor > ? ORDER BY cursor", (after,)
            )
            for cursor, at, body, crc in rows.fetchall():
                yield self._checked(cursor, at, body, crc)
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{self.path}: {error}", "wavetree state check") from error

    def _crc_at(self, cursor: int) -> int:
        row = self._db.execute("SELECT crc FROM step WHERE cursor = ?", (cursor,)).fetchone()
        return int(row[0]) if row else 0

    def _checked(self, cursor: int, at: float, body: bytes, crc: int) -> Record:
        if cursor != self._cursor + 1 or crc != _chain(self._crc, cursor, at, body):
            raise JournalError(f"{self.path}: step {cursor} is damaged", "wavetree state check")
        try:
            events = _decode(body)
        except msgspec.DecodeError as error:
            raise JournalError(f"{self.path}: step {cursor} cannot be read: {error}") from error
        self._cursor, self._crc = cursor, crc
        return Record(cursor, at, events)

    def last(self) -> int:
        """The cursor of the newest step; 0 when there is none."""
        return int(self._db.execute("SELECT coalesce(max(cursor), 0) FROM step").fetchone()[0])

    @property
    def version(self) -> int:
        """Changes whenever somebody else has written; cheap enough to ask twenty times a second."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        if self._write:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _chain(before: int, cursor: int, at: float, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(f"{before}:{cursor}:{at!r}:".encode()))
