"""Which files usually change together, from a repository's newest commits, by one `git log`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from engine.core.companions import CONFIDENCE, SUPPORT, Companion, mine
from engine.edge.git_query import ask, commit_of

NEWEST = 2_000
"""Commits that are looked at, at most: what changed together long before says little about now."""

LOG = (
    "log",
    "-z",
    "--format=%H",
    "--name-status",
    "--no-merges",
    "--no-renames",
    "--no-relative",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--ignore-submodules=none",
)


def companions(
    checkout: Path,
    files: Iterable[str],
    commit: str = "HEAD",
    newest: int = NEWEST,
    support: int = SUPPORT,
    confidence: float = CONFIDENCE,
) -> tuple[Companion, ...]:
    """The companions of every path that one of `files` matches (patterns, parts of files among them), the
    surest first, from the `newest` commits that lead to `commit`; see `mine`.

    Merges are passed over, for what they bring was counted where it was made. A renamed file begins anew: it
    is one file gone and another made. Companions that are gone are left out. Raises GitError."""
    tip = commit_of(checkout, commit)
    if not tip:
        return ()
    changed, gone = _read(ask(checkout, [*LOG, f"--max-count={newest}", tip, "--"]))
    return tuple(rule for rule in mine(changed, files, support, confidence) if rule.other not in gone)


def _read(log: bytes) -> tuple[list[list[str]], set[str]]:
    """The paths that each commit changed, and those that are gone since. Each path comes after its status,
    one letter, so no name of a file is taken for anything else."""
    changed: list[list[str]] = []
    newest: dict[bytes, bytes] = {}
    words = iter(log.split(b"\0"))
    for word in words:
        status = word.strip(b"\n")
        if len(status) != 1:
            if status:
                changed.append([])
            continue
        path = next(words)
        newest.setdefault(path, status)
        changed[-1].append(os.fsdecode(path))
    return changed, {os.fsdecode(path) for path, status in newest.items() if status == b"D"}
