"""The live screen under load: fifty and two hundred working sessions and a thousand log lines a second.

What a person would otherwise write is an application of a DataTable and a RichLog; it does the same in the
same run.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key
from textual.widgets import DataTable, RichLog

from benchmarks.instant import created
from benchmarks.layered import layered
from benchmarks.measuring import Row, percentile
from engine import (
    Attempt,
    Command,
    Notification,
    Pause,
    Phase,
    Score,
    SessionVitals,
    Sides,
    StartPolicy,
    State,
    TaskTimes,
    Timeline,
    Vitals,
    WavePhase,
)
from engine.core.evolve import evolve
from tui.app import TICK, WavetreeApp

NAME = "screen"
AIM = 16.0
KEY_AIM = 200.0
"""Milliseconds until a key is on the screen (M223); the load here is a hundred times that of the row."""
BEAT = 0.001
GLANCE = 0.0005


def run(quick: bool) -> list[Row]:
    """50 and 200 rows and 1,000 lines a second, for twenty seconds each."""
    seconds, keys = (5, 15) if quick else (20, 60)
    return [row for rows in (50, 200) for row in measure(rows, 1_000, seconds, keys)]


def measure(rows: int, lines: int, seconds: float, keys: int) -> list[Row]:
    """How long a tick holds up the loop, what the screen costs, and how soon a key is on the screen."""
    with tempfile.TemporaryDirectory(prefix="wavetree-bench-") as folder:
        seen = asyncio.run(_watched(WavetreeApp, rows, Path(folder, "out.log"), lines, seconds, keys))
        other = asyncio.run(_watched(TableApp, rows, Path(folder, "other.log"), lines, seconds, keys))
    load = f"{rows} rows, {lines:,} log lines a second"
    blocked, late = median(seen.worst()), percentile(seen.worst(), 99)
    computing = percentile(seen.worst(computing=True), 99)
    aim, table = f"{AIM:g} ms", "DataTable"

    def beside(
        what: str, ours: float, theirs: float, unit: str, aim: str = "", met: bool | None = None
    ) -> Row:
        return Row(NAME, what, ours, unit, table, ours / theirs if theirs else None, aim, met)

    soon = percentile(seen.paints, 99)
    theirs = median(other.worst()), percentile(other.worst(), 99)
    paints = median(other.paints), percentile(other.paints, 99)
    return [
        beside(f"{load}: loop blocked, median of ticks", blocked, theirs[0], "ms", aim, blocked <= AIM),
        beside("loop blocked, 99th percentile", late, theirs[1], "ms", aim, late <= AIM),
        Row(NAME, "of which computing, 99th percentile", computing, "ms"),
        beside("CPU of the screen", seen.cpu, other.cpu, "% of a core"),
        beside("key to paint, median", median(seen.paints), paints[0], "ms"),
        beside("key to paint, 99th percentile", soon, paints[1], "ms", f"{KEY_AIM:g} ms", soon <= KEY_AIM),
    ]


@dataclass
class Seen:
    """What was measured. `gaps` are stretches without a beat of the loop: the time, how long, and how long of
    it this process was computing, in milliseconds; `paints` are in milliseconds."""

    gaps: list[tuple[float, float, float]] = field(default_factory=list)
    paints: list[float] = field(default_factory=list)
    cpu: float = 0.0

    def worst(self, *, computing: bool = False) -> list[float]:
        """The longest stretch without a beat in each tick's time, in milliseconds."""
        worst: dict[int, float] = {}
        for at, gap, computed in self.gaps:
            worst[int(at / TICK)] = max(worst.get(int(at / TICK), 0.0), computed if computing else gap)
        return list(worst.values())


class Moving:
    """A run in which every session reports all the time; `log` is the output of each of them."""

    engine_alive = True

    def __init__(self, rows: int, log: Path) -> None:
        plan = layered(rows, 5, policy=StartPolicy.DEPENDENCY)
        state = replace(evolve(State(), created(plan)), integrated=True, slots=rows)
        waves = tuple(replace(wave, phase=WavePhase.OPEN) for wave in state.waves)
        self.live = tuple(state.tasks)
        self.log = log
        self._looks = 0
        self.state = replace(state, waves=waves, tasks={**state.tasks, **self._moved(state)})
        now = time.time()
        self.timeline = Timeline(created=now, tasks={name: TaskTimes(now, now) for name in self.live})
        self.vitals = Vitals()

    def _moved(self, state: State) -> dict[str, Any]:
        share = self._looks % 100
        return {
            name: replace(
                state.tasks[name],
                phase=Phase.RUNNING,
                attempt=1,
                pid=4711,
                branch=f"feature/{name}",
                progress=float((share + place * 7) % 100),
                says=f"at work on file {self._looks}",
                commits=self._looks,
            )
            for place, name in enumerate(self.live)
        }

    def refresh(self) -> bool:
        """Every session has moved since the last look."""
        self._looks += 1
        self.state = replace(self.state, tasks={**self.state.tasks, **self._moved(self.state)})
        return True

    async def send(self, command: Command) -> str:
        """Nothing is asked of this run."""
        return "done"

    async def measure(self) -> None:
        """Every session uses something else than before."""
        use = {name: SessionVitals(self._looks % 90, 300 * 2**20, 4, commits=2) for name in self.live}
        self.vitals = Vitals(time.time(), 80.0, 50.0, 24 * 2**30, 4e6, 25e6, 20.0, 180 * 2**30, sessions=use)

    async def sides(self, conflict: str) -> tuple[Sides, ...]:
        return ()

    def mergetool(self, one: Sides, folder: Path) -> list[str]:
        return []

    async def chosen(
        self, conflict: str, contents: Mapping[str, bytes | None], sides: tuple[Sides, ...], **more: str
    ) -> Command:
        return Pause()

    def news(self) -> tuple[Notification, ...]:
        return ()

    def log_path(self, task: str) -> Path | None:
        """The one log."""
        return self.log

    def track(self) -> Score:
        return Score()

    def attempts_before(self, task: str) -> tuple[Attempt, ...]:
        return ()

    def diff(self, task: str) -> str:
        """No work is looked at here."""
        return ""


