"""A repository of its own for each test, and `wavetree` as a person's shell runs it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tui.__main__ import main

WAVETREE = (sys.executable, "-P", "-m", "tui")
PATIENCE = 60.0


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The last line as JSON."""
        return json.loads(self.out.splitlines()[-1])


class Scene:
    """A repository with one commit; commands run in it with an environment that no other test shares."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self.folder = folder
        self.repo = folder / "shop"
        self.sign = f"scene-{uuid.uuid4().hex}"
        home, temporary = folder / "home", folder / "tmp"
        for made in (home, temporary, self.repo):
            made.mkdir(parents=True)
        config = home / ".gitconfig"
        config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n")
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WAVETREE"))
        }
        self.env = kept | {
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CONFIG_NOSYSTEM": "1",
            "XDG_RUNTIME_DIR": str(runtime),
            "TMPDIR": str(temporary),
            "LC_ALL": "C.UTF-8",
            "SCENE": self.sign,
        }
        self.git("init", "-q", "-b", "main")
        self.write({"app.txt": "a\nb\nc\n", "src/one.txt": "1\n", ".gitignore": "*.log\n"})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "start")

    # ── what a person does ──────────────────────────────────────────────────────────────────────────

    def __call__(
        self,
        *words: str,
        cwd: Path | None = None,
        code: int | None = 0,
        input: str = "",
        env: dict[str, str] | None = None,
    ) -> Done:
        """Run `wavetree` with these words; its exit code must be `code` unless that is None."""
        process = subprocess.run(
            [*WAVETREE, *words],
            cwd=cwd or self.repo,
            env=self.env | (env or {}),
            input=input,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        done = Done(process.returncode, process.stdout, process.stderr)
        assert code is None or done.code == code, f"{words}: exit {done.code}\n{done.out}\n{done.err}"
        return done

    def start(self, *words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start `wavetree` and do not wait for it."""
        return subprocess.Popen(
            [*WAVETREE, *words],
            cwd=cwd or self.repo,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, plan: str | dict[str, Any], *words: str, code: int | None = 0) -> Done:
        """A headless run to its end, every wave approved; its last line is the result."""
        return self("run", self.plan(plan), "--headless", "--auto-approve", "--json", *words, code=code)

    def go(self, plan: str | dict[str, Any], *words: str) -> None:
        """Start a run in the background, every wave approved."""
        self("run", self.plan(plan), "--detach", "--auto-approve", *words)

    def plan(self, plan: str | dict[str, Any], name: str = "plan.yaml") -> str:
        """Write a plan beside the repository: a whole one as text or data."""
        path = self.folder / name
        path.write_text(plan if isinstance(plan, str) else json.dumps({"wavetree": 1, **plan}))
        return str(path)

    def shell(self, command: str, cwd: Path | None = None) -> Done:
        """Run a line that a person pastes into a shell."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=cwd or self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def git(self, *words: str, cwd: Path | None = None, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=cwd or self.repo,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert not check or done.returncode == 0, f"git {words}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def write(self, files: dict[str, str], where: Path | None = None) -> None:
        for name, text in files.items():
            path = (where or self.repo) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    # ── what can be seen ────────────────────────────────────────────────────────────────────────────

    def look(self, *words: str) -> Done:
        """What a command that only reads prints, carried out in this process: a tenth of a new one's work.
        Within an event loop, of which there can be only one, it takes a new one after all."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            return self(*words)
        before, place, out = dict(os.environ), Path.cwd(), io.StringIO()
        try:
            os.environ.clear()
            os.environ.update(self.env)
            os.chdir(self.repo)
            with contextlib.redirect_stdout(out):
                code = main(words)
        finally:
            os.chdir(place)
            os.environ.clear()
            os.environ.update(before)
        assert code == 0, f"{words}: exit {code}\n{out.getvalue()}"
        return Done(code, out.getvalue(), "")

    def status(self, *words: str) -> Any:
        return self.look("status", *words, "--json").data

    def task(self, name: str) -> Any:
        return next(task for task in self.status()["tasks"] if task["id"] == name)

    def events(self, kind: str = "") -> list[Any]:
        rows = [json.loads(line) for line in self.look("events", "--json").out.splitlines()]
        return [row for row in rows if not kind or row["kind"] == kind]

    def until(self, seen: Callable[[Any], bool], what: str = "it") -> Any:
        """The status once `seen` accepts it; fails when that takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not seen(status := self.status()):
            assert time.monotonic() < deadline, f"waited in vain for {what}: {json.dumps(status, indent=1)}"
            time.sleep(0.05)
        return status

    def ended(self) -> Any:
        return self.until(lambda status: status["state"] in ("done", "failed", "stopped"), "the run's end")

    def worktrees(self) -> list[str]:
        """The paths git knows, the main checkout first."""
        lines = self.git("worktree", "list", "--porcelain").splitlines()
        return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    def show(self, path: str, at: str = "main") -> str:
        return self.git("show", f"{at}:{path}")

    def processes(self, task: str = "") -> list[psutil.Process]:
        """Every living process that this scene started, directly or not; with `task`, those of its agent."""
        found = []
        for process in psutil.process_iter():
            try:
                names = process.environ()
                ours = names.get("SCENE") == self.sign and (not task or names.get("WAVETREE_TASK") == task)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def left(self) -> list[psutil.Process]:
        """The same, once the engine had the time to go."""
        deadline = time.monotonic() + 5
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    def close(self) -> list[str]:
        """End what still runs; the command lines of what should have ended long ago."""
        if (self.repo / ".git" / "wavetree" / "runs").exists():
            self("stop", code=None)
        words = []
        for process in self.left():
            try:
                words.append(f"{process.pid}: {' '.join(process.cmdline())}")
                process.send_signal(signal.SIGKILL)
            except psutil.Error:
                continue
        return words


def simulated(task_id: str, *do: dict[str, Any], seconds: float = 0.3, **more: Any) -> dict[str, Any]:
    """A task whose agent writes `<id>.txt` at once, does what `do` says and ends after `seconds`."""
    writes = {"at": 0, "write": {"path": f"{task_id}.txt", "text": f"{task_id}\n"}}
    script = {"duration": seconds, "do": [writes, *do], **more.pop("simulate", {})}
    return {"id": task_id, "agent": "simulated", "simulate": script, **more}


def shell(task_id: str, run: str = "", **more: Any) -> dict[str, Any]:
    """A task that bash carries out; by default it writes `<id>.txt`."""
    return {"id": task_id, "run": run or f"echo {task_id} > {task_id}.txt", **more}
