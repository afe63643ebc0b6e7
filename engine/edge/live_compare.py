"""Compares the sides of running tasks with each other and with the integration branch, by real merges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.core.errors import GitError
from engine.core.overlaps import Overlap
from engine.core.settled import Settled
from engine.edge.git import Git
from engine.edge.git_commits import write_commit
from engine.edge.live_hunks import Blobs, Hunk, hunks_of
from engine.edge.live_memory import Memory
from engine.edge.live_merges import Merge, merge_all
from engine.edge.live_overlaps import Meeting, Side, Touched, overlaps_of, touched
from engine.edge.live_sides import Difference, candidates, difference

Commits = tuple[str, str]
ATTRIBUTES = ".gitattributes"
NONE = "none"


class Comparison:
    """Remembers what it found from one `compare` to the next. `rules` is a folder in which it puts the
    `.gitattributes` that hold for merges. `ignored` tells of a path whether it is left out,
    `combined` whether it is combined key by key when it is merged."""

    def __init__(
        self,
        git: Git,
        rules: Path,
        ignored: Callable[[bytes], bool],
        combined: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self._combined = combined
        self._git = git
        self._rules = rules
        self._ignored = ignored
        self._ruled = ""
        self._usual = NONE
        self._diffs = Memory[Commits, Difference]()
        self._forks = Memory[Commits, str]()
        self._merges = Memory[Commits, Merge]()
        self._lifted = Memory[Commits, str]()
        self._hunks = Memory[Blobs, tuple[Hunk, ...]]()
        self._memories: tuple[Memory[Any, Any], ...] = (
            self._diffs,
            self._forks,
            self._merges,
            self._lifted,
            self._hunks,
        )

    def forget(self) -> None:
        """The objects that were made are gone."""
        for memory in self._memories:
            memory.clear()

    async def compare(
        self, sides: Mapping[str, Side], tip: str, settled: Sequence[Settled] = ()
    ) -> tuple[list[Overlap], dict[str, str]]:
        """All overlaps of the sides with each other, and with the commit `tip` unless that is empty; git's
        words about merges that failed, by the first task. Raises GitError when git fails altogether."""
        for memory in self._memories:
            memory.next()
        await self._set_rules(tip or next((side.base for side in sides.values()), ""))
        meetings = [*self._among(sides), *await self._across(sides, tip), *await self._with_tip(sides, tip)]
        rules = {met.commits: blob for met in meetings if (blob := attributes(met)) is not None}
        merges = await self._merged({met.commits: None for met in meetings}, rules)
        told: list[tuple[Meeting, dict[bytes, Touched]]] = []
        failed: dict[str, str] = {}
        for met in meetings:
            merge = merges[met.commits]
            if isinstance(merge, GitError):
                failed[met.first] = str(merge)
            else:
                told.append((met, touched(met, merge, self._ignored, settled, self._combined)))
        hunks = await self._lines(
            {pair for _, files in told for what in files.values() for pair in what.blobs}
        )
        return [one for met, files in told for one in overlaps_of(met, files, hunks)], failed

    async def _set_rules(self, commit: str) -> None:
        """Let the `.gitattributes` at the top of a commit hold, as it does when a task is merged."""
        if commit and commit != self._ruled:
            found = await self._git.info(f"{commit}:{ATTRIBUTES}")
            blob = found[0] if found else NONE
            if blob != self._usual:
                self._usual = blob
                self._merges.clear()
                self._lifted.clear()
            self._ruled = commit

    async def _rules_in(self, blob: str) -> Path:
        """A folder whose `.gitattributes` is that blob."""
        folder = self._rules / blob
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            content = await self._git.read(blob) if blob != NONE else None
            (folder / ATTRIBUTES).write_bytes(content or b"")
        return folder

    def _among(self, sides: Mapping[str, Side]) -> list[Meeting]:
        """Tasks that began at the same commit: their work is compared as it is."""
        groups: dict[str, dict[str, Side]] = {}
        for name, side in sides.items():
            groups.setdefault(side.base, {})[name] = side
        return [met for group in groups.values() for met in meetings_of(group)]

    async def _across(self, sides: Mapping[str, Side], tip: str) -> list[Meeting]:
        """Tasks that began at different commits: each is put on top of the tip first. Else what one of them
        found there at its start would pass for a change of its own."""
        if len({side.base for side in sides.values()}) < 2:
            return []
        lifted = await self._on_top(sides, tip) if tip else sides
        found = []
        for met in meetings_of(lifted):
            one, two = sides[met.first], sides[met.second]
            if one.base != two.base:
                own = met.both & one.diff.files.keys() & two.diff.files.keys()
                found.append(Meeting(met.first, met.second, met.one, met.two, own))
        return found

    async def _on_top(self, sides: Mapping[str, Side], tip: str) -> dict[str, Side]:
        """Each side as it would be on top of `tip`."""
        merges = await self._merged([(side.commit, tip) for side in sides.values() if side.base != tip])
        found = dict(sides)
        for name, side in sides.items():
            merge = merges.get((side.commit, tip))
            if isinstance(merge, Merge):
                commit = self._lifted.get((side.commit, tip))
                if commit is None:
                    commit = await write_commit(self._git, merge.tree, [tip, side.commit], "on top", 0)
                    self._lifted.put((side.commit, tip), commit)
                found[name] = Side(commit, tip, await self._diff(tip, commit), frozenset(merge.files))
        return found

    async def _with_tip(self, sides: Mapping[str, Side], tip: str) -> list[Meeting]:
        """Each task and what was merged since it began."""
        found: list[Meeting] = []
        for name, side in sides.items():
            if tip and side.base != tip:
                fork = await self._fork(side.base, tip)
                theirs = Side(tip, fork, await self._diff(fork, tip))
                found += meetings_of({name: side, "": theirs})
        return found

    async def _fork(self, base: str, tip: str) -> str:
        """The commit that both go back to; `base` when there is none."""
        known = self._forks.get((base, tip))
        if known is None:
            out = await self._git.run("merge-base", base, tip, ok=(0, 1))
            known = self._forks.put((base, tip), out.decode().strip() or base)
        return known

    async def _diff(self, old: str, new: str) -> Difference:
        known = self._diffs.get((old, new))
        return known or self._diffs.put((old, new), await difference(self._git, old, new))

    async def _merged(
        self, pairs: Collection[Commits], rules: Mapping[Commits, str] | None = None
    ) -> dict[Commits, Merge | GitError]:
        """The merge of each pair of commits; what is known is not merged again. `rules` are the blobs of the
        attributes that hold for pairs for which the usual ones do not."""
        known = {pair: self._merges.get(pair) for pair in pairs}
        groups: dict[str, list[Commits]] = {}
        for pair in (pair for pair, merge in known.items() if merge is None):
            groups.setdefault((rules or {}).get(pair, self._usual), []).append(pair)
        found: dict[Commits, Merge | GitError] = {}
        for blob, group in groups.items():
            merges = await merge_all(self._git, group, await self._rules_in(blob))
            found |= zip(group, merges, strict=True)
        for pair, merge in found.items():
            if isinstance(merge, Merge):
                self._merges.put(pair, merge)
        return found | {pair: merge for pair, merge in known.items() if merge is not None}

    async def _lines(self, wanted: set[Blobs]) -> dict[Blobs, tuple[Hunk, ...]]:
        """The changed lines between each pair of blobs."""
        known = {pair: self._hunks.get(pair) for pair in wanted}
        fresh = await hunks_of(self._git, [pair for pair, lines in known.items() if lines is None])
        for pair, lines in fresh.items():
            self._hunks.put(pair, lines)
        return fresh | {pair: lines for pair, lines in known.items() if lines is not None}


def meetings_of(sides: Mapping[str, Side]) -> list[Meeting]:
    """The pairs of sides that may have to do with each other."""
    return [
        Meeting(
            one,
            two,
            sides[one],
            sides[two],
            frozenset(sides[one].diff.files.keys() & sides[two].diff.files.keys()),
        )
        for one, two in candidates({name: side.diff for name, side in sides.items()})
    ]


def attributes(met: Meeting) -> str | None:
    """The blob of the attributes that the first side brings along; None when it leaves them as they are. The
    other side is merged when the first one is already: what it changed of them comes too late for itself."""
    entry = met.one.diff.files.get(ATTRIBUTES.encode()) if met.second else None
    return (entry.new or NONE) if entry else None
