"""The implementation log on disk: a JSON list to which all results of a wave are added in one act (M159)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core.errors import WavetreeError
from engine.edge.git_site import write_durably

LOG = "implementation-log.json"


def read_log(path: Path) -> list[Any]:
    """The entries; none where there is no file. Raises WavetreeError when it is no JSON list, OSError."""
    return _entries(path, _text(path))


def add_to_log(path: Path, entries: Sequence[dict[str, object]]) -> None:
    """Add entries; what is there stays as it is, byte by byte. At each moment the file is the old or the new
    one, whole. Raises WavetreeError when it is no JSON list and OSError when it cannot be written; then
    nothing has changed."""
    text = _text(path)
    old = _entries(path, text)
    if not entries:
        return
    body = json.dumps(list(entries), indent=2, ensure_ascii=False)[1:].lstrip("\n")
    head = text.rstrip()[:-1].rstrip() + "," if old else "["
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, f"{head}\n{body}\n".encode(errors="surrogateescape"))


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape") if os.path.lexists(path) else ""


def _entries(path: Path, text: str) -> list[Any]:
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WavetreeError(f"{path} is no JSON: {error}", "mend it, or move it away") from error
    if not isinstance(found, list):
        raise WavetreeError(f"{path} is no list of entries", "mend it, or move it away")
    return found