class Terminal(HeadlessDriver):
    """A terminal that swallows what is painted: the work of painting is done in full."""

    painted_at = 0.0

    @property
    def is_headless(self) -> bool:
        """A headless screen is not painted at all."""
        return False

    def write(self, data: str) -> None:
        """Note that something was painted."""
        Terminal.painted_at = time.perf_counter()


class TableApp(App[None]):
    """The sessions as a DataTable and the log as a RichLog, drawn anew at the same pace."""

    COLUMNS = ("task", "state", "progress", "step", "branch", "commits", "CPU")

    def __init__(self, client: Moving) -> None:
        super().__init__()
        self._client = client
        self._read = 0

    @property
    def selected(self) -> str:
        """The row of the cursor."""
        return str(self.query_one(DataTable).cursor_row)

    def compose(self) -> ComposeResult:
        """Table and log."""
        yield DataTable(cursor_type="row")
        yield RichLog(max_lines=2_000)

    def on_mount(self) -> None:
        """Fill the table; then it moves."""
        table = self.query_one(DataTable)
        for name in self.COLUMNS:
            table.add_column(name, key=name, width=16)
        for name in self._client.live:
            table.add_row(*self._cells(name), key=name)
        table.focus()
        self.set_interval(TICK, self._tick)

    def _cells(self, name: str) -> tuple[str, ...]:
        task = self._client.state.tasks[name]
        share = f"{task.progress or 0:.0f} %"
        return (
            name,
            task.phase.value,
            share,
            task.says,
            task.branch,
            str(task.commits),
            f"{task.commits % 90} %",
        )

    def _tick(self) -> None:
        self._client.refresh()
        table = self.query_one(DataTable)
        for name in self._client.live:
            for column, cell in zip(self.COLUMNS, self._cells(name), strict=True):
                table.update_cell(name, column, cell)
        if self._client.log.exists():
            with self._client.log.open() as log:
                log.seek(self._read)
                for line in log.read().splitlines():
                    self.query_one(RichLog).write(line)
                self._read = log.tell()


async def _watched(
    make: Callable[[Moving], WavetreeApp | TableApp],
    rows: int,
    log: Path,
    lines: int,
    seconds: float,
    keys: int,
) -> Seen:
    client = Moving(rows, log)
    app = make(client)
    app.driver_class = Terminal
    seen = Seen()

    async def pilot(_: object) -> None:
        await asyncio.sleep(1.0)
        writer = asyncio.create_task(_write(client.log, lines))
        beats = asyncio.create_task(_beat(seen))
        before, begun = _cpu(), time.perf_counter()
        await asyncio.sleep(seconds)
        seen.cpu = 100.0 * (_cpu() - before) / (time.perf_counter() - begun)
        beats.cancel()
        for number in range(keys):
            await asyncio.sleep(0.05 + 0.013 * (number % 7))  # at any moment of a tick
            seen.paints.append(await _key(app, "down" if number % 40 < 20 else "up"))
        writer.cancel()
        app.exit()

    await app.run_async(headless=False, size=(160, 50), auto_pilot=pilot)
    return seen


async def _write(log: Path, lines: int) -> None:
    """Twenty bursts a second, as from a buffer that is emptied."""
    number = 0
    with log.open("a") as out:
        while True:
            for _ in range(lines // 20):
                number += 1
                out.write(f"{number:08d} compiling one module of many, all is well\n")
            out.flush()
            await asyncio.sleep(0.05)


async def _beat(seen: Seen) -> None:
    before, used = time.perf_counter(), time.thread_time()
    while True:
        await asyncio.sleep(BEAT)
        now, using = time.perf_counter(), time.thread_time()
        seen.gaps.append((now, max(0.0, now - before - BEAT) * 1e3, (using - used) * 1e3))
        before, used = now, using


async def _key(app: WavetreeApp | TableApp, key: str) -> float:
    """Milliseconds from a key to the paint that shows the selection it moved."""
    before, begun = app.selected, time.perf_counter()
    app.post_message(Key(key, None))
    while app.selected == before:
        await asyncio.sleep(GLANCE)
        if time.perf_counter() - begun > 2:
            raise RuntimeError(f"the key {key} moved nothing")
    moved = time.perf_counter()
    while Terminal.painted_at < moved:  # noqa: ASYNC110  # the driver paints within the loop, no event says so
        await asyncio.sleep(GLANCE)
    return (Terminal.painted_at - begun) * 1e3


def _cpu() -> float:
    used = os.times()
    return used.user + used.system
