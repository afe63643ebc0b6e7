"""Finds the files of a repository that look like plans, without reading all of it (M220)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.selection import is_open
from engine.importers.loading import Validation, validate
from engine.importers.project_settings import ProjectSettings
from engine.importers.translating import NATIVE, top_level_keys

DEEP = 3
"""Folders below the top that are looked into."""
MOST_SEEN, MOST_READ, MOST_BYTES, MOST_TOTAL = 4000, 60, 256 * 2**10, 2 * 2**20
"""Files that are seen, files that are read as plans, bytes of one, bytes of all: the rest is let be."""
_NOT_PLANS = frozenset(
    {"node_modules", "vendor", "venv", "env", "target", "dist", "build", "site-packages", "__pycache__"}
)
_PARTS = frozenset({"task separation", "batch result", "implementation log", "settings"})
"""Kinds of document that tell of tasks and are no work to choose."""
_PRIORITY = re.compile(rb"^#{1,6}\s.*PRIORITY \d", re.MULTILINE)
_SAYS_SO = re.compile(rb"^[\"'{\s]*wavetree[\"']?\s*:", re.MULTILINE)
_CALLED = re.compile("ticket|issue|stor(?:y|ies)|roadmap|plan|epic|sprint|task|backlog", re.IGNORECASE)
_ISSUE = re.compile(rb'"(?:number|key)"\s*:')


class PlanFile(Struct, frozen=True):
    """A file that looks like a plan, and what checking it found."""

    path: Path
    found: Validation

    @property
    def kind(self) -> str:
        """What people call such a file; empty when it could not be read at all."""
        return self.found.kinds[0][0] if self.found.kinds and self.found.kinds[0] else ""

    @property
    def tasks(self) -> int:
        return len(self.found.plan.tasks) if self.found.plan else 0

    @property
    def open(self) -> int:
        """The tasks that nobody has begun."""
        return sum(map(is_open, self.found.plan.tasks)) if self.found.plan else 0


class PlanSearch(Struct, frozen=True):
    """What was found: plans in the native format first, files with errors last. `cut` tells
    that there was more to look at."""

    files: tuple[PlanFile, ...] = ()
    cut: bool = False


def find_plans(top: Path, project: ProjectSettings | None = None) -> PlanSearch:
    """The plans in the folder `top`: YAML, JSON and Markdown files of moderate size whose text looks like one
    and that hold tasks, or would if they had no errors. Links and hidden folders are not followed. Paths are
    relative to the working directory when they lie below it."""
    likely: list[Path] = []
    left = MOST_TOTAL
    cut = False
    for number, path in enumerate(_files(top, DEEP)):
        if number >= MOST_SEEN or len(likely) >= MOST_READ or left <= 0:
            cut = True
            break
        if size := _size_of_likely(path):
            likely.append(path)
            left -= size
    here = Path.cwd()
    read = [_checked(_near(path, here), project) for path in likely]
    return PlanSearch(tuple(sorted(filter(_is_work, read), key=_rank)), cut)


def _checked(path: Path, project: ProjectSettings | None) -> PlanFile:
    return PlanFile(path, validate([path], None, project))


def _files(folder: Path, deep: int) -> Iterator[Path]:
    """The files of a folder, then those of its folders, by name; a folder that cannot be read has none."""
    try:
        with os.scandir(folder) as entries:
            listed: Sequence[os.DirEntry[str]] = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    below = []
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NOT_PLANS:
                below.append(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
    if deep:
        for each in below:
            yield from _files(each, deep - 1)


def _size_of_likely(path: Path) -> int:
    """The bytes of a file whose text looks like a plan, 0 for any other."""
    if path.suffix.lower() not in (".yaml", ".yml", ".json", ".md", ".markdown"):
        return 0
    try:
        if path.stat().st_size > MOST_BYTES:
            return 0
        text = path.read_bytes()
    except OSError:
        return 0
    return len(text) if _looks_like_one(path.suffix.lower(), text) else 0


def _looks_like_one(suffix: str, text: bytes) -> bool:
    if suffix in (".md", ".markdown"):
        return bool(_PRIORITY.search(text))
    keys = b"|".join(map(re.escape, map(str.encode, sorted(top_level_keys()))))
    if suffix == ".json" or text.lstrip()[:1] in (b"{", b"["):
        return bool(re.search(rb'"(?:' + keys + rb')"\s*:', text) or _ISSUE.search(text))
    return bool(re.search(rb"^[\"']?(?:" + keys + rb")[\"']?\s*:", text, re.MULTILINE))


def _is_work(file: PlanFile) -> bool:
    """Whether there is something to run in it, or somebody meant it to be: a faulty file counts when it says
    that it is a plan, or is called like what it seems to be."""
    if file.kind in _PARTS:
        return False
    if file.found.plan is not None:
        return file.tasks > 0
    if file.kind not in ("", NATIVE):
        return bool(_CALLED.search(file.path.stem))
    try:
        return bool(_SAYS_SO.search(file.path.read_bytes()))
    except OSError:
        return False


def _rank(file: PlanFile) -> tuple[bool, bool, int, str]:
    return file.found.plan is None, file.kind not in ("", NATIVE), len(file.path.parts), str(file.path)


def _near(path: Path, start: Path) -> Path:
    return path.relative_to(start) if path.is_relative_to(start) else path
