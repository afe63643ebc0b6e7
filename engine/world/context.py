"""Texts that all agents of one kind share: read once for each wave, given to each of its tasks (M090)."""

from __future__ import annotations

import logging
import os
import re
import stat
import time
from pathlib import Path

from engine.core.plan import AgentSpec
from engine.core.record.context_use import ContextUse
from engine.edge.context_uses import FOLDER, read_uses, write_uses

log = logging.getLogger("wavetree.context")

MOST = 256 * 1024
"""Bytes of one file that are read; a context is some pages of text."""


class Contexts:
    """The shared contexts of the run in `folder`; what was read stays there for engines to come."""

    def __init__(self, folder: Path) -> None:
        self._run = folder
        self._folder = folder / FOLDER
        self._uses = {(use.wave, use.agent): use for use in read_uses(folder)}

    def of(self, wave: int, agent: AgentSpec, worktree: Path) -> Path | None:
        """The file with the context of an agent in that wave, read from the worktree of the first task that
        asks for it; None for an agent that shares none. Raises OSError."""
        if not agent.context:
            return None
        place = self._folder / f"wave-{wave}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', agent.name)}.md"
        known = self._uses.get((wave, agent.name))
        if known is not None and place.exists():
            use = ContextUse(wave, agent.name, known.reads, known.hits + 1, known.seconds)
        else:
            begun = time.monotonic()
            text = "\n\n".join(f"## {name}\n\n{_read(worktree, name)}" for name in agent.context)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.write_text(text + "\n", encoding="utf-8")
            use = ContextUse(wave, agent.name, len(agent.context), 0, time.monotonic() - begun)
        self._uses[wave, agent.name] = use
        log.info(
            "context of %s in wave %d: %d files read, %d cache hits", agent.name, wave, use.reads, use.hits
        )
        write_uses(self._run, self._uses.values())
        return place


def _read(worktree: Path, name: str) -> str:
    """A file's text; in its place a word where there is none that could be read. Links lead nowhere."""
    if not (worktree / name).resolve().is_relative_to(worktree.resolve()):
        return "(it is not in the worktree)"
    try:
        fd = os.open(worktree / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"(it could not be read: {error.strerror})"
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return "(it is no file)"
        content = file.read(MOST + 1)
    text = content[:MOST].decode("utf-8", "replace").strip()
    return text if len(content) <= MOST else f"{text}\n(cut after {MOST // 1024} KiB)"
