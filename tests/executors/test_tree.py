"""Stopping, continuing and ending reach every process of a job, wherever it tried to hide."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from bench_of_jobs import Bench, happens

from engine.executors import groups, proctable, record, tree
from engine.executors.contract import Job
from engine.executors.local import LocalExecutor
from engine.executors.proctable import Process
from engine.executors.record import Identity

HOSTILE = str(Path(__file__).with_name("hostile.py"))


async def hostile(bench: Bench, executor: LocalExecutor, width: int = 6) -> tuple[Job, Identity]:
    job = bench.job(sys.executable, "-I", "-S", HOSTILE, str(width), "100")
    await executor.start(job)
    await happens(lambda: (job.cwd / "up").exists())
    whose = record.identity(job.folder)
    assert whose is not None
    await happens(lambda: len(tree.members(whose)) >= 4 + width)
    return job, whose


def beats(job: Job) -> int:
    return (job.cwd / "beats").stat().st_size


async def test_a_frozen_tree_stands_still_even_when_children_called_setsid_and_forked(
    bench: Bench, either: LocalExecutor
) -> None:
    job, whose = await hostile(bench, either)
    stopped = await either.freeze(job.folder)
    before = beats(job)
    assert stopped >= 10
    states = {entry.state for entry in tree.everyone(whose)}
    assert states == {"T"}
    await asyncio.sleep(0.3)  # silence takes time to hear
    assert beats(job) == before
    usage = either.usage(job.folder)
    assert usage.stopped
    assert usage.processes >= 10
    assert await either.freeze(job.folder) >= 10
    shim = proctable.process(whose.shim)
    assert shim is not None
    assert shim.state == "S"


async def test_a_thawed_tree_goes_on(bench: Bench, either: LocalExecutor) -> None:
    job, whose = await hostile(bench, either)
    await either.freeze(job.folder)
    before = beats(job)
    await either.thaw(job.folder)
    assert "T" not in {entry.state for entry in tree.everyone(whose)}
    await happens(lambda: beats(job) > before + 100)
    await either.thaw(job.folder)
    assert not either.usage(job.folder).stopped


async def test_after_kill_nothing_is_left(bench: Bench, either: LocalExecutor) -> None:
    job, whose = await hostile(bench, either)
    await either.kill(job.folder, grace=0.0)
    assert tree.everyone(whose) == []
    ending = await either.wait(job.folder)
    assert ending.signal == signal.SIGKILL
    assert not (whose.group and Path(whose.group).exists())
    await either.kill(job.folder, grace=0.0)
    assert await either.freeze(job.folder) == -1
    await either.thaw(job.folder)


async def test_a_frozen_tree_can_be_ended_politely(bench: Bench, either: LocalExecutor) -> None:
    job = bench.bash("trap 'echo wound up; exit 12' INT; echo up; while :; do sleep 0.02; done")
    await either.start(job)
    await happens(lambda: "up" in (job.folder / "out.log").read_text())
    await either.freeze(job.folder)
    await either.kill(job.folder, grace=10.0)
    assert (await either.wait(job.folder)).code == 12
    assert "wound up" in (job.folder / "out.log").read_text()


async def test_the_stop_sequence_goes_from_int_over_term_to_kill(bench: Bench, either: LocalExecutor) -> None:
    script = "trap 'echo int' INT; trap 'echo term' TERM; echo up; while :; do sleep 0.02; done 2> /dev/null"
    job = bench.bash(script)
    await either.start(job)
    await happens(lambda: "up" in (job.folder / "out.log").read_text())
    begun = time.monotonic()
    await either.kill(job.folder, grace=0.3)
    assert time.monotonic() - begun >= 0.6
    assert (job.folder / "out.log").read_text().split() == ["up", "int", "term"]
    assert (await either.wait(job.folder)).signal == signal.SIGKILL


async def test_a_paused_job_stays_paused_for_the_next_engine(bench: Bench, either: LocalExecutor) -> None:
    job, _ = await hostile(bench, either)
    await either.freeze(job.folder)
    before = beats(job)
    either.close()
    successor = LocalExecutor()
    assert (await successor.start(job)).adopted
    await asyncio.sleep(0.1)  # nothing may happen in it
    assert beats(job) == before
    await successor.thaw(job.folder)
    await happens(lambda: beats(job) > before)
    successor.close()


async def test_usage_tells_what_the_tree_reads_and_writes_a_second(
    bench: Bench, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M073: bytes a second since the last look, of all its processes; gone ones do not count back."""
    counted = {"bytes": 10_000_000}

    class Told:
        def __init__(self, pid: int) -> None:
            self.pid = pid

        def io_counters(self) -> SimpleNamespace:
            return SimpleNamespace(read_bytes=counted["bytes"], write_bytes=0)

    monkeypatch.setattr("engine.executors.local.psutil.Process", Told)
    job = bench.bash("sleep 60 & sleep 60 & echo up > up; wait")
    await executor.start(job)
    await happens(lambda: (job.cwd / "up").exists() and executor.usage(job.folder).processes == 3)
    assert executor.usage(job.folder).disk == 0.0
    begun = time.monotonic()
    await asyncio.sleep(1.1)  # a rate needs a while to be one
    counted["bytes"] += 1_000_000
    rate = executor.usage(job.folder).disk
    assert 3e6 / (time.monotonic() - begun + 2) < rate < 3e6
    await executor.kill(job.folder, grace=0.0)
    assert executor.usage(job.folder).disk == 0.0


