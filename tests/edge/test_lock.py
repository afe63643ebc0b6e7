"""One engine per repository: the lock lives as long as its holder and that one's gits do (M164)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.core.errors import Refused
from engine.edge.lock import EngineLock, abandoned, alive, held, working_on

WITHIN = 20.0
HOLDER = """
import sys, time
from pathlib import Path
from engine.edge.lock import EngineLock
lock = EngineLock(Path(sys.argv[1]))
lock.acquire(run="r7")
if sys.argv[2:]:
    import subprocess
    child = subprocess.Popen(["sleep", "1000"], pass_fds=[lock.fd], stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
print("held", flush=True)
time.sleep(1000)
"""


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Holder:
    """Another process that has the lock; `child` is a process that inherited it."""

    def __init__(self, path: Path, *, with_child: bool = False) -> None:
        words = [sys.executable, "-c", HOLDER, str(path), *(["child"] if with_child else [])]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.child = int(self.process.stdout.readline()) if with_child else 0
        assert self.process.stdout.readline() == "held\n"

    def die(self) -> int:
        self.process.kill()
        self.process.wait()
        return self.process.pid

    def close(self) -> None:
        self.die()
        assert self.process.stdout
        self.process.stdout.close()
        if self.child and alive(self.child):
            os.kill(self.child, signal.SIGKILL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "engine.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[Holder]:
    made = Holder(path)
    yield made
    made.close()


@pytest.fixture
def parent(path: Path) -> Iterator[Holder]:
    made = Holder(path, with_child=True)
    yield made
    made.close()


def test_a_second_engine_is_refused_at_once_and_told_who_has_the_lock(path: Path, holder: Holder) -> None:
    began = time.monotonic()
    with pytest.raises(
        Refused, match=rf"a run is going on .*engine process {holder.process.pid}\)"
    ) as caught:
        EngineLock(path).acquire()
    assert time.monotonic() - began < 5
    assert "wavetree stop" in caught.value.remedy
    assert held(path) == holder.process.pid
    assert working_on(path) == "r7"


def test_the_lock_of_a_dead_process_is_taken_over_with_a_notice(path: Path, holder: Holder) -> None:
    pid = holder.die()
    assert (held(path), abandoned(path)) == (0, (pid, "r7"))
    lock = EngineLock(path)
    lock.acquire(run="r8")
    assert abandoned(path) == (0, "")
    assert lock.notice == f"took over the lock of process {pid}, which is gone"
    assert (held(path), working_on(path)) == (os.getpid(), "r8")
    lock.release()
    assert (held(path), working_on(path), path.read_text()) == (0, "", "")


def test_a_lock_released_in_good_order_is_taken_without_a_word(path: Path) -> None:
    for _ in range(2):
        lock = EngineLock(path)
        lock.acquire()
        assert lock.notice == ""
        lock.release()


def test_a_new_engine_waits_for_the_children_of_a_dead_one(path: Path, parent: Holder) -> None:
    pid = parent.die()
    assert held(path) == 0, "nobody's engine is at work; taking the lock is what waits"
    with pytest.raises(Refused, match=f"engine that is gone .process {pid}. are still at work"):
        EngineLock(path).acquire(patience=0.1)
    waiting = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: len(list(Path(f"/proc/{waiting.pid}/fd").iterdir())) > 3)
        assert held(path) == 0
        os.kill(parent.child, signal.SIGKILL)
        assert waiting.stdout
        assert waiting.stdout.readline() == "held\n"
        assert held(path) == waiting.pid
    finally:
        waiting.kill()
        waiting.communicate()


def test_a_child_without_the_descriptor_does_not_keep_the_lock(path: Path) -> None:
    lock = EngineLock(path)
    lock.acquire()
    agent = subprocess.Popen(["sleep", "1000"])
    try:
        os.close(lock.fd)
        assert held(path) == 0
        EngineLock(path).acquire(patience=0)
    finally:
        agent.kill()
        agent.wait()


@pytest.mark.parametrize("content", ["", "\n", "nonsense", "12x r1", "\0\0", "-5", "999999999 r1\n"])
def test_nonsense_in_the_lock_file_does_not_keep_anybody_out(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    assert held(path) == 0
    lock = EngineLock(path)
    lock.acquire(patience=0)
    assert held(path) == os.getpid()
    lock.release()


def test_a_holder_that_has_not_yet_written_its_name_still_counts(path: Path, holder: Holder) -> None:
    path.write_text("")
    assert held(path) == -1
    with pytest.raises(Refused, match="unknown"):
        EngineLock(path).acquire(patience=0.1)


def test_no_lock_file_means_that_nobody_holds_it(path: Path) -> None:
    assert held(path) == 0
    assert working_on(path) == ""


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    until(lambda: not alive(child.pid))
    child.wait()
    assert not alive(child.pid)
    assert alive(os.getpid())
    assert alive(1)
