"""The run's eyes: what is looked at when, what load means, and who may have been where."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path
from typing import Any, cast

import pytest

from engine.core.outcomes import Outcome, TrespassSeen
from engine.core.plan import Settings
from engine.core.state import Phase, State, TaskState, Tree
from engine.edge.gauges import Gauges
from engine.edge.git_repository import Repository
from engine.world.guard import Guard, Ticker
from engine.world.jobs import Jobs
from engine.world.load import load


def looks(ticker: Ticker, seconds: float, step: float = 1.0) -> list[str]:
    """What falls due while a clock that exists only here goes from 0 to `seconds`."""
    found: list[str] = []
    for tick in range(int(seconds / step) + 1):
        found += ticker.due(tick * step)
    return found


def test_a_minute_has_six_polls_and_two_scans() -> None:
    """M106: the defaults of the settings, a fake clock"""
    settings = Settings()
    ticker = Ticker(poll=settings.poll_interval, scan=settings.scan_interval)
    found = looks(ticker, 60)
    assert (found.count("poll"), found.count("scan")) == (6, 2)
    hour = looks(Ticker(poll=10, scan=30), 3600, step=0.5)
    assert (hour.count("poll"), hour.count("scan")) == (360, 120)


def test_other_intervals_are_kept_and_a_late_look_is_not_made_up_for() -> None:
    """M106, D11: both are settings; after a stand-still there is one look, not a burst"""
    assert looks(Ticker(poll=5), 60).count("poll") == 12
    ticker = Ticker(poll=10)
    assert ticker.due(0) == []
    assert ticker.due(100) == ["poll"]
    assert ticker.due(100.5) == ["poll"] or ticker.due(110) == ["poll"]
    assert len([1 for tick in range(30) if ticker.due(112 + tick)]) == 3


@pytest.mark.parametrize(
    ("cpu", "before", "level"),
    [
        (59.9, "free", "free"),
        (60.0, "free", "no new starts"),
        (70.0, "no new starts", "no new starts"),
        (80.0, "free", "throttled"),
        (70.0, "throttled", "throttled"),
        (59.0, "throttled", "free"),
    ],
)
def test_load_has_two_limits_and_throttling_lasts_until_below_the_lower(
    cpu: float, before: str, level: str
) -> None:
    """D02: nothing starts at or above the start limit; throttled from the run limit on"""
    settings = Settings(start_cpu_percent=60, max_cpu_percent=80)
    assert load(cpu, 0.0, 0, before, settings)[0] == level


def test_without_limits_every_load_is_free() -> None:
    assert load(100.0, 100.0, 10**12, "free", Settings()) == ("free", "")


def test_what_is_too_much_is_said_with_its_number() -> None:
    """M071, M072, M073"""
    settings = Settings(start_cpu_percent=60, max_cpu_percent=80, max_memory_percent=80, max_ram_gb=12)
    assert load(85.2, 0, 0, "free", settings)[1] == "CPU usage too high: 85.2% > 80%"
    assert load(0, 81, 0, "free", settings) == ("throttled", "Memory usage too high: 81.0% > 80%")
    assert load(75, 0, 0, "free", settings)[1].startswith("⏳ Waiting for resources...")
    assert load(0, 0, 12_500_000_000, "free", settings)[1] == "max_ram_gb: the agents use 12.5 GB of 12 GB"
    disk = Settings(max_disk_io=100e6)
    assert load(0, 0, 0, "free", disk, 99.9e6) == ("free", "")
    said = "max_disk_io: the agents move 120.0 MB/s of 100 MB/s"
    assert load(0, 0, 0, "free", disk, 120e6) == ("no new starts", said)


# ── trespass ────────────────────────────────────────────────────────────────────────────────────────


def git(where: Path, *words: str) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    names = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *names, "-C", str(where), *words], check=True, capture_output=True, env=env)


class Watched:
    """A guard over a real checkout and one kept worktree; `seen` is what it posted."""

    def __init__(self, folder: Path) -> None:
        self.repo = folder / "shop"
        self.kept = folder / "shop-wtkept"
        self.repo.mkdir()
        git(self.repo, "init", "-q", "-b", "main")
        (self.repo / "app.txt").write_text("a\n")
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "-m", "start")
        git(self.repo, "worktree", "add", "-q", "-b", "kept", str(self.kept))
        self.state_folder = folder / "state"
        self.state_folder.mkdir()
        self.seen: list[TrespassSeen] = []
        self.state = State(
            tasks={
                "kept": TaskState("kept", 1, Phase.FAILED, 1, path=str(self.kept), tree=Tree.KEPT),
                "busy": TaskState("busy", 1, Phase.RUNNING, 1, path=str(folder / "b"), tree=Tree.PRESENT),
            }
        )

    async def guard(self) -> Guard:
        self.repository = await Repository.open(self.repo, self.state_folder)
        made = Guard(self.repo, self.repository, cast(Gauges, None), cast(Jobs, None), Settings())
        made._see, made._post = (lambda: self.state), self.post
        await made.scan()
        return made

    def post(self, outcome: Outcome) -> None:
        assert isinstance(outcome, TrespassSeen)
        self.seen.append(outcome)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


async def test_a_change_in_the_base_checkout_names_the_place_and_the_suspects(watched: Any) -> None:
    """M104"""
    guard = await watched.guard()
    assert watched.seen == []
    (watched.repo / "app.txt").write_text("a\nplanted\n")
    (watched.repo / "new.txt").write_text("planted\n")
    await guard.scan()
    assert watched.seen == [TrespassSeen(str(watched.repo), ("app.txt", "new.txt"), ("busy",))]
    await guard.scan()
    assert len(watched.seen) == 1, "what was told is not told again"
    (watched.repo / "new.txt").write_text("planted again\n")
    await guard.scan()
    assert watched.seen[1].files == ("new.txt",)


async def test_a_change_in_anothers_kept_worktree_is_seen_and_in_ones_own_it_is_none(watched: Any) -> None:
    """M104: nobody is suspected of changing what is theirs"""
    guard = await watched.guard()
    (watched.kept / "note.txt").write_text("x")
    await guard.scan()
    assert watched.seen == [TrespassSeen(str(watched.kept), ("note.txt",), ("busy",))]

    watched.state = State(tasks={"kept": watched.state.tasks["kept"]})
    (watched.kept / "note.txt").write_text("by a person, while no agent is alive")
    await guard.scan()
    assert len(watched.seen) == 1


async def test_what_the_engine_itself_landed_is_no_trespass(watched: Any) -> None:
    guard = await watched.guard()
    (watched.repo / "app.txt").write_text("landed\n")
    guard.landed()
    await guard.scan()
    assert watched.seen == []


async def test_a_worktree_is_watched_from_the_moment_it_is_kept(watched: Any) -> None:
    """M104: what its own agent left there is no trespass, what comes after is"""
    guard = await watched.guard()
    (watched.kept / "left.txt").write_text("by its own agent\n")
    await guard.at_rest(str(watched.kept))
    await guard.scan()
    assert watched.seen == []
    (watched.kept / "left.txt").write_text("by somebody else\n")
    await guard.scan()
    assert [found.files for found in watched.seen] == [("left.txt",)]


async def test_agents_that_end_at_nearly_the_same_time_share_a_look_and_the_suspicion(watched: Any) -> None:
    """M104"""
    guard = await watched.guard()
    guard._rest_until = float("inf")
    (watched.repo / "new.txt").write_text("planted\n")
    await guard.left("quick")
    await guard.left("quicker")
    assert watched.seen == [], "somebody has just looked"
    await guard.catch_up()
    assert watched.seen == [TrespassSeen(str(watched.repo), ("new.txt",), ("busy", "quick", "quicker"))]
    (watched.repo / "new.txt").write_text("planted again\n")
    await guard.catch_up()
    assert len(watched.seen) == 1, "nobody has ended since"


async def test_an_agent_that_ends_alone_is_looked_after_at_once(watched: Any) -> None:
    """M104"""
    guard = await watched.guard()
    guard._rest_until = 0.0
    (watched.repo / "new.txt").write_text("planted\n")
    await guard.left("gone")
    assert [found.suspects for found in watched.seen] == [("busy", "gone")]


async def test_a_look_that_was_put_off_is_made_as_soon_as_it_may_be(watched: Any) -> None:
    """M104"""

    class Unread:
        def sample(self, now: float) -> None:
            """Nobody asks for vitals here."""

    guard = await watched.guard()
    guard._gauges = cast(Gauges, Unread())
    guard._rest_until = 0.0
    watching = asyncio.ensure_future(guard.watch(lambda: watched.state, watched.post))
    async with asyncio.timeout(10):
        while not guard._rest_until:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    guard._rest_until = time.monotonic() + 0.2
    (watched.repo / "new.txt").write_text("planted\n")
    await guard.left("gone")
    assert watched.seen == []
    async with asyncio.timeout(10):
        while not watched.seen:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert watched.seen[0].suspects == ("busy", "gone")
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