async def test_usage_tells_the_cpu_and_memory_of_the_whole_tree(
    bench: Bench, executor: LocalExecutor
) -> None:
    script = (
        "import os, time; held = b'x' * 200_000_000; os.fork(); open('up', 'a').write('.')\nwhile True: pass"
    )
    job = bench.job(sys.executable, "-c", "import os\n" + script.replace("os.fork();", ""))
    await executor.start(job)
    await happens(lambda: (job.cwd / "up").exists())
    assert executor.usage(job.folder).cpu == 0.0
    await asyncio.sleep(0.5)  # CPU is a rate: it needs a while to be one
    usage = executor.usage(job.folder)
    assert 20.0 < usage.cpu < 120.0
    assert 160e6 < usage.rss < 240e6
    assert usage.processes == 1
    await executor.kill(job.folder, grace=0.0)
    assert executor.usage(job.folder).processes == 0


async def test_a_shim_that_its_job_stopped_is_woken(
    bench: Bench, executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.executors.local.LOOK_AGAIN", 0.05)
    job = bench.bash("while [ ! -e go ]; do sleep 0.02; done; kill -STOP $PPID; exit 2")
    await executor.start(job)
    (job.cwd / "go").touch()
    assert (await executor.wait(job.folder)).code == 2


async def test_a_pid_that_became_somebody_elses_is_left_alone(bench: Bench, executor: LocalExecutor) -> None:
    job = bench.bash("exec sleep 60")
    started = await executor.start(job)
    entry = proctable.process(started.pid)
    assert entry is not None
    stranger = entry._replace(started=entry.started - 1)
    tree.send(stranger, signal.SIGKILL)
    assert executor.usage(job.folder).processes == 1
    other_boot = Identity(
        shim=os.getpid(), shim_started=0, agent=0, agent_started=0, boot="another", mark=job.mark
    )
    assert tree.everyone(other_boot) == []


async def test_only_the_group_that_can_be_made_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts, membership = tmp_path / "mounts", tmp_path / "cgroup"
    membership.write_text("9:cpu:/\n0::/user.slice/x.scope\n")
    mounts.write_text(f"tmpfs /tmp tmpfs rw 0 0\ncgroup2 {tmp_path}/root cgroup2 rw 0 0\n")
    monkeypatch.delenv("WAVETREE_CGROUP", raising=False)
    assert groups.parent(mounts, membership) is None
    (tmp_path / "root/user.slice/x.scope").mkdir(parents=True)
    assert groups.parent(mounts, membership) is None  # a plain folder is no control group
    assert list((tmp_path / "root/user.slice/x.scope").iterdir()) == []
    assert groups.parent(tmp_path / "missing", membership) is None


def test_the_table_read_from_ps_agrees_with_proc() -> None:
    mine = os.getpid()
    exact, portable = proctable.process(mine), proctable.from_ps("-p", str(mine)).get(mine)
    assert exact is not None
    assert portable is not None
    assert isinstance(portable, Process)
    assert portable.parent == exact.parent
    assert abs(portable.pages - exact.pages) < 5_000
    assert abs(portable.started - time.time()) < 86_400
    assert portable == proctable.from_ps("-ax")[mine]._replace(
        cpu=portable.cpu, pages=portable.pages, state=portable.state
    )
