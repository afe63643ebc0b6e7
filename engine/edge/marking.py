"""Marks finished priorities in a roadmap, in a commit off to the side (M142)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.core.settled import Settled
from engine.edge.git_commits import tree_of, write_commit
from engine.edge.git_site import Site
from engine.edge.merging import settle
from engine.exporters.roadmap import is_complete, with_status
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
    blob = await site.git.run("hash-object", "-w", "--stdin", input=text.encode("utf-8", "surrogateescape"))
    tree = await settle(
        site, await tree_of(site.git, sha), {path: Settled(path, "", "", "", blob.decode().strip())}
    )
    words = f"Mark {', '.join(left)} as complete\n\n{trailers}"
    made = await write_commit(site.git, tree, [sha], words, at)
    await site.git.run("update-ref", keep, made)
    return made, left
