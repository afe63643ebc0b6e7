"""Makes merge commits off to the side and moves branches by compare-and-swap; no checkout is involved."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.errors import GitError
from engine.core.patterns import matches
from engine.core.settled import Settled, Stages, answer_to
from engine.edge.combining import combined
from engine.edge.git import ZERO, Git, branch_ref, shown
from engine.edge.git_commits import is_ancestor, replayed, tree_of, write_commit
from engine.edge.git_site import Site
from engine.edge.live_merges import stages

MOST_REPLAYED = 100


class Candidate(Struct, frozen=True):
    """The commit that would become the branch's next tip."""

    sha: str


class Clash(Struct, frozen=True):
    """A merge that needs a person: the paths in conflict, git's own words, and the commit that could not
    be merged in, and the blobs of each file. Nothing was changed."""

    files: tuple[str, ...]
    detail: str = ""
    theirs: str = ""
    stages: dict[str, Stages] = {}


class Sync(Struct, frozen=True):
    """`sha` contains the integration tip and the base branch's tip `base_sha`."""

    base_sha: str
    sha: str


class Merged(Struct, frozen=True):
    """The tree of a clean merge."""

    tree: str


async def candidate(
    site: Site,
    *,
    tip: str,
    head: str,
    base: str,
    message: str,
    at: int,
    keep: str,
    settled: Sequence[Settled] = (),
    combine: Sequence[str] = (),
) -> Candidate | Clash:
    """The commit that merges `head` into `tip`. The branch's commits are replayed on the tip first, off
    to the side, so that its merge base is the tip (M133); where that is not possible without changing
    the outcome, `head` itself is merged. When `base` is not in the tip (the branch was built on another,
    which was itself replayed), only what comes after `base` is taken over. `keep` is set to the commit, so
    that no collection of objects takes it. What a person has `settled` comes out as
    they chose. Dated `at` seconds since the epoch: the same inputs give the same commit."""
    git = site.git
    if base == tip:
        sha = tip
        if head != tip:
            sha = await write_commit(git, await tree_of(git, head), [tip, head], message, at)
    elif not (line := await lineage(git, tip if await is_ancestor(git, base, tip) else base, head)):
        sha = tip
    else:
        merged = await merge_own(site, tip, head, base, settled, combine)
        if isinstance(merged, Clash):
            return merged
        on_top = await replay(site, line, tip, merged.tree, at) if straight(line) else None
        sha = await write_commit(git, merged.tree, [tip, on_top or head], message, at)
    await site.git.run("update-ref", keep, sha)
    return Candidate(sha)


async def sync(
    site: Site,
    *,
    base_branch: str,
    tip: str,
    message: str,
    at: int,
    keep: str,
    settled: Sequence[Settled] = (),
) -> Sync | Clash:
    """Bring the integration `tip` and a base branch that may have moved on its own together.

    Raises GitError when the base branch does not exist."""
    base = await site.git.sha(f"{branch_ref(base_branch)}^{{commit}}")
    if await is_ancestor(site.git, base, tip):
        return Sync(base, tip)
    if await is_ancestor(site.git, tip, base):
        sha = base
    else:
        merged = await merge(site, tip, base, settled)
        if isinstance(merged, Clash):
            return merged
        sha = await write_commit(site.git, merged.tree, [tip, base], message, at)
    await site.git.run("update-ref", keep, sha)
    return Sync(base, sha)


async def advance(git: Git, branch: str, old: str, new: str) -> str:
    """Move `branch` from `old` to `new`. What it is at afterwards: `new` also when it was there before or
    has gone on from there, else the commit somebody else put there; nothing was moved then.

    Raises GitError when the branch is gone or git cannot write it."""
    ref = branch_ref(branch)
    answer = await git.ask("update-ref", ref, new, old)
    if answer.code == 0:
        return new
    tip = await git.tip(ref)
    if tip is None or tip == old:
        raise GitError(("update-ref", ref, new, old), answer.code, answer.err)
    return new if await is_ancestor(git, new, tip) else tip


async def merge(
    site: Site,
    ours: str,
    theirs: str,
    settled: Sequence[Settled] = (),
    combine: Sequence[str] = (),
) -> Merged | Clash:
    """Merge two commits without a checkout; files in conflict that a person has `settled` are as they
    chose. `.gitattributes` at the top of `ours` is honoured (`union`, `binary`), the drivers that a
    repository's config could name are not."""
    args = ("merge-tree", "--write-tree", "-z", "--messages", ours, theirs)
    rules = await site.git.read(f"{ours}:.gitattributes")
    if rules is None:
        answer = await site.git.ask(*args)
    else:
        with tempfile.TemporaryDirectory(dir=site.trash(), prefix="rules.") as folder:
            (Path(folder) / ".gitattributes").write_bytes(rules)
            answer = await site.git.ask(*args, worktree=Path(folder))
    if answer.code not in (0, 1):
        raise GitError(args, answer.code, answer.err)
    tree, *rest = answer.out.split(b"\0")
    if answer.code == 0:
        return Merged(tree.decode())
    found = clash(rest, theirs)
    answers = {file: one for file, blobs in found.stages.items() if (one := answer_to(settled, file, blobs))}
    for file in found.files:
        listed = file not in answers and any(matches(pattern, file) for pattern in combine)
        if listed and (one := await _combined(site, file, found.stages[file])):
            answers[file] = one
    if not found.files or {*found.files} != {*answers}:
        return found
    return Merged(await settle(site, tree.decode(), answers))


