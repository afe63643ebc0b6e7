"""The gauges show what the machine does, from the second look on, and never invent a spike."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace as Reading
from typing import Any

import psutil
import pytest

from engine.core.vitals import Vitals
from engine.edge.gauges import Gauges


class Machine:
    """A machine whose readings a test sets."""

    def __init__(self) -> None:
        self.cpu, self.disk, self.network = 30.0, 10**12, 10**12
        self.asked: list[Any] = []

    def cpu_percent(self, interval: float | None = None) -> float:
        self.asked.append(interval)
        return self.cpu

    def virtual_memory(self) -> Reading:
        return Reading(percent=50.0, total=16 * 2**30)

    def disk_io_counters(self) -> Reading:
        return Reading(read_bytes=self.disk, write_bytes=0)

    def net_io_counters(self, pernic: bool = False) -> dict[str, Reading]:
        assert pernic
        noise = Reading(bytes_sent=self.network * 9, bytes_recv=0)
        return {"lo": noise, "eth0": Reading(bytes_sent=0, bytes_recv=self.network)}

    def disk_usage(self, path: str) -> Reading:
        return Reading(free=7 * 2**30)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_the_first_sample_has_no_rates_however_long_the_machine_has_run(machine: Machine) -> None:
    vitals = Gauges(Path("/"), source=machine).sample(1000.0)
    assert vitals == Vitals(at=1000.0, ram=50.0, ram_total=16 * 2**30, disk_free=7 * 2**30)


def test_rates_are_those_since_the_last_sample(machine: Machine) -> None:
    gauges = Gauges(Path("/"), link_speed=125e6, source=machine)
    gauges.sample(10.0)
    machine.disk += 30_000_000
    machine.network += 50_000_000
    vitals = gauges.sample(12.0)
    assert (vitals.cpu, vitals.ram) == (30.0, 50.0)
    assert (vitals.disk, vitals.network, vitals.network_percent) == (15e6, 25e6, 20.0)
    vitals = gauges.sample(13.0)
    assert (vitals.disk, vitals.network) == (0.0, 0.0)


def test_a_look_too_soon_gets_the_last_reading(machine: Machine) -> None:
    gauges = Gauges(Path("/"), source=machine)
    gauges.sample(10.0)
    machine.disk += 1_000_000
    assert gauges.sample(10.001).disk == 0.0
    assert gauges.sample(11.0).disk == 1e6


def test_a_counter_that_goes_back_is_no_rate_and_nothing_exceeds_the_link(machine: Machine) -> None:
    gauges = Gauges(Path("/"), link_speed=1e6, source=machine)
    gauges.sample(10.0)
    machine.disk -= 5_000
    machine.network += 10**10
    machine.cpu = 250.0
    vitals = gauges.sample(11.0)
    assert (vitals.disk, vitals.network_percent, vitals.cpu) == (0.0, 100.0, 100.0)


def test_what_the_system_does_not_tell_is_zero(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> None:
        raise NotImplementedError

    for name in ("virtual_memory", "disk_usage", "net_io_counters", "cpu_percent"):
        monkeypatch.setattr(machine, name, silent)
    monkeypatch.setattr(machine, "disk_io_counters", lambda: None)
    gauges = Gauges(Path("/"), source=machine)
    gauges.sample(10.0)
    assert gauges.sample(11.0) == Vitals(at=11.0)


def test_nothing_ever_waits(machine: Machine) -> None:
    gauges = Gauges(Path("/"), source=machine)
    for now in range(3):
        gauges.sample(float(now))
    assert set(machine.asked) == {None}


def test_the_real_machine_is_read(tmp_path: Path) -> None:
    gauges = Gauges(tmp_path)
    gauges.sample(0.0)
    (tmp_path / "file").write_bytes(b"x" * 1000)
    vitals = gauges.sample(5.0)
    assert vitals.ram_total == psutil.virtual_memory().total
    assert 0.0 < vitals.ram < 100.0
    assert vitals.disk_free > 0
    assert 0.0 <= vitals.cpu <= 100.0
