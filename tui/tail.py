"""Follows a growing file in bounded memory: its last lines, cleaned, read in batches."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from engine import clean

MOST_LINES = 2_000
MOST_BYTES = 256 * 1024
LINE_LIMIT = 1_000


class Tail:
    """The last lines of the file given to `follow`; `read` takes what was appended since."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.lines: deque[str] = deque(maxlen=MOST_LINES)
        self._offset = 0
        self._rest = b""

    def follow(self, path: Path | None) -> None:
        """Begin with another file; its last part is read at the next `read`."""
        if path != self.path:
            self.path = path
            self._restart()

    def read(self) -> bool:
        """Take in what was appended, at most its last 256 KiB; True when a line came in. A file that is not
        there, cannot be read or became shorter begins anew."""
        if self.path is None:
            return False
        try:
            with self.path.open("rb") as file:
                length = file.seek(0, 2)
                if length < self._offset:
                    self._restart()
                if length - self._offset > MOST_BYTES:
                    self._offset, self._rest = length - MOST_BYTES, b""
                file.seek(self._offset)
                chunk = file.read(MOST_BYTES)
        except OSError:
            return False
        self._offset += len(chunk)
        return self._take(chunk)

    def _take(self, chunk: bytes) -> bool:
        if not chunk:
            return False
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MOST_BYTES:
            whole.append(self._rest)
            self._rest = b""
        self.lines.extend(_text(line) for line in whole)
        return bool(whole)

    @property
    def open_line(self) -> str:
        """What was written of a line that is not ended yet."""
        return _text(self._rest) if self._rest else ""

    def _restart(self) -> None:
        self.lines.clear()
        self._offset, self._rest = 0, b""


def _text(line: bytes) -> str:
    """One line as a terminal would leave it: of text overwritten by a carriage return only the last."""
    shown = line[:-1] if line.endswith(b"\r") else line
    shown = shown[shown.rfind(b"\r") + 1 :][: LINE_LIMIT * 8]
    return clean(shown.decode("utf-8", "replace"), LINE_LIMIT)
