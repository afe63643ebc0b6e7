"""Reads git's own notes on a linked worktree: which one belongs to a path, its HEAD, what is unfinished."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct

UNFINISHED = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
OTHER_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD")


class Head(Struct, frozen=True):
    """Where a HEAD points: at a ref, or detached at a commit; both empty when it cannot be read."""

    ref: str = ""
    sha: str = ""

    @property
    def name(self) -> str:
        """What git can look up."""
        return self.ref or self.sha


def text(file: Path) -> str | None:
    """A small file's text; None when it is not there or cannot be read."""
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def admin_of(admins: Path, path: Path) -> Path | None:
    """The whole notes folder of the worktree at `path`, found by what it says, not by its name."""
    for folder in folders(admins):
        if points_to(folder, path) and text(folder / "commondir") and text(folder / "HEAD"):
            return folder
    return None


def points_to(folder: Path, path: Path) -> bool:
    noted = (text(folder / "gitdir") or "").strip("\n")
    return bool(noted) and os.path.normpath(folder / noted) == str(path / ".git")


def remains_of(admins: Path, path: Path) -> list[Path]:
    """Every notes folder that is, or was going to be, the one of `path`: a git killed half-way leaves
    one whose `gitdir` is missing or breaks off, known only by its name."""
    return [folder for folder in folders(admins) if points_to(folder, path) or half_made(folder, path)]


def half_made(folder: Path, path: Path) -> bool:
    noted = text(folder / "gitdir") or ""
    whole = f"{path}/.git\n"
    return noted != whole and whole.startswith(noted) and named_after(folder.name, path.name)


def named_after(name: str, path_name: str) -> bool:
    """Whether git could have called a notes folder `name` for a path ending in `path_name`."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", path_name)
    return re.fullmatch(re.escape(plain) + r"\d*", re.sub(r"[^A-Za-z0-9]+", "-", name)) is not None


def folders(admins: Path) -> list[Path]:
    try:
        return sorted(folder for folder in admins.iterdir() if folder.is_dir())
    except FileNotFoundError:
        return []


def head_of(gitdir: Path) -> Head:
    """The HEAD of a checkout whose git directory or notes folder is `gitdir`."""
    line = (text(gitdir / "HEAD") or "").strip()
    if line.startswith("ref:"):
        return Head(ref=line.removeprefix("ref:").strip())
    return Head(sha=line)


def unfinished(gitdir: Path) -> str:
    """The operation that was left in the middle: `merge`, `rebase`, …; empty when there is none."""
    return next((word for name, word in UNFINISHED.items() if (gitdir / name).exists()), "")


def other_heads(gitdir: Path) -> list[str]:
    """Commits that only an unfinished operation remembers."""
    found = (text(gitdir / name) or "" for name in OTHER_HEADS)
    return [sha for content in found for sha in content.split()]


def rebasing(gitdir: Path) -> str:
    """The branch ref that a rebase in the middle of its work will move at its end."""
    notes = (text(gitdir / name / "head-name") for name in ("rebase-merge", "rebase-apply"))
    return next((note.strip() for note in notes if note), "")
