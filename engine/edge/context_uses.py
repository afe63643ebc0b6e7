"""What a run wrote down of its shared contexts (M090)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.core.record.context_use import ContextUse

FOLDER = "context"
"""The folder of shared contexts in that of a run."""


def read_uses(run: Path) -> list[ContextUse]:
    """The uses in the folder of a run; none where there is nothing, or nothing that can be read."""
    try:
        content = (run / FOLDER / "uses.json").read_bytes()
        return msgspec.json.decode(content, type=list[ContextUse])
    except (OSError, msgspec.DecodeError):
        return []


def write_uses(run: Path, uses: Iterable[ContextUse]) -> None:
    """Replace them as one act. Raises OSError."""
    draft = run / FOLDER / "uses.json.new"
    draft.write_bytes(msgspec.json.encode(list(uses)))
    draft.replace(run / FOLDER / "uses.json")
