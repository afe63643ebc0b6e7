"""Marks what is finished in a roadmap and in ticket files, in commits off to the side (M142, M195)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from engine.core.settled import Settled
from engine.edge.git_commits import tree_of, write_commit
from engine.edge.git_site import Site
from engine.edge.merging import settle
from engine.exporters.roadmap import is_complete, with_status
from engine.exporters.ticket_file import with_done
from engine.importers.priorities import priorities


async def marked(
    site: Site, sha: str, path: str, done: Sequence[str], *, at: int, trailers: str, keep: str, fix: bool
) -> tuple[str, tuple[str, ...]]:
    """The commit in which the roadmap at `path` says of each priority in `done` that it is complete, and
    since when; and those of which `sha` did not say so. With `fix` off, or with nothing to say, `sha` itself.
    Every other byte stays. Dated `at` seconds since the epoch: the same inputs give the same commit."""
    content = await site.git.read(f"{sha}:{path}")
    if content is None:
        return sha, ()
    text = content.decode("utf-8", "surrogateescape")
    said = {each.number: each for each in priorities(text)}
    left = tuple(name for name in done if name in said and not is_complete(said[name]))
    if not (left and fix):
        return sha, left
    day = datetime.fromtimestamp(at, UTC).date().isoformat()
    for name in left:
        text = with_status(text, name, "complete", day)
    words = f"Mark {', '.join(left)} as complete\n\n{trailers}"
    return await _committed(site, sha, {path: text}, words, at, keep), left


async def ticked(
    site: Site, sha: str, files: Sequence[str], done: Sequence[str], *, at: int, trailers: str, keep: str
) -> tuple[str, tuple[str, ...]]:
    """The commit in which the ticket files say of each ticket in `done` that it is Done, and those of which
    `sha` did not say so; with nothing to say, `sha` itself. Every other byte stays."""
    changed: dict[str, str] = {}
    names: list[str] = []
    for path in files if done else ():
        content = await site.git.read(f"{sha}:{path}")
        if content is None:
            continue
        text = content.decode("utf-8", "surrogateescape")
        text, here = await asyncio.to_thread(with_done, text, tuple(done))
        if here:
            changed[path] = text
            names += here
    if not changed:
        return sha, ()
    left = tuple(dict.fromkeys(names))
    words = f"Mark {', '.join(left)} as done\n\n{trailers}"
    return await _committed(site, sha, changed, words, at, keep), left


async def _committed(site: Site, sha: str, files: Mapping[str, str], words: str, at: int, keep: str) -> str:
    """A commit on top of `sha` in which these files have these texts; `keep` is set to it."""
    answers = {}
    for path, text in files.items():
        content = text.encode("utf-8", "surrogateescape")
        blob = await site.git.run("hash-object", "-w", "--stdin", input=content)
        answers[path] = Settled(path, "", "", "", blob.decode().strip())
    tree = await settle(site, await tree_of(site.git, sha), answers)
    made = await write_commit(site.git, tree, [sha], words, at)
    await site.git.run("update-ref", keep, made)
    return made
