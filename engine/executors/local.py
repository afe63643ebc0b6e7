"""Runs jobs on this machine, each under a detached shim; knows nothing that is not in a job's folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

import psutil

from engine.core.errors import EngineError
from engine.executors import groups, proctable, record, tree
from engine.executors.contract import Exit, Job, Started, Usage
from engine.executors.launching import Launcher
from engine.executors.proctable import Process
from engine.executors.record import Identity

TABLE_AGE = 0.25  # seconds for which one reading of the process table serves every job
START_WITHIN = 15.0  # seconds from asking for a shim until its job runs
LOOK_AGAIN = 2.0  # seconds after which a wait looks again, whatever it was told
KILLED_WITHIN = 10.0  # seconds after which a process that ignores KILL is reported


class LocalExecutor:
    """The executor of this machine. `umask` is what jobs get; None leaves them the engine's own."""

    def __init__(self, umask: int | None = None) -> None:
        self._umask = umask
        self._launcher = Launcher()
        self._parent = groups.parent()
        self._table: tuple[float, dict[int, Process]] = (-1.0, {})
        self._used: dict[Path, tuple[float, int]] = {}
        self._disk: dict[Path, tuple[float, dict[tuple[int, int], int]]] = {}
        self._rate: dict[Path, float] = {}

    @property
    def launcher_pid(self) -> int:
        """The process that forks shims; 0 before the first start."""
        return self._launcher.pid

    def close(self) -> None:
        """Give back the launcher. Jobs go on; the executor may still be used."""
        self._launcher.close()

    async def start(self, job: Job) -> Started:
        """See the contract. A job whose shim was killed is not started again: `wait` tells its end."""
        if (found := _running(job.folder)) is not None:
            return found
        group = groups.name(self._parent, job.folder) if self._parent is not None else ""
        try:
            record.write_request(job, group, self._umask)
        except OSError as trouble:
            raise EngineError(f"no job can be started in {job.folder}: {trouble.strerror}") from trouble
        answer = await self._launcher.launch(job.folder)
        if answer is not None and answer.error:
            raise EngineError(f"no job can be started in {job.folder}: {answer.error}")
        if answer is not None and not answer.lost:
            return Started(pid=answer.pid)
        started = await _appears(job.folder)
        return Started(pid=started.pid, adopted=answer is not None)

    async def wait(self, folder: Path) -> Exit:
        """See the contract. Of a job that was never started, the Exit says so in `error`."""
        while True:
            owned = record.claimed(folder)
            if (ending := record.ending(folder)) is not None:
                return ending
            whose = record.identity(folder)
            if not owned:
                return await asyncio.to_thread(_lost, folder, whose)
            await _shim_ends(whose)

    async def freeze(self, folder: Path) -> int:
        """See the contract."""
        whose = _living(folder)
        if whose is None:
            return -1
        stopped = await asyncio.to_thread(tree.stop, whose)
        return -1 if stopped == 0 and not record.claimed(folder) else stopped

    async def thaw(self, folder: Path) -> None:
        """See the contract."""
        if (whose := _living(folder)) is not None:
            await asyncio.to_thread(tree.go_on, whose)

    async def kill(self, folder: Path, grace: float) -> None:
        """See the contract. `grace` in seconds; 0 kills at once. Raises EngineError for what survives."""
        for number in (signal.SIGINT, signal.SIGTERM) if grace > 0 else ():
            whose = _living(folder)
            if whose is None:
                return
            await asyncio.to_thread(tree.tell, whose, number)
            if await self._over(folder, grace):
                return
        while (whose := _living(folder)) is not None:
            await asyncio.to_thread(tree.end, whose)
            if not await self._over(folder, KILLED_WITHIN):
                raise EngineError(
                    f"processes of {folder.name} do not end", "look at them: ps -o pid,stat,args"
                )

    def usage(self, folder: Path) -> Usage:
        """See the contract."""
        whose = _living(folder)
        if whose is None:
            self._used.pop(folder, None)
            self._disk.pop(folder, None)
            self._rate.pop(folder, None)
            return Usage()
        processes = self._processes()
        alive = tree.members(whose, processes)
        if not alive:
            return Usage()
        return Usage(
            cpu=self._cpu(folder, [*alive, *filter(None, [processes.get(whose.shim)])]),
            rss=sum(entry.pages for entry in alive) * proctable.PAGE,
            processes=len(alive),
            stopped=all(entry.state in "Tt" for entry in alive),
            disk=self._moved(folder, alive),
        )

    async def _over(self, folder: Path, within: float) -> bool:
        """Whether the job ends within that many seconds."""
        try:
            async with asyncio.timeout(within):
                await self.wait(folder)
        except TimeoutError:
            return False
        return True

    def _processes(self) -> dict[int, Process]:
        read, processes = self._table
        now = time.monotonic()
        if now - read > TABLE_AGE:
            processes = proctable.table()
            self._table = (now, processes)
        return processes

    def _cpu(self, folder: Path, entries: list[Process]) -> float:
        """Percent of one core since the last call. The shim's share holds what its dead children used."""
        read = self._table[0]
        ticks = sum(entry.cpu + entry.cpu_of_children for entry in entries)
        before, ticks_before = self._used.get(folder, (read, ticks))
        if read > before or folder not in self._used:
            self._used[folder] = (read, ticks)
        if read <= before:
            return 0.0
        return max(0.0, 100.0 * (ticks - ticks_before) / proctable.TICKS / (read - before))

    def _moved(self, folder: Path, entries: list[Process]) -> float:
        """Bytes a second that the processes have read from disks and written to them since the last call; 0
        where the system does not tell."""
        now = time.monotonic()
        moved = {(entry.pid, entry.started): count for entry in entries if (count := _bytes_of(entry.pid))}
        since, before = self._disk.get(folder, (now, moved))
        if now - since < TABLE_AGE and folder in self._disk:
            return self._rate.get(folder, 0.0)
        self._disk[folder] = (now, moved)
        total = sum(max(0, count - before.get(who, 0)) for who, count in moved.items())
        self._rate[folder] = total / (now - since) if now > since else 0.0
        return self._rate[folder]


