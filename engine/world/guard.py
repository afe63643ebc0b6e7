"""Looks at what nobody asked for: the machine's load, and places in which no agent may write (M104, M106)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from engine.core.errors import GitError
from engine.core.escalation import escalations, subjects
from engine.core.outcomes import LoadSeen, Outcome, TrespassSeen
from engine.core.plan import Settings
from engine.core.state import LIVE, Phase, State, TaskState, Tree
from engine.core.throttling import READING
from engine.core.vitals import SessionVitals, Vitals
from engine.edge.gauges import SHORTEST, Gauges
from engine.edge.git_repository import Repository
from engine.edge.runs import OUTPUT
from engine.world.by_hand import merged_by_hand
from engine.world.jobs import Jobs
from engine.world.lateness import Schedule
from engine.world.load import FREE, Patience, load
from engine.world.points import Clocks
from engine.world.review_clock import ReviewClock
from engine.world.stuck import Watch
from engine.world.uncommitted import Stirred, Uncommitted, nobody_knows

Post = Callable[[Outcome], None]
Prints = dict[str, tuple[int, int]]

SHARE = 0.1
"""The most of the time that looks for the sake of agents that end may take; those that end in between share
one, and are suspects together."""
FRESH = 0.9
"""Seconds for which a measurement is good enough for the next who asks."""


class Ticker:
    """Says what is due: each name every so many seconds, counted from the first look (M106)."""

    def __init__(self, **every: float) -> None:
        self._every = every
        self._next: dict[str, float] = {}

    def due(self, now: float) -> list[str]:
        """The names whose time has come at `now`."""
        found = []
        for name, every in self._every.items():
            at = self._next.setdefault(name, now + every)
            if now >= at:
                found.append(name)
                self._next[name] = at + every if at + every > now else now + every
        return found


class Guard:
    """One run's eyes. `checkout` is the main checkout; `stirred` tells whose worktrees have changed."""

    def __init__(
        self,
        checkout: Path,
        repository: Repository,
        gauges: Gauges,
        jobs: Jobs,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        stirred: Stirred = nobody_knows,
    ) -> None:
        self._checkout = checkout
        self._git = repository
        self._gauges = gauges
        self._jobs = jobs
        self._settings = settings
        self._seen: dict[str, Prints] = {}
        self._left: set[str] = set()
        self._put_off = asyncio.Event()
        self._clock = clock
        self._since: dict[str, float] = {}
        self._stuck = Watch(settings.stuck_after, lambda task: jobs.folder(task.id, task.attempt) / OUTPUT)
        self._uncommitted = Uncommitted(repository, stirred)
        self._points = Clocks()
        self._schedule = Schedule()
        self._patience = Patience(settings.resource_wait)
        self._reviews = ReviewClock()
        self._rest_until = 0.0
        self._vitals = Vitals()
        self._commits: dict[str, tuple[str, int]] = {}
        self._see: Callable[[], State] | None = None
        self._post: Post | None = None

    # ── vitals ──────────────────────────────────────────────────────────────────────────────────────

    async def vitals(self, state: State) -> Vitals:
        """The machine and each session now, measured at most once a second."""
        now = time.time()
        if now - self._vitals.at >= FRESH:
            sample = self._gauges.sample(now)
            sessions = {}
            for task in state.tasks.values():
                if task.phase in (Phase.RUNNING, Phase.SETUP):
                    sessions[task.id] = await self._session(task, now)
            self._vitals = Vitals(
                now,
                sample.cpu,
                sample.ram,
                sample.ram_total,
                sample.disk,
                sample.network,
                sample.network_percent,
                sample.disk_free,
                sessions,
            )
        return self._vitals

    async def _session(self, task: TaskState, now: float) -> SessionVitals:
        usage = self._jobs.usage(task.id, task.attempt)
        age = _age(self._jobs.folder(task.id, task.attempt) / OUTPUT, now)
        if not usage.processes:
            health = "dead"
        else:
            quiet = min(self._settings.quiet_after, self._settings.stuck_after)
            health = "quiet" if age > quiet and not usage.stopped else "healthy"
        commits = await self._count(task)
        changed = self._uncommitted.count(task.id)
        return SessionVitals(usage.cpu, usage.rss, usage.processes, age, commits, changed, health, usage.disk)

    def _open_for(self, state: State) -> dict[str, float]:
        """For how many seconds each thing that may be escalated has been seen open by this engine."""
        now = self._clock()
        self._since = {name: self._since.get(name, now) for name in subjects(state)}
        return {name: now - since for name, since in self._since.items()}

    async def _count(self, task: TaskState) -> int:
        ref = f"refs/heads/{task.branch}"
        tip = await self._git.tip(ref) or task.base
        known, count = self._commits.get(task.branch, ("", 0))
        if known != f"{task.base}..{tip}":
            count = await self._git.commits(task.base, tip)
            self._commits[task.branch] = (f"{task.base}..{tip}", count)
        return count

    # ── places ──────────────────────────────────────────────────────────────────────────────────────

    def baseline(self, path: str) -> None:
        """Forget what was seen of a worktree: it is new."""
        self._seen.pop(path, None)

    async def at_rest(self, path: str) -> None:
        """Remember how a worktree looks that is kept as its agent left it."""
        self._seen[path] = await self._prints(Path(path))

    def landed(self) -> None:
        """Forget what was seen of the base checkout: the engine itself has just updated it."""
        self._seen.pop(str(self._checkout), None)

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        """Post load changes and trespasses until cancelled."""
        self._see, self._post = see, post
        self._gauges.sample(time.time())  # the first sample has no rates; whoever asks next gets some
        ticker = Ticker(poll=self._settings.poll_interval, scan=self._settings.scan_interval)
        await self.scan()
        if see().load_why == READING:
            await asyncio.sleep(2 * SHORTEST)
            await self._poll(see(), post)
        while True:
            for due in ticker.due(time.monotonic()):
                await (self._poll(see(), post) if due == "poll" else self.scan())
            await self._uncommitted.look(task for task in see().moving if task.phase is Phase.RUNNING)
            await self._pause(min(1.0, self._settings.poll_interval))

    async def _pause(self, seconds: float) -> None:
        """Wait; a look that was put off is made as soon as it may be."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._put_off.wait()
                await asyncio.sleep(self._rest_until - time.monotonic())
        if time.monotonic() >= self._rest_until:
            await self.catch_up()

    async def _poll(self, state: State, post: Post) -> None:
        vitals = await self.vitals(state)
        self._jobs.note_load(vitals.at, vitals.cpu, vitals.ram)
        used = sum(session.rss for session in vitals.sessions.values())
        moved = sum(session.disk for session in vitals.sessions.values())
        level, why = load(vitals.cpu, vitals.ram, used, state.load, self._settings, moved)
        if level != FREE or state.load != FREE or state.pressure:
            post(LoadSeen(level, vitals.cpu, why))
        for waited in self._patience.look(state, self._clock()):
            post(waited)
        prints = {
            task.path: await self._prints(Path(task.path))
            for task in state.moving
            if task.id in vitals.sessions
            and vitals.sessions[task.id].output_age >= self._settings.stuck_after
        }
        for stuck in self._stuck.look(state, vitals, lambda path: prints.get(path, {})):
            post(stuck)
        for due in escalations(state, self._open_for(state)):
            post(due)
        for late in self._reviews.look(state, vitals.at):
            post(late)
        for behind in self._schedule.look(state, vitals.at):
            post(behind)
        for missed in self._points.look(state, vitals.at):
            post(missed)
        with contextlib.suppress(GitError):
            for outcome in await merged_by_hand(self._git, state):
                post(outcome)

    async def left(self, task: str) -> None:
        """A task's agent has just ended: look at what it did elsewhere, now or soon."""
        self._left.add(task)
        if time.monotonic() >= self._rest_until:
            await self.scan()
        else:
            self._put_off.set()

    async def catch_up(self) -> None:
        """Look now if an agent has ended since the last look."""
        if self._left:
            await self.scan()

    async def scan(self) -> None:
        """Compare the base checkout and the worktrees at rest with how they looked the last time. Whoever
        works, or has worked since then, may have been the one."""
        if self._see is None or self._post is None:
            return
        state = self._see()
        live = {task.id for task in state.sessions()} | self._left
        self._left, begun = set(), time.monotonic()
        self._put_off.clear()
        for path, owner in self._places(state):
            prints = await self._prints(Path(path))
            before = self._seen.get(path)
            self._seen[path] = prints
            if before is None or before == prints:
                continue
            changed = sorted(
                name for name in prints.keys() | before.keys() if prints.get(name) != before.get(name)
            )
            if suspects := tuple(sorted(live - {owner})):
                self._post(TrespassSeen(path, tuple(changed[:50]), suspects))
        ended = time.monotonic()
        self._rest_until = ended + (ended - begun) * (1 / SHARE - 1)

    def _places(self, state: State) -> list[tuple[str, str]]:
        """Where nobody works now, and whose work it holds."""
        return [(str(self._checkout), "")] + [
            (task.path, task.id)
            for task in state.tasks.values()
            if task.tree in (Tree.PRESENT, Tree.KEPT) and task.phase not in LIVE | {Phase.COLLECTING}
        ]

    async def _prints(self, path: Path) -> Prints:
        try:
            names = await self._git.changed(path)
        except (GitError, OSError):
            return {}
        return {name: _print(path / name) for name in names}


def _print(path: Path) -> tuple[int, int]:
    try:
        state = path.lstat()
    except OSError:
        return (0, -1)
    return (state.st_mtime_ns, state.st_size)


def _age(path: Path, now: float) -> float:
    """Seconds since the file was written to; 0 for none."""
    try:
        return max(0.0, now - path.stat().st_mtime)
    except OSError:
        return 0.0