async def _combined(site: Site, file: str, blobs: Stages) -> Settled | None:
    """A data file in conflict combined key by key; None where that would be a choice."""
    base, ours, theirs = [await site.git.read(blob) if blob else b"" for blob in blobs]
    if not ours or not theirs:
        return None
    content = combined(file, base or b"", ours, theirs)
    if content is None:
        return None
    blob = await site.git.run("hash-object", "-w", "--stdin", input=content)
    return Settled(file, *blobs, blob.decode().strip())


async def settle(site: Site, tree: str, answers: Mapping[str, Settled]) -> str:
    """The tree with these files as a person chose; an answer names its file as it is shown."""
    with tempfile.TemporaryDirectory(dir=site.trash(), prefix="settle.") as folder:
        index = Path(folder) / "index"
        await site.git.run("read-tree", tree, index=index)
        listed = await site.git.run("ls-files", "-s", "-z", index=index)
        rows = (line.partition(b"\t")[::2] for line in listed.split(b"\0") if line)
        known = {shown(name): (entry[:6], name) for entry, name in rows}
        lines = bytearray()
        for file, one in answers.items():
            mode, name = known.get(file, (b"100644", file.encode()))
            lines += b"%s %s\t%s\0" % (mode if one.blob else b"0", (one.blob or ZERO).encode(), name)
        await site.git.run("update-index", "-z", "--index-info", input=bytes(lines), index=index)
        return (await site.git.run("write-tree", index=index)).decode().strip()


async def merge_own(
    site: Site,
    ours: str,
    theirs: str,
    base: str,
    settled: Sequence[Settled] = (),
    combine: Sequence[str] = (),
) -> Merged | Clash:
    """Merge what `theirs` has beyond `base`, one of its ancestors, into `ours`, whatever else they share."""
    if not await is_ancestor(site.git, base, ours):
        ours = await moved(site.git, ours, base)
    return await merge(site, ours, theirs, settled, combine)


async def moved(git: Git, commit: str, parent: str) -> str:
    """A commit with the same files on `parent`: what it is merged with is then compared with `parent`."""
    return await write_commit(git, await tree_of(git, commit), [parent], "in between", 0)


def clash(fields: list[bytes], theirs: str) -> Clash:
    """The conflicting paths and messages in what merge-tree printed after the tree."""
    cut = fields.index(b"") if b"" in fields else len(fields)
    blobs = {shown(name): names for name, names in stages(fields[:cut]).items()}
    said: list[str] = []
    rest = fields[cut + 1 :]
    while len(rest) > 2 and rest[0].isdigit():
        skip = int(rest[0]) + 1
        if len(rest) > skip + 1:
            said.append(shown(rest[skip + 1]).strip())
        rest = rest[skip + 2 :]
    return Clash(tuple(blobs), "\n".join(said), theirs, blobs)


async def lineage(git: Git, tip: str, head: str) -> list[list[str]]:
    """The commits that `head` has and `tip` has not, oldest first, each followed by its parents."""
    listed = await git.run("rev-list", "--reverse", "--topo-order", "--parents", head, f"^{tip}")
    return [line.split() for line in listed.decode().splitlines()]


def straight(line: Sequence[Sequence[str]]) -> bool:
    """Whether the commits follow each other one by one, and are few enough to be replayed."""
    return (
        len(line) <= MOST_REPLAYED
        and all(len(commit) == 2 for commit in line)
        and all(commit[1] == before[0] for before, commit in itertools.pairwise(line))
    )


async def replay(site: Site, line: Sequence[Sequence[str]], tip: str, tree: str, at: int) -> str | None:
    """Each commit of the branch again, on top of `tip`; None when one clashes, or when the outcome is not
    `tree`, the one of merging the whole branch at once."""
    git, top, reached = site.git, tip, ""
    for number, (sha, parent) in enumerate(line, 1):
        if number == len(line) == 1:
            reached = tree
        else:
            merged = await merge(site, await moved(git, top, parent), sha)
            if isinstance(merged, Clash):
                return None
            reached = merged.tree
        top = await replayed(git, await git.read(sha) or b"", reached, top, at)
    return top if reached == tree else None
