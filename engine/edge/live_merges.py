"""Merges many pairs of commits with one git to know what would clash, and keeps nothing but the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.errors import GitError
from engine.core.settled import Stages
from engine.edge.git import Git
from engine.edge.live_sides import NESTED

AT_ONCE = 2
"""Gits at the same time."""
WORTH = 40
"""Pairs from which on two gits are quicker than one."""
HOW = ("merge-tree", "--write-tree", "-z", "--messages", "--allow-unrelated-histories")


class Merge(Struct, frozen=True):
    """The tree that came out, with conflict marks in it when it is not `clean`, and the `files` in conflict.
    A few conflicts are of no single file: those are told of the file git names first, without blobs."""

    clean: bool
    tree: str
    files: dict[bytes, Stages] = {}


async def merge_all(
    git: Git, pairs: Sequence[tuple[str, str]], rules: Path | None = None
) -> list[Merge | GitError]:
    """The merge of each pair of commits, in order; an error where git could not try. `rules` is a folder
    whose `.gitattributes` holds.

    One process does all, or two do half. Where one breaks off (a damaged commit, or git 2.38, which cannot
    take a list) each pair of its list gets its own."""
    half = len(pairs) // 2 if len(pairs) >= WORTH else len(pairs)
    lists = [part for part in (pairs[:half], pairs[half:]) if part]
    turns = asyncio.Semaphore(AT_ONCE)
    found = await asyncio.gather(*(merge_list(git, part, rules, turns) for part in lists))
    return [merge for part in found for merge in part]


async def merge_list(
    git: Git, pairs: Sequence[tuple[str, str]], rules: Path | None, turns: asyncio.Semaphore
) -> list[Merge | GitError]:
    """The merge of each pair, in one process if that is possible."""
    lines = "".join(f"{first} {second}\n" for first, second in pairs).encode()
    answer = await git.ask(*HOW, "--stdin", input=lines, worktree=rules)
    if answer.code == 0 and len(found := parsed(answer.out)) == len(pairs):
        return [*found]
    return [*await asyncio.gather(*(merge_one(git, pair, rules, turns) for pair in pairs))]


async def merge_one(
    git: Git, pair: tuple[str, str], rules: Path | None, turns: asyncio.Semaphore
) -> Merge | GitError:
    """The merge of one pair, in a process of its own."""
    async with turns:
        try:
            answer = await git.ask(*HOW, *pair, worktree=rules)
        except GitError as error:
            return error
    if answer.code not in (0, 1):
        return GitError((*HOW, *pair), answer.code, answer.err)
    return parsed(b"%d\0" % (1 - answer.code) + answer.out + b"\0")[0]


def parsed(out: bytes) -> list[Merge]:
    """What `merge-tree --stdin -z --messages` printed: per pair `1` when clean, the tree, the entries of
    files in conflict, an empty field, the messages, an empty field."""
    fields = out.split(b"\0")
    merges: list[Merge] = []
    at = 0
    while at + 1 < len(fields):
        clean, tree = fields[at] == b"1", fields[at + 1].decode()
        at += 2
        begun = at
        while fields[at]:
            at += 1
        files = stages(fields[begun:at])
        at += 1
        while fields[at]:
            count = int(fields[at])
            if not files and not clean and fields[at + count + 1].startswith(b"CONFLICT"):
                files[fields[at + 1]] = ("", "", "")
            at += count + 3
        at += 1
        merges.append(Merge(clean, tree, files))
    return merges


def stages(entries: Sequence[bytes]) -> dict[bytes, Stages]:
    """The blobs of each file, from lines `mode object stage<tab>path`."""
    found: dict[bytes, list[str]] = {}
    for entry in entries:
        head, _, path = entry.partition(b"\t")
        mode, name, stage = head.decode().split(" ")
        found.setdefault(path, ["", "", ""])[int(stage) - 1] = "" if mode == NESTED else name
    return {path: (names[0], names[1], names[2]) for path, names in found.items()}
