"""The engine's lock: an flock on a file, gone when its last holder is, whatever was written in it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from engine.core.errors import Refused


class EngineLock:
    """Held by at most one engine of a repository (M164). Its descriptor is passed to the engine's git
    children, so that a new engine waits for the last orphan of a killed one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1
        self.notice = ""

    def acquire(self, patience: float = 10.0, run: str = "") -> None:
        """Take the lock, for work on `run`. When its holder is dead, wait up to `patience` seconds for that
        one's children.

        Raises Refused naming the living holder's process id."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + patience
        while not self._try():
            holder = self.holder()
            if (holder and alive(holder)) or time.monotonic() > until:
                os.close(self.fd)
                self.fd = -1
                raise _taken(holder)
            time.sleep(0.05)
        if (before := self.holder()) and before != os.getpid():
            self.notice = f"took over the lock of process {before}, which is gone"
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{os.getpid()} {run}\n".encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def holder(self) -> int:
        """The process id last written into the lock; 0 when there is none."""
        try:
            return int(_written(self.path)[0])
        except ValueError:
            return 0

    def release(self) -> None:
        if self.fd >= 0:
            os.ftruncate(self.fd, 0)
            os.close(self.fd)
            self.fd = -1


def _taken(holder: int) -> Refused:
    if holder and not alive(holder):
        return Refused(
            f"git commands of an engine that is gone (process {holder}) are still at work",
            "wait for them, then: wavetree resume",
        )
    return Refused(
        f"a run is going on in this repository (engine process {holder or 'unknown'})",
        "wavetree attach, or: wavetree stop",
    )


def held(path: Path) -> int:
    """The process id of the engine that holds the lock at `path`, -1 when it cannot be told; 0 when nobody
    does, or only git children of an engine that is gone: those are waited for when the lock is taken."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = EngineLock(path).holder()
        if not holder:
            return -1
        return holder if alive(holder) else 0
    else:
        return 0
    finally:
        os.close(fd)


def working_on(path: Path) -> str:
    """The run last written into the lock by who holds it; empty when that is no engine of a run."""
    return _written(path)[1]


def abandoned(path: Path) -> tuple[int, str]:
    """The process id and the run of an engine that went without releasing the lock; 0 when there is none."""
    pid = EngineLock(path).holder()
    return (pid, working_on(path)) if pid and not alive(pid) else (0, "")


def _written(path: Path) -> tuple[str, str]:
    try:
        pid, _, run = path.read_text().partition(" ")
    except (OSError, ValueError):
        return "", ""
    return pid, run.strip()


def alive(pid: int) -> bool:
    """Whether a process of that id exists and is no zombie waiting for its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return not Path("/proc/self/stat").exists()
    return stat.rpartition(")")[2].split()[0] not in "ZX"
