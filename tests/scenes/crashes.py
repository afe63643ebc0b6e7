"""A small run that is crashed and taken up again, and everything that has to be true when it is over."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
from stagehand import Scene

from engine.client import Client
from engine.core.commands import Resume
from engine.core.state import RunPhase, State
from engine.core.verdicts import RunCreated
from engine.edge.runs import Project
from engine.importers.loading import load

ENGINE = (sys.executable, "-P", "-m", "engine.serve")
CRASHING = (sys.executable, "-P", str(Path(__file__).parent / "crashing_engine.py"))
RESUME = msgspec.json.encode(Resume("the test")).decode()
WITHIN = 60.0
FULL = os.environ.get("WAVETREE_CAMPAIGN") == "full"

# Each agent writes down outside the repository that it did its work: a second time would be seen.
PLAN = """
wavetree: 1
name: crash
slots: 2
setup:
  copy: [.env]
gates:
  task:
    - name: whole
      run: test -f app.txt && ! ls half-* 2>/dev/null
tasks:
  - id: commits
    run: |
      test -f .env
      echo commits >> {counter}
      echo one > committed.txt
      git add committed.txt
      git commit -qm 'work of commits'
  - id: leaves
    run: |
      echo leaves >> {counter}
      echo two > left.txt
      sleep 0.1
      sed -i s/b/B/ app.txt
  - id: orphans
    needs: [commits]
    run: |
      echo orphans >> {counter}
      cat committed.txt > three.txt
      (setsid sleep 1000 & echo $! > /dev/null)
  - id: last
    needs: [commits, leaves]
    run: |
      echo last >> {counter}
      cat left.txt committed.txt > four.txt
      git add four.txt
      git commit -qm 'work of last'
      echo more >> four.txt
waves:
  - name: first
    tasks: [commits, leaves]
  - name: second
    tasks: [orphans, last]
