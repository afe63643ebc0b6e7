"""Reads the result file an agent may leave (M099): what it says it did, to be checked against git."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.core.clean import clean
from engine.core.gauged import ErrorType, TaskError

SIZE_LIMIT = 2**20  # bytes; a result is a page of text
ENTRY_LIMIT = 2_000  # entries of a list that are kept
TEXT_LIMIT = 1_000  # characters of an entry that are kept


class Result(Struct, frozen=True):
    """What the agent says of its work; every path and word of it is a claim."""

    files_modified: tuple[str, ...] = ()
    files_created: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    tools_used: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()


_KEYS = {
    "filesModified": "files_modified",
    "filesCreated": "files_created",
    "actions": "actions",
    "toolsUsed": "tools_used",
    "issuesEncountered": "issues",
}


def read_result(path: Path) -> Result | TaskError | None:
    """The result in the file; None when there is no file; an ImplementationError when there is one that
    cannot be used. Links, devices and pipes are not followed."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as trouble:
        return _broken(path, f"cannot be opened: {trouble.strerror}")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return _broken(path, "is not a regular file")
    with os.fdopen(fd, "rb") as file:
        content = file.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        return _broken(path, f"is over {SIZE_LIMIT // 1024} KiB")
    return _parsed(path, content)


def _parsed(path: Path, content: bytes) -> Result | TaskError:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as trouble:
        return _broken(path, f"is not JSON: {trouble}")
    if not isinstance(data, dict):
        return _broken(path, "is no JSON object")
    for key in _KEYS:
        entries = data.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            return _broken(path, f"has in {key!r} something other than a list of texts")
    return Result(**{name: _texts(data.get(key, [])) for key, name in _KEYS.items()})


def _texts(entries: list[Any]) -> tuple[str, ...]:
    return tuple(clean(entry, TEXT_LIMIT) for entry in entries[:ENTRY_LIMIT])


def _broken(path: Path, reason: str) -> TaskError:
    return TaskError(
        type=ErrorType.IMPLEMENTATION,
        message=f"the agent's result file {clean(reason, TEXT_LIMIT)}",
        context=f"reading {path}",
        hints=(
            f"Look at {path}",
            f"It should be a JSON object with the lists {', '.join(_KEYS)}",
            "Retry the task, or take the work as it is from its branch",
        ),
    )
