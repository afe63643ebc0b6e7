"""What was measured a moment ago and is worth no record: the machine's load and each session's processes."""

from __future__ import annotations

from msgspec import Struct


class SessionVitals(Struct, frozen=True):
    """One session's process tree. CPU in percent of one core, memory in bytes, `disk` in bytes a second, ages
    in seconds; `changed` is the number of files that are not committed."""

    cpu: float = 0.0
    rss: int = 0
    processes: int = 0
    output_age: float = 0.0
    commits: int = 0
    changed: int = 0
    health: str = "healthy"
    disk: float = 0.0


class Vitals(Struct, frozen=True):
    """The machine: CPU and RAM in percent, disk and network in bytes per second, network also in percent
    of the configured link (M070)."""

    at: float = 0.0
    cpu: float = 0.0
    ram: float = 0.0
    ram_total: int = 0
    disk: float = 0.0
    network: float = 0.0
    network_percent: float = 0.0
    disk_free: int = 0
    sessions: dict[str, SessionVitals] = {}
