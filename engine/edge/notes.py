"""The notes of a run on disk: a file in its folder, a line each, so that they can be added after its end."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from engine.core.errors import WavetreeError
from engine.core.record.notes import Note

NAME = "notes.jsonl"


def add_note(folder: Path, note: Note) -> None:
    """Put a note behind the others; it is on the disk when this returns. A line that a power cut left
    unfinished stays a line of its own. Raises WavetreeError when the file cannot be written."""
    line = b"\n" + msgspec.json.encode(note) + b"\n"
    try:
        out = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            os.write(out, line)
            os.fsync(out)
        finally:
            os.close(out)
    except OSError as error:
        raise WavetreeError(f"{folder / NAME} cannot be written: {error.strerror}") from error


def read_notes(folder: Path) -> tuple[Note, ...]:
    """All of them, the oldest first; what is none is passed over."""
    found = []
    try:
        lines = (folder / NAME).read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    for line in filter(None, lines):
        try:
            found.append(msgspec.json.decode(line, type=Note))
        except msgspec.DecodeError:
            continue
    return tuple(found)
