"""Real jobs in tmp_path; whatever a test leaves running is ended afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from bench_of_jobs import Bench

from engine.executors import groups
from engine.executors.local import LocalExecutor


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.clean()


@pytest.fixture
async def executor(bench: Bench) -> AsyncIterator[LocalExecutor]:
    executor = LocalExecutor()
    yield executor
    executor.close()


@pytest.fixture(params=["group", "sweep"])
async def either(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, bench: Bench
) -> AsyncIterator[LocalExecutor]:
    """An executor with control groups, then one without."""
    if request.param == "sweep":
        monkeypatch.setenv("WAVETREE_CGROUP", "0")
    elif groups.parent() is None:
        pytest.skip("no control group can be made here")
    executor = LocalExecutor()
    yield executor
    executor.close()
