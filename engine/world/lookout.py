"""Looks at the live branches while agents write, and posts what is news of how they fit (M118, M119)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from engine.core.errors import GitError
from engine.core.evolve_conflicts import open_pairs
from engine.core.naming import Added, NameClash, Watched, clashing, names, watched
from engine.core.outcomes import NamesSeen, Outcome, OverlapsSeen, PathsSeen
from engine.core.overlaps import Overlap, Pair, by_pair
from engine.core.patterns import matches
from engine.core.settled import Settled
from engine.core.state import WORKING, State
from engine.core.state import Tree as Kept
from engine.edge.live import Tree

log = logging.getLogger("wavetree.lookout")

Post = Callable[[Outcome], None]
Trees = dict[str, Tree]

TICK = 0.1
"""Seconds after which a task that started or ended, or a merge, is noticed."""
SHARE = 1 / 3
"""The most of the time that looks may take while agents write without a pause."""
REWORD = 1.0
"""Seconds between two reports of a pair of which only lines or texts have changed."""
MOST_PATHS = 500
"""The most files of which one report tells."""
AGAIN = 1.0
"""Seconds after which a look that failed is tried again."""


class Look(Protocol):
    """As `engine.edge.live.Live`."""

    troubles: dict[str, str]

    async def look(
        self,
        tasks: Mapping[str, Tree],
        tip: str,
        changed: Iterable[str] | None = None,
        settled: Sequence[Settled] = (),
    ) -> tuple[Overlap, ...]: ...

    def changed(self, task: str) -> frozenset[str]: ...

    async def added(self, task: str, wants: Callable[[str], bool]) -> list[Added]: ...

    async def close(self) -> None: ...


class Changes(Protocol):
    """As `engine.edge.live_watch.Watch`."""

    degraded: str
    by_turn: frozenset[str]

    def keep(self, trees: Mapping[str, Path]) -> None: ...

    def changes(self) -> AsyncIterator[frozenset[str]]: ...

    def close(self) -> None: ...


class Lookout:
    """One run's eyes on its worktrees. `live` compares them, `watch` tells which have changed."""

    def __init__(self, live: Look, watch: Changes, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._watch = watch
        self._clock = clock
        self._news = News(clock)
        self._changed: set[str] = set()
        self._trees: Trees = {}
        self._tip = ""
        self._settled: tuple[Settled, ...] = ()
        self._not_before = 0.0
        self._slow = ""
        self._told: dict[tuple[str, int], frozenset[str]] = {}
        self._clashes: tuple[NameClash, ...] = ()
        self._stream: AsyncIterator[frozenset[str]] | None = None
        self._stirred: set[str] | None = None

    def stirred(self) -> frozenset[str] | None:
        """The tasks whose worktrees may have changed since this was asked last; None where nobody watches."""
        if self._stirred is None:
            return None
        found = frozenset(self._stirred)
        self._stirred.clear()
        return found

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        """Post overlaps until cancelled; what git has against a look is logged, and the look tried again."""
        seen: State | None = None
        due = False
        self._stirred = set()
        try:
            while True:
                state = see()
                if state is not seen:
                    seen, due = state, self._moved(state) or due
                if (due or self._changed) and self._clock() >= self._not_before:
                    due = not await self._look(state, post)
                self._news.tell(post)
                await self._wait()
        finally:
            self._stirred = None
            self._watch.close()
            await self._live.close()

    def _moved(self, state: State) -> bool:
        """Whether other worktrees are to be looked at than before, or what is merged has changed."""
        trees = {
            task.id: Tree(Path(task.path), task.base)
            for task in state.tasks.values()
            if task.phase in WORKING and task.tree is Kept.PRESENT
        }
        if (trees, state.tip, state.settled) == (self._trees, self._tip, self._settled):
            return False
        self._trees, self._tip, self._settled = trees, state.tip, state.settled
        self._watch.keep({name: tree.path for name, tree in trees.items()})
        return True

    async def _wait(self) -> None:
        """Until worktrees have changed, or a moment has passed."""
        stream = self._stream or self._watch.changes()
        try:
            async with asyncio.timeout(TICK):
                changed = await anext(stream)
                self._changed |= changed
                self._stirred = (self._stirred or set()) | (changed - self._watch.by_turn)
        except TimeoutError:
            self._stream = None  # it has ended with the wait for it
        else:
            self._stream = stream
            await asyncio.sleep(min(TICK, max(0.0, self._not_before - self._clock())))

    async def _look(self, state: State, post: Post) -> bool:
        """Compare what has changed, and note what is news of it; whether that could be done."""
        begun = self._clock()
        changed, self._changed = self._changed, set()
        try:
            found: tuple[Overlap, ...] = ()
            if self._worth(state):
                found = await self._live.look(self._trees, state.tip, changed, state.settled)
        except (GitError, OSError) as error:
            log.warning("the live branches could not be compared: %s", error)
            self._changed |= changed
            self._not_before = self._clock() + AGAIN
            return False
        for task, words in self._live.troubles.items():
            log.info("%s could not be looked at: %s", task, words)
        ended = self._clock()
        self._not_before = ended + (ended - begun) * (1 / SHARE - 1)
        self._say_slow(post)
        self._news.note(state, tuple(self._trees), found)
        self._tell_paths(state, post)
        await self._tell_names(state, post)
        return True

    def _worth(self, state: State) -> bool:
        """One task alone on what is merged meets nobody; it matters only whether it keeps to its files."""
        apart = any(tree.base != self._tip for tree in self._trees.values())
        return apart or len(self._trees) > 1 or any(state.spec(name).files for name in self._trees)

    def _tell_paths(self, state: State, post: Post) -> None:
        """Post which files each task has changed beyond those told of before."""
        keys = {name: (name, state.tasks[name].attempt) for name in self._trees}
        self._told = {key: self._told.get(key, frozenset()) for key in keys.values()}
        for name, key in keys.items():
            new = sorted(self._live.changed(name) - self._told[key])
            if new:
                self._told[key] |= set(new)
                post(PathsSeen(*key, tuple(new[:MOST_PATHS]), max(0, len(new) - MOST_PATHS)))

    async def _tell_names(self, state: State, post: Post) -> None:
        """Post which names two tasks of a wave both add, where the wave watches names (M053)."""
        clashes: list[NameClash] = []
        looked: dict[str, int] = {}
        for wave in state.plan.waves:
            wanted = watched(wave.watch)
            sides: dict[str, dict[str, Added]] = {}
            for name in wave.tasks if wanted else ():
                if name in self._trees:
                    sides[name] = await self._names_of(name, wanted)
                    looked[name] = state.tasks[name].attempt
            clashes += clashing(sides)
        if (found := tuple(clashes)) != self._clashes:
            self._clashes = found
            post(NamesSeen(found, looked))

    async def _names_of(self, task: str, wanted: tuple[Watched, ...]) -> dict[str, Added]:
        try:
            lines = await self._live.added(task, lambda file: any(matches(one.files, file) for one in wanted))
        except GitError as error:
            log.warning("the names of %s could not be read: %s", task, error)
            return {}
        return names(lines, wanted)

    def _say_slow(self, post: Post) -> None:
        if self._watch.degraded and not self._slow:
            post(OverlapsSeen((), slow=self._watch.degraded))
        self._slow = self._watch.degraded


class News:
    """What of a look is worth a record: pairs that overlap now, in other files or otherwise than before; at
    once what is new, and once in a while where only lines or texts are others."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: dict[tuple[Pair, tuple[int, ...]], tuple[Overlap, ...]] = {}
        self._when: dict[Pair, float] = {}
        self._waiting: dict[Pair, tuple[Overlap, ...]] = {}
        self._gone: tuple[Pair, ...] = ()
        self._attempts: dict[str, int] = {}
        self._tip = ""

    def note(self, state: State, tasks: Iterable[str], found: Iterable[Overlap]) -> None:
        """Take in what a look found that began in `state`."""
        groups = by_pair(found)
        self._attempts = {name: state.tasks[name].attempt for name in tasks}
        self._tip = state.tip
        keys = {pair: (pair, self._of(pair)) for pair in groups}
        self._waiting = {pair: group for pair, group in groups.items() if self._told.get(keys[pair]) != group}
        self._gone = tuple(sorted(open_pairs(state) - groups.keys()))
        self._told = {key: self._told[key] for key in keys.values() if key in self._told}

    def tell(self, post: Post) -> None:
        """Post what is due."""
        now = self._clock()
        due = {pair: group for pair, group in self._waiting.items() if self._is_due(pair, group, now)}
        if not due and not self._gone:
            return
        overlaps = tuple(overlap for group in due.values() for overlap in group)
        attempts = {
            name: self._attempts[name]
            for pair in (*due, *self._gone)
            for name in pair
            if name in self._attempts
        }
        post(OverlapsSeen(overlaps, self._gone, attempts, self._tip))
        self._gone = ()
        for pair, group in due.items():
            self._told[pair, self._of(pair)] = group
            self._when[pair] = now
            del self._waiting[pair]

    def _of(self, pair: Pair) -> tuple[int, ...]:
        """The attempts that were looked at."""
        return tuple(self._attempts[name] for name in pair if name)

    def _is_due(self, pair: Pair, group: tuple[Overlap, ...], now: float) -> bool:
        told = self._told.get((pair, self._of(pair)), ())
        same = {(one.file, one.conflict) for one in told} == {(one.file, one.conflict) for one in group}
        return not same or now - self._when.get(pair, 0.0) >= REWORD
