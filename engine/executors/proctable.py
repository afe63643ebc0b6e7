"""The machine's process table, with the standard library alone, because the shim reads it too.

Linux tells in /proc. Elsewhere `ps` does, with start times in whole seconds: enough to tell a pid's owners
apart in practice, not a promise.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple

# pathlib would make up a fifth of the shim's start
# ruff: noqa: PTH110, PTH208
HAS_PROC = os.path.exists("/proc/self/stat")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """One line of the process table; CPU times in clock ticks, memory in pages."""

    pid: int
    parent: int
    state: str
    started: int
    cpu: int
    cpu_of_children: int
    pages: int


def process(pid: int) -> Process | None:
    """The process of that id, or None when it is gone."""
    if not HAS_PROC:
        return from_ps("-p", str(pid)).get(pid)
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fields = os.read(fd, 4096).rpartition(b")")[2].split()
    except ProcessLookupError:
        return None
    finally:
        os.close(fd)
    if len(fields) < 22:
        return None
    numbers = [int(field) for field in fields[1:22]]
    return Process(
        pid=pid,
        parent=numbers[0],
        state=fields[0].decode(),
        started=numbers[18],
        cpu=numbers[10] + numbers[11],
        cpu_of_children=numbers[12] + numbers[13],
        pages=numbers[20],
    )


def pids() -> list[int]:
    """The ids of the machine's processes; empty where /proc does not tell."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if HAS_PROC else []


def table() -> dict[int, Process]:
    """Every process of the machine."""
    return look()[0]


def look() -> tuple[dict[int, Process], bool]:
    """Every process of the machine, and whether one ended while it was looked for: its successor may have
    been missed."""
    if not HAS_PROC:
        return from_ps("-ax"), False
    listed = pids()
    found = (process(pid) for pid in listed)
    processes = {entry.pid: entry for entry in found if entry is not None}
    return processes, len(processes) < len(listed)


def from_ps(*which: str) -> dict[int, Process]:
    """The same from `ps`; empty when there is none. `which` are its options that choose processes."""
    import subprocess  # a third of a shim's start, and on Linux nobody comes here

    command = ["ps", *which, "-o", "pid=,ppid=,stat=,rss=,time=,lstart="]
    try:
        text = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found = (_from_line(line.split()) for line in text.splitlines())
    return {entry.pid: entry for entry in found if entry is not None}


def _from_line(words: list[str]) -> Process | None:
    try:
        seconds = 0.0
        for part in words[4].replace("-", ":").split(":"):
            seconds = seconds * 60 + float(part)
        return Process(
            pid=int(words[0]),
            parent=int(words[1]),
            state=words[2][0],
            started=int(time.mktime(time.strptime(" ".join(words[5:10])))),
            cpu=int(seconds * TICKS),
            cpu_of_children=0,
            pages=int(words[3]) * 1024 // PAGE,
        )
    except (IndexError, ValueError, OverflowError):
        return None


def descendants(processes: dict[int, Process], root: int) -> list[Process]:
    """Everything below `root`, without `root` and without those that have ended."""
    children: dict[int, list[Process]] = {}
    for entry in processes.values():
        children.setdefault(entry.parent, []).append(entry)
    found: list[Process] = []
    ahead = [root]
    while ahead:
        below = children.pop(ahead.pop(), [])
        found += [entry for entry in below if entry.state not in "ZX"]
        ahead += [entry.pid for entry in below]
    return found
