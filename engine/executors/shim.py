"""Owns one job: starts it, gathers everything it leaves running, and records how it ended.

Runs as `python -I -S shim.py FOLDER` or as a fork of `launcher.py`: the standard library alone, plus the two
files beside it that keep the same rule. `FOLDER/job.json` is the request; `claim` is locked as long as the
shim lives; `pid.json` says which processes they are; `exit.json` appears when the whole tree is gone.
"""

# pathlib would make up a fifth of the start
# ruff: noqa: PTH104, PTH106, PTH110, PTH120, PTH123

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

if __package__:
    from engine.executors import becoming, proctable
else:  # run on its own, outside the package
    sys.path.append(os.path.dirname(__file__))
    import becoming  # type: ignore[import-not-found,no-redef]
    import proctable  # type: ignore[import-not-found,no-redef]

SETTLE = 0.1  # seconds in which a leftover that is just ending may end by itself
GRACE = 2.0  # seconds between TERM and KILL for a leftover
CLAIM_PATIENCE = 2.0  # seconds; whoever only tests the lock holds it for microseconds
RECORD_PATIENCE = 10.0  # seconds to go on trying to write the exit record
RECORD_SIZE = 2048  # bytes kept free for the exit record from the start, for a disk that fills up

_PR_SET_CHILD_SUBREAPER = 36

Tell = Callable[[dict[str, Any]], None]


def own(folder: str, tell: Tell) -> None:
    """Carry one job through. `tell` is called once: with the job's pid, with `lost` when another shim has
    the job, or with `error` when nothing could be started and nothing was written."""
    try:
        claim = _take(folder)
        if claim is None:
            tell({"folder": folder, "lost": True})
            return
        with open(f"{folder}/job.json", encoding="utf-8") as file:
            job = json.load(file)
        _stand_apart()
        subreaper = _become_subreaper()
        _reserve(folder)
        whose = _identity(job, subreaper)
        _write(folder, "pid.json", whose)
    except (OSError, ValueError) as trouble:
        tell({"folder": folder, "error": f"{type(trouble).__name__}: {trouble}"})
        return
    _carry(folder, job, whose, subreaper, tell)


def _carry(folder: str, job: dict[str, Any], whose: dict[str, Any], subreaper: bool, tell: Tell) -> None:
    started = time.time()
    agent, code, error = _start(folder, job, whose)
    tell({"folder": folder, "pid": agent})
    number: int | None = None
    if agent:
        status = _reap_until(agent)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        if not error:
            code = os.WEXITSTATUS(status) if number is None else 128 + number
    orphans = _end_leftovers(agent, subreaper)
    _remove_group(str(job.get("group", "")))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    content = {
        "code": code,
        "signal": number,
        "orphans": orphans,
        "error": error[:400],
        "started": started,
        "ended": time.time(),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "max_rss": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    _record(folder, json.dumps(content).encode().ljust(RECORD_SIZE))


def _start(folder: str, job: dict[str, Any], whose: dict[str, Any]) -> tuple[int, int, str]:
    """Start the command and say who it is: process id, exit code and reason of a start that failed."""
    agent = 0
    try:
        agent, code, error = becoming.spawn(folder, job)
        if agent:
            entry = proctable.process(agent)
            _write(
                folder, "pid.json", {**whose, "agent": agent, "agent_started": entry.started if entry else 0}
            )
    except OSError as trouble:
        _kill(agent)
        place = f": {trouble.filename}" if trouble.filename else ""
        return agent, 126, f"the job could not be started: {trouble.strerror}{place}"
    return agent, code, error


def _take(folder: str) -> int | None:
    """The locked claim, or None when another shim owns the job or has owned it."""
    fd = os.open(f"{folder}/claim", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + CLAIM_PATIENCE
    while True:
        taken = True
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            taken = False
        if os.path.exists(f"{folder}/pid.json") or os.path.exists(f"{folder}/exit.json"):
            break
        if taken:
            return fd
        if time.monotonic() > deadline:
            break
        time.sleep(0.002)
    os.close(fd)
    return None


def _stand_apart() -> None:
    os.chdir("/")
    for number in becoming.IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _become_subreaper() -> bool:
    """True when everything the job leaves behind will become a child of this process."""
    if sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def _boot_id() -> str:
    try:
        fd = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, 100).decode().strip()
    finally:
        os.close(fd)


BOOT = _boot_id()  # read once for all shims that a launcher forks


def _identity(job: dict[str, Any], subreaper: bool) -> dict[str, Any]:
    me = proctable.process(os.getpid())
    return {
        "shim": os.getpid(),
        "shim_started": me.started if me else 0,
        "agent": 0,
        "agent_started": 0,
        "boot": BOOT,
        "mark": job["mark"],
        "group": job.get("group", ""),
        "subreaper": subreaper,
    }


def _write(folder: str, name: str, content: dict[str, Any]) -> None:
    fd = os.open(f"{folder}/{name}.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, json.dumps(content).encode())
    finally:
        os.close(fd)
    os.rename(f"{folder}/{name}.tmp", f"{folder}/{name}")


def _reap_until(agent: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == agent:
            return status


def _children_left() -> bool:
    """Bury the dead; whether anything of the tree still lives (what is left of it is a child of ours)."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _end_leftovers(agent: int, subreaper: bool) -> int:
    """End what the job's own process left running; how many there were."""
    if not subreaper:
        return _end_session(agent)
    begun = time.monotonic()
    seen: set[tuple[int, int]] = set()
    pause = 0.005
    while _children_left():
        age = time.monotonic() - begun
        if age >= SETTLE:
            for entry in proctable.descendants(proctable.table(), os.getpid()):
                new = (entry.pid, entry.started) not in seen
                seen.add((entry.pid, entry.started))
                if age >= SETTLE + GRACE:
                    _kill(entry.pid)
                elif new:
                    _kill(entry.pid, signal.SIGTERM)
                    _kill(entry.pid, signal.SIGCONT)
            pause = min(pause * 1.5, 0.1)
        time.sleep(pause)
    return len(seen)


def _end_session(agent: int) -> int:
    """Without a subreaper only the job's process group can be told apart from strangers."""
    if agent <= 1:
        return 0  # group 0 would be this process's own
    try:
        os.killpg(agent, signal.SIGTERM)
    except (OSError, OverflowError):
        return 0
    time.sleep(SETTLE)
    with contextlib.suppress(OSError):
        os.killpg(agent, signal.SIGKILL)
    return 1


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    if pid > 1:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _remove_group(group: str) -> None:
    if not group:
        return
    for place, _, _ in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(place)


def _reserve(folder: str) -> None:
    """Hold room for the exit record, so that a job which fills the disk still gets one."""
    fd = os.open(f"{folder}/exit.json.tmp", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, b" " * RECORD_SIZE)
    finally:
        os.close(fd)


def _record(folder: str, content: bytes) -> None:
    deadline = time.monotonic() + RECORD_PATIENCE
    while True:
        try:
            _record_once(folder, content)
            return
        except OSError:
            if time.monotonic() > deadline:
                return
            time.sleep(0.5)


def _record_once(folder: str, content: bytes) -> None:
    fd = os.open(f"{folder}/exit.json.tmp", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(fd, content, 0)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(f"{folder}/exit.json.tmp", f"{folder}/exit.json")
    place = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def main() -> None:
    """Start on one's own: step out of the caller's session at once, so that nobody waits for the job."""
    if os.fork():
        os._exit(0)
    os.setsid()
    own(sys.argv[1], lambda _: None)


if __name__ == "__main__":
    main()
