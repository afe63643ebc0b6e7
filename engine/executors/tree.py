"""A job's whole process tree: who is in it, and stopping, continuing, signalling and ending all of it.

A process may leave its group, its session and its parent, and fork while it is being looked for. Two things
it cannot leave: the shim, to which the kernel hands every orphan of the job, and the mark in its
environment. So a sweep repeats until looks in a row find nobody new: two, or many where processes come and go
so fast that one may hide between the looks. A control group, where the job has one, makes that quick: frozen,
nobody forks while the signals are handed out.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.executors import groups, proctable
from engine.executors.proctable import Process
from engine.executors.record import Identity

SWEEP_WITHIN = 20.0  # seconds after which a sweep gives up on a tree that never comes to rest
QUIET_LOOKS = 2  # looks without anybody new that end a sweep
BUSY_LOOKS = 30  # the same, of looks during which somebody ended whose successor may be one of ours
_AT_REST = "TtZXD"  # stopped, dead, or in the kernel's hands with the signal waiting


def members(job: Identity, processes: Mapping[int, Process] | None = None) -> list[Process]:
    """Everything alive below the job's shim, quickly; `processes` may be a table read before."""
    processes = proctable.table() if processes is None else processes
    if not job.shim_lives():
        return []
    return proctable.descendants(dict(processes), job.shim)


def everyone(job: Identity) -> list[Process]:
    """Everything alive that belongs to the job by descent, group or mark; never the shim."""
    return _everyone(job, proctable.table()) if job.here() else []


def _everyone(job: Identity, processes: Mapping[int, Process]) -> list[Process]:
    found = {entry.pid: entry for entry in members(job, processes)}
    inside = set(groups.members(job.group))
    for pid, entry in processes.items():
        if pid in found or pid in (job.shim, os.getpid()) or entry.state in "ZX":
            continue
        if pid in inside or _marked(pid, job.mark):
            found[pid] = entry
    return list(found.values())


def stop(job: Identity) -> int:
    """Stop every process for good (SIGSTOP); how many are stopped. Never the shim, which has to go on."""
    held = groups.freeze(job.group)
    try:
        if held:
            _sweep(job, signal.SIGSTOP, lambda _: True)
    finally:
        groups.thaw(job.group)
    at_rest = _sweep(job, signal.SIGSTOP, lambda entry: entry.state in _AT_REST, sure=held)
    return len(at_rest)


def go_on(job: Identity) -> None:
    """Continue every stopped process, also one whose engine died between freezing and stopping it."""
    groups.thaw(job.group)
    deadline = time.monotonic() + SWEEP_WITHIN
    while time.monotonic() < deadline:
        stopped = [entry for entry in everyone(job) if entry.state in "Tt"]
        if not stopped:
            return
        for entry in stopped:
            send(entry, signal.SIGCONT)
        time.sleep(0.002)


def tell(job: Identity, number: int) -> int:
    """Send a signal once to every process and wake those that are stopped; how many there were."""
    groups.thaw(job.group)
    entries = everyone(job)
    for entry in entries:
        send(entry, number)
    for entry in entries:
        send(entry, signal.SIGCONT)
    return len(entries)


def end(job: Identity) -> int:
    """Kill every process; how many there were. A shim that somebody stopped is woken to record it."""
    before = {(entry.pid, entry.started) for entry in everyone(job)}
    groups.kill(job.group)
    found = before | _sweep(job, signal.SIGKILL, lambda entry: entry.state in "ZX")  # who kills looks again
    shim = proctable.process(job.shim)
    if shim is not None and job.here() and shim.started == job.shim_started:
        send(shim, signal.SIGCONT)
    return len(found)


def _sweep(
    job: Identity, number: int, settled: Callable[[Process], bool], *, sure: bool = True
) -> set[tuple[int, int]]:
    """Signal everyone until `QUIET_LOOKS` looks in a row find nobody new or unsettled; where these are
    not `sure` to find everybody, `BUSY_LOOKS` of those that may have missed one."""
    seen: set[tuple[int, int]] = set()
    quiet = 0.0
    deadline = time.monotonic() + SWEEP_WITHIN
    while quiet < 1 and time.monotonic() < deadline and job.here():
        _strike(job, number)
        processes, missed = proctable.look()
        entries = _everyone(job, processes)
        restless = [
            entry for entry in entries if (entry.pid, entry.started) not in seen or not settled(entry)
        ]
        for entry in restless:
            send(entry, number)
            seen.add((entry.pid, entry.started))
        quiet = 0 if restless else quiet + 1 / (BUSY_LOOKS if missed and not sure else QUIET_LOOKS)
    return seen


def _strike(job: Identity, number: int) -> None:
    """Signal each marked process the moment it is found, youngest first: one that forks its successor and
    ends within milliseconds would be gone by the time a whole table has been read."""
    if not hasattr(os, "pidfd_open") or not job.here():
        return
    for pid in sorted(proctable.pids(), reverse=True):
        if pid in (job.shim, os.getpid()):
            continue
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                if _marked(pid, job.mark):
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)


def send(entry: Process, number: int) -> None:
    """Signal exactly this process: a pid that became somebody else's in the meantime is left alone."""
    with contextlib.suppress(OSError):
        if not hasattr(os, "pidfd_open"):
            os.kill(entry.pid, number)
            return
        handle = os.pidfd_open(entry.pid)
        try:
            now = proctable.process(entry.pid)
            if now is not None and now.started == entry.started:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _marked(pid: int, mark: str) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"WAVETREE_MARK={mark}".encode() in environment.split(b"\0")
