"""A job's folder as the engine reads it: the request, who its processes are, whether it is owned, its end."""

from __future__ import annotations

import fcntl
import os
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.executors import proctable
from engine.executors.contract import Exit, Job

REQUEST, CLAIM, PIDS, EXIT = "job.json", "claim", "pid.json", "exit.json"

T = TypeVar("T")


class Identity(msgspec.Struct, frozen=True):
    """The processes of a job. A pid counts only together with its start time (clock ticks since boot) and
    the machine's boot: pids are used again. `agent` is 0 until the job's own process runs."""

    shim: int
    shim_started: int
    agent: int
    agent_started: int
    boot: str
    mark: str
    group: str = ""
    subreaper: bool = False

    def here(self) -> bool:
        """Whether the machine has not been restarted since."""
        return self.boot == boot_id()

    def shim_lives(self) -> bool:
        """Whether the shim's pid still is the shim."""
        entry = proctable.process(self.shim)
        if entry is None:
            return False
        return self.here() and entry.started == self.shim_started and entry.state not in "ZX"


@cache
def boot_id() -> str:
    """Which start of the machine this is, which no process outlives; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def write_request(job: Job, group: str, umask: int | None) -> None:
    """Put the job where its shim reads it; the folder is made, for its owner only. Raises OSError."""
    job.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    request = {
        "mark": job.mark,
        "argv": job.argv,
        "cwd": str(job.cwd),
        "env": dict(job.env),
        "group": group,
        "umask": umask,
    }
    draft = job.folder / f"{REQUEST}.{os.getpid()}.tmp"
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(request))
    draft.replace(job.folder / REQUEST)


def identity(folder: Path) -> Identity | None:
    """Who the job's processes are, or None when it was never started."""
    return _read(folder / PIDS, Identity)


def ending(folder: Path) -> Exit | None:
    """How the job ended, or None when no end is on record."""
    return _read(folder / EXIT, Exit)


def claimed(folder: Path) -> bool:
    """Whether a shim owns the job now: asked of its lock, which no dead process holds."""
    try:
        fd = os.open(folder / CLAIM, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def write_lost(folder: Path, outcome: Exit) -> None:
    """Put down the end of a job whose shim could not; without room for it the next reader finds the same."""
    try:
        draft = folder / f"{EXIT}.lost.tmp"
        draft.write_bytes(msgspec.json.encode(outcome))
        draft.replace(folder / EXIT)
    except OSError:
        return


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
