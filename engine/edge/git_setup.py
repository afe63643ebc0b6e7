"""Puts the set-up files of a plan (`.env`, `node_modules`) from the main checkout into a worktree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

from engine.core.errors import GitError
from engine.core.plan import Setup


def check(checkout: Path, setup: Setup) -> None:
    """Raises GitError naming every entry that is not there or would lead out of the main checkout."""
    entries = (*setup.copy, *setup.link)
    if outside := [entry for entry in entries if not inside(checkout, entry)]:
        raise failure(f"outside the checkout {checkout}: {', '.join(outside)}")
    if missing := [entry for entry in entries if not os.path.lexists(checkout / entry)]:
        raise failure(f"not in {checkout}: {', '.join(missing)}")


def failure(message: str) -> GitError:
    return GitError(("worktree", "set-up files"), 1, message)


def inside(root: Path, entry: str) -> bool:
    """Whether `entry`, symlinks followed, stays within `root` and out of its `.git`."""
    parts = PurePosixPath(entry).parts
    if not parts or entry.startswith("/") or ".." in parts or parts[0] == ".git" or "\0" in entry:
        return False
    top = os.path.realpath(root)
    return os.path.realpath(root / entry).startswith(top + os.sep)


def place(checkout: Path, worktree: Path, setup: Setup) -> None:
    """Copy and link the entries; what is there already, tracked files above all, is left as it is."""
    for entry in setup.copy:
        copy(checkout / entry, spot(worktree, entry))
    for entry in setup.link:
        target = spot(worktree, entry)
        if not os.path.lexists(target):
            target.symlink_to(checkout / entry)


def spot(worktree: Path, entry: str) -> Path:
    """Where `entry` goes. Raises GitError when a symlink of the repository lies on the way there."""
    *parents, name = PurePosixPath(entry).parts
    folder = worktree
    for part in parents:
        folder /= part
        if folder.is_symlink():
            raise failure(f"{entry}: {folder} is a symlink")
        folder.mkdir(exist_ok=True)
    return folder / name


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder with all that is in it, links as links. Raises GitError where a link is in
    the way."""
    if source.is_dir() and not source.is_symlink():
        if target.is_symlink():
            raise failure(f"{target} is a symlink")
        target.mkdir(exist_ok=True)
        for child in sorted(source.iterdir()):
            copy(child, target / child.name)
    elif not os.path.lexists(target) and (source.is_file() or source.is_symlink()):
        shutil.copy2(source, target, follow_symlinks=False)
