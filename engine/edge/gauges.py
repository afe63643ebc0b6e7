"""Reads the machine's gauges (M070): CPU, memory, disk and network, never waiting for any of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psutil

from engine.core.vitals import Vitals

SHORTEST = 0.1  # seconds between two readings; over less, a rate is noise
LOOPBACK = ("lo", "lo0")

T = TypeVar("T")


class Source(Protocol):
    """Where the readings come from: the part of psutil that is used."""

    def cpu_percent(self, interval: float | None = None) -> float: ...
    def virtual_memory(self) -> Any: ...
    def disk_io_counters(self) -> Any: ...
    def net_io_counters(self, pernic: bool = False) -> Any: ...
    def disk_usage(self, path: str) -> Any: ...


class Gauges:
    """The machine's gauges. `path` is on the file system whose free space counts; `link_speed` is what the
    network connection can carry, in bytes per second."""

    def __init__(self, path: Path, link_speed: float = 125e6, source: Source | Any = psutil) -> None:
        self._path = path
        self._link_speed = link_speed
        self._source = source
        self._bytes: tuple[int, int] | None = None
        self._last = Vitals(at=float("-inf"))

    def sample(self, now: float) -> Vitals:
        """The machine at `now`, in seconds of any clock that goes forward. Rates are those since the last
        sample; the first has none and says zero. What the system does not tell is zero too."""
        passed = now - self._last.at
        if 0 <= passed < SHORTEST:
            return self._last
        first = self._bytes is None
        disk, network = _told(self._disk_bytes, 0), _told(self._network_bytes, 0)
        disk_before, network_before = self._bytes or (disk, network)
        self._bytes = (disk, network)
        cpu = _told(lambda: float(self._source.cpu_percent(interval=None)), 0.0)
        sent = _rate(network, network_before, passed)
        memory = _told(self._source.virtual_memory, None)
        self._last = Vitals(
            at=now,
            cpu=0.0 if first else min(100.0, max(0.0, cpu)),
            ram=float(memory.percent) if memory is not None else 0.0,
            ram_total=int(memory.total) if memory is not None else 0,
            disk=_rate(disk, disk_before, passed),
            network=sent,
            network_percent=min(100.0, 100.0 * sent / self._link_speed) if self._link_speed > 0 else 0.0,
            disk_free=_told(lambda: int(self._source.disk_usage(str(self._path)).free), 0),
        )
        return self._last

    def _disk_bytes(self) -> int:
        counters = self._source.disk_io_counters()
        return int(counters.read_bytes + counters.write_bytes) if counters is not None else 0

    def _network_bytes(self) -> int:
        """All that went over a real connection: agents talking to this machine itself load none."""
        cards = self._source.net_io_counters(pernic=True)
        used = (counters for name, counters in cards.items() if name not in LOOPBACK)
        return sum(int(counters.bytes_sent + counters.bytes_recv) for counters in used)


def _rate(now: int, before: int, passed: float) -> float:
    """Bytes per second; zero when a counter went back, as it does when a device goes away."""
    return max(0.0, (now - before) / passed) if passed > 0 else 0.0


def _told(read: Callable[[], T], otherwise: T) -> T:
    """The reading, or `otherwise` where the system (a container, say) does not give it."""
    try:
        return read()
    except (OSError, NotImplementedError, RuntimeError, psutil.Error):
        return otherwise
