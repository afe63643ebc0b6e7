"""Control groups (cgroup v2): one per job where the system lets us, for stopping a tree in one stroke."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

FROZEN_WITHIN = 1.0  # seconds in which the kernel is expected to have stopped a group


def parent(
    mounts: Path = Path("/proc/self/mounts"), membership: Path = Path("/proc/self/cgroup")
) -> Path | None:
    """The group in which this process may make groups, or None. WAVETREE_CGROUP=0 says none."""
    if os.environ.get("WAVETREE_CGROUP") == "0":
        return None
    try:
        mounted = [line.split() for line in mounts.read_text().splitlines()]
        own = [line[3:] for line in membership.read_text().splitlines() if line.startswith("0::")]
    except OSError:
        return None
    roots = [fields[1] for fields in mounted if len(fields) > 2 and fields[2] == "cgroup2"]
    if not roots or not own:
        return None
    place = Path(roots[0]) / own[0].lstrip("/")
    return place if _can_make(place) else None


def _can_make(place: Path) -> bool:
    probe = place / f"wavetree-probe-{os.getpid()}"
    try:
        probe.mkdir()
    except OSError:
        return False
    able = (probe / "cgroup.freeze").exists() and os.access(probe / "cgroup.procs", os.W_OK)
    with contextlib.suppress(OSError):
        probe.rmdir()
    return able


def name(place: Path, folder: Path) -> str:
    """The path of the group of the job in `folder`: the same whoever asks."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return str(place / f"wavetree-{digest}")


def members(group: str) -> list[int]:
    """The processes in the group and in groups made below it; empty when there is no group."""
    if not group:
        return []
    found: list[int] = []
    for place, _, _ in os.walk(group):
        with contextlib.suppress(OSError):
            found += [int(line) for line in (Path(place) / "cgroup.procs").read_text().split()]
    return found


def freeze(group: str) -> bool:
    """Hold every process of the group; False when it cannot be done or does not happen in time."""
    if not _write(group, "cgroup.freeze", "1"):
        return False
    deadline = time.monotonic() + FROZEN_WITHIN
    while time.monotonic() < deadline:
        try:
            if "frozen 1" in (Path(group) / "cgroup.events").read_text():
                return True
        except OSError:
            return False
        time.sleep(0.0005)
    return False


def thaw(group: str) -> None:
    """Let go of what `freeze` held; nothing happens when it held nothing."""
    _write(group, "cgroup.freeze", "0")


def kill(group: str) -> None:
    """End every process of the group at once, where the kernel can (5.14 and newer)."""
    _write(group, "cgroup.kill", "1")


def remove(group: str) -> None:
    """Take the empty group away, with groups made below it."""
    if group:
        for place, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(place).rmdir()


def _write(group: str, name: str, value: str) -> bool:
    if not group:
        return False
    try:
        fd = os.open(f"{group}/{name}", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(fd, value.encode())
    except OSError:
        return False
    finally:
        os.close(fd)
    return True
