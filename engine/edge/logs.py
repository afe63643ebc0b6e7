"""Follows a growing log file: new complete lines since the last look, wherever a write was cut in two."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LINE_LIMIT = 10_000  # characters of a line that are kept
READ_LIMIT = 2**20  # bytes read in one look, so that a burst does not hold up everybody else
_KEPT = LINE_LIMIT * 4  # bytes that surely hold that many characters of UTF-8


class Tail:
    """Reads a file from `offset` on. It need not be there yet, may be cut short, may end in mid-line."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self._begun = offset  # where the line that is not complete yet begins
        self._read = offset  # up to where the file has been read
        self._carried = b""

    @property
    def offset(self) -> int:
        """Bytes of the file whose lines have all been given out: where another Tail goes on."""
        return self._begun

    @property
    def position(self) -> int:
        """Bytes of the file that have been read, also those of a line that has no end yet."""
        return self._read

    def read(self, limit: int = READ_LIMIT) -> list[str]:
        """The lines completed since the last call, from at most `limit` new bytes; empty when there is
        nothing new. Bytes that are not UTF-8 become U+FFFD; what a line has beyond its limit is dropped."""
        chunk = self._chunk(limit)
        if not chunk:
            return []
        *complete, rest = chunk.split(b"\n")
        self._read += len(chunk)
        if not complete:
            self._carried = (self._carried + rest)[:_KEPT]
            return []
        complete[0] = self._carried + complete[0]
        self._carried = rest[:_KEPT]
        self._begun = self._read - len(rest)
        return [_text(line) for line in complete]

    def finish(self) -> list[str]:
        """What is left when nothing more will be written: the last line, if it has no end."""
        lines = self.read()
        while more := self.read():
            lines += more
        if self._carried:
            lines.append(_text(self._carried))
        self._begun, self._carried = self._read, b""
        return lines

    def _chunk(self, limit: int) -> bytes:
        """New bytes; none of a file that is missing or is something else than a file."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return b""
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return b""
            if status.st_size < self._read:  # cut short: it begins anew
                self._begun = self._read = 0
                self._carried = b""
            return os.pread(fd, limit, self._read)
        finally:
            os.close(fd)


def _text(line: bytes) -> str:
    return line[:_KEPT].decode("utf-8", errors="replace").rstrip("\r")[:LINE_LIMIT]