def _bytes_of(pid: int) -> int:
    try:
        count = psutil.Process(pid).io_counters()
    except (psutil.Error, AttributeError, OSError):
        return 0
    return int(count.read_bytes + count.write_bytes)


def _running(folder: Path) -> Started | None:
    """The job as it is found; None when it has to be started."""
    owned = record.claimed(folder)
    if record.ending(folder) is not None:
        return Started(pid=0, adopted=True)
    whose = record.identity(folder)
    if owned:
        return Started(pid=whose.agent, adopted=True) if whose is not None and whose.agent else None
    return Started(pid=0, adopted=True) if whose is not None else None


async def _appears(folder: Path) -> Started:
    """The job, once its shim has got so far. Raises EngineError when it does not."""
    deadline = time.monotonic() + START_WITHIN
    pause = 0.002
    while time.monotonic() < deadline:
        if (found := _running(folder)) is not None:
            return found
        if (whose := record.identity(folder)) is not None:
            _wake(whose)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.1)
    raise EngineError(f"the job in {folder} did not start within {START_WITHIN:.0f} s")


def _living(folder: Path) -> Identity | None:
    """Who the job's processes are, when any may be alive."""
    owned = record.claimed(folder)
    if not owned and record.ending(folder) is not None:
        return None
    whose = record.identity(folder)
    if owned or whose is None:
        return whose
    return whose if tree.everyone(whose) else None


def _lost(folder: Path, whose: Identity | None) -> Exit:
    """The end of a job whose shim is gone: end what it left, put that down."""
    if (ending := record.ending(folder)) is not None:
        return ending
    if whose is None:
        return Exit(code=None, error="it was never started")
    orphans = tree.end(whose)
    groups.remove(whose.group)
    outcome = Exit(code=None, orphans=orphans, ended=time.time())
    record.write_lost(folder, outcome)
    return outcome


async def _shim_ends(whose: Identity | None) -> None:
    """Return when the shim has ended, or after a while: whoever called looks again."""
    handle = _handle(whose)
    if handle is None:
        await asyncio.sleep(0.02)
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, ended.set)
    try:
        async with asyncio.timeout(LOOK_AGAIN):
            await ended.wait()
    except TimeoutError:
        if whose is not None:
            _wake(whose)
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _handle(whose: Identity | None) -> int | None:
    """A descriptor that becomes readable when the shim ends; None where that cannot be had."""
    if whose is None or not hasattr(os, "pidfd_open"):
        return None
    try:
        handle = os.pidfd_open(whose.shim)
    except OSError:
        return None
    if whose.shim_lives():
        return handle
    os.close(handle)
    return None


def _wake(whose: Identity) -> None:
    """A job may stop its own shim; nobody else would continue it."""
    shim = proctable.process(whose.shim)
    if shim is not None and shim.state in "Tt" and whose.shim_lives():
        with contextlib.suppress(OSError):
            tree.send(shim, signal.SIGCONT)