"""
TASKS = ("commits", "leaves", "orphans", "last")


def until(seen: Callable[[], bool], what: str) -> None:
    """Wait for something to become true; fails when that takes too long."""
    deadline = time.monotonic() + WITHIN
    while not seen():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def cut_power(scene: Scene) -> None:
    """End everything at one moment: nobody sees anybody else end."""
    for act in (psutil.Process.suspend, psutil.Process.kill):
        for process in scene.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                act(process)
    until(lambda: not scene.processes(), "silence")


@contextlib.contextmanager
def fresh(folder: Path, plan: str = PLAN, *, auto: bool = True) -> Iterator[Crashes]:
    """A run of its own in a new `folder`, which is gone afterwards together with all that the run started."""
    folder.mkdir()
    runtime = Path(tempfile.mkdtemp(prefix="wt-", dir="/tmp"))
    scene = Scene(folder, runtime)
    try:
        yield Crashes(scene, plan, auto=auto)
    finally:
        for process in scene.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        shutil.rmtree(runtime, ignore_errors=True)
    shutil.rmtree(folder)


class Crashes:
    """One run of `plan` in a scene's repository, by engines that are started directly and may be killed."""

    def __init__(self, scene: Scene, plan: str = PLAN, *, auto: bool = True) -> None:
        self.scene = scene
        self.counter = scene.folder / "counter.txt"
        scene.write({".gitignore": "*.log\n.env\n", ".env": "SECRET=1\n"})
        scene.git("commit", "-qam", "ignore .env")
        self.project = Project(scene.repo, scene.repo / ".git")
        made = load(Path(scene.plan(plan.replace("{counter}", str(self.counter)))))
        sha = scene.git("rev-parse", "main")
        first = RunCreated(
            "r1", made, str(scene.repo), "main", sha, "wavetree/r1", made.slots, auto_approve=auto
        )
        self.folder = self.project.create(first)
        scene.write({"person.txt": "meanwhile\n"})
        scene.git("add", "person.txt")
        scene.git("commit", "-qm", "a person's commit while agents work")

    def engine(self, how: Sequence[str] = ENGINE, *more: str) -> subprocess.Popen[bytes]:
        """Start an engine for the run; its words go to the run's log."""
        words = [*how, str(self.project.checkout), str(self.project.common), "r1", *more]
        with (self.folder / "engine.log").open("ab") as log:
            return subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.scene.env, cwd=self.folder
            )

    def crash(self, side: str, moment: int | str) -> bool:
        """Run an engine that is killed at that write; False when the run was over before."""
        code = self.engine(CRASHING, side, str(moment)).wait(WITHIN)
        assert code in (0, -9), f"exit {code}\n{self.log()}"
        return code == -9

    def finish(self) -> State:
        """What `wavetree resume` starts, undisturbed and to its end."""
        code = self.engine(ENGINE, RESUME).wait(WITHIN)
        assert code == 0, f"exit {code}\n{self.log()}"
        return self.state()

    def state(self) -> State:
        client = Client(self.project, "r1")
        try:
            return client.state
        finally:
            client.close()

    def log(self) -> str:
        return (self.folder / "engine.log").read_text(errors="replace")

    def tree(self) -> str:
        return self.scene.git("rev-parse", "main^{tree}")

    def merged(self) -> list[str]:
        """The tasks on the integration branch's first-parent chain, oldest first."""
        form = "--format=%(trailers:key=Wavetree-Task,valueonly,separator=%x2c)"
        listed = self.scene.git("log", "--first-parent", "--reverse", form, "wavetree/r1")
        return [line for line in listed.splitlines() if line]

    def faults(self, tree: str, tasks: Sequence[str] = TASKS) -> list[str]:
        """Everything that is not as it should be after a run that is done; `tree` is what main must hold."""
        scene, state = self.scene, self.state()
        errors = [task.error.message for task in state.tasks.values() if task.error]
        found = {
            "errors": (errors, []),
            "state": (state.phase, RunPhase.DONE),
            "reason": (state.reason, f"all {len(tasks)} tasks are merged"),
            "tree": (self.tree(), tree),
            "merged": (sorted(self.merged()), sorted(tasks)),
            "work": (self._worked(), sorted(tasks)),
            "attempts": ({task.attempt for task in state.tasks.values()}, {1}),
            "landed": (scene.git("rev-parse", "main"), scene.git("rev-parse", "wavetree/r1")),
            "checkout": (scene.git("status", "--porcelain", "--ignored"), "!! .env"),
            "worktrees": (scene.worktrees()[1:], []),
            "branches": (scene.branches(), ["main", "wavetree/r1"]),
            "candidates": (scene.git("for-each-ref", "refs/wavetree/candidate"), ""),
            "beside": (self._beside(), ["shop"]),
            "locks": (self._locks(), []),
            "lock": ((self.project.lock).read_text(), ""),
            "trash": ([entry.name for entry in (self.project.home / "trash").iterdir()], []),
            "marks": ([entry.name for entry in (self.project.home / "worktrees").iterdir()], []),
            "fsck": (scene.git("fsck", "--strict", "--no-dangling", "--no-progress"), ""),
            "alive": ([" ".join(process.cmdline()) for process in scene.processes()], []),
        }
        return [f"{name}: {is_} instead of {shall}" for name, (is_, shall) in found.items() if is_ != shall]

    def _worked(self) -> list[str]:
        """The tasks whose agents did their work, each as often as it was done."""
        return sorted(self.counter.read_text().split()) if self.counter.exists() else []

    def _locks(self) -> list[str]:
        files = sorted(self.project.common.rglob("*.lock"))
        return [str(file) for file in files if file != self.project.lock]

    def _beside(self) -> list[str]:
        """What lies beside the repository and was not put there by the test."""
        own = {"home", "tmp", "plan.yaml", self.counter.name}
        return sorted(entry.name for entry in self.scene.folder.iterdir() if entry.name not in own)
