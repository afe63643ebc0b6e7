"""From an empty start to a run, by keys: the start screen on a real repository (M220)."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from typing import Any

import pytest
from stagehand import Scene, simulated

from engine import Client, Phase, Stop
from tui.app import WavetreeApp
from tui.follows import NoRun
from tui.screens.start import StartScreen
from tui.work import Workbench

PATIENCE = 40.0


class Beginner:
    """Somebody at the start screen in the scene's repository; `presses` counts the keys."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in scene.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(tempfile, "tempdir", None)
        monkeypatch.chdir(scene.repo)
        self.bench = Workbench(scene.repo)
        self.app = WavetreeApp(NoRun(), first=StartScreen(self.bench))
        self.presses: list[str] = []
        self.pilot: Any = None

    async def __aenter__(self) -> Beginner:
        self._context = self.app.run_test(size=(120, 40))
        self.pilot = await self._context.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        client = self.app.client
        if isinstance(client, Client):
            await client.send(Stop())
            await self.until(lambda: client.refresh() or client.state.ended, "the end")
        await self._context.__aexit__(*error)
        self.bench.tidy()

    async def press(self, *keys: str) -> None:
        self.presses += keys
        await self.pilot.press(*keys)

    async def until(self, seen: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.screen()}"
            await asyncio.sleep(0.05)

    async def on(self, name: str) -> None:
        await self.until(lambda: type(self.app.screen).__name__ == name, name)
        await self.until(lambda: getattr(self.app.screen, "hears", True), "a screen that hears")

    def screen(self) -> str:
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in lines)

    def running(self) -> list[str]:
        tasks = self.app.client.state.tasks.values()
        return [task.id for task in tasks if task.phase is Phase.RUNNING]


async def test_an_empty_start_becomes_a_running_demo_in_at_most_six_keys(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M220: nothing is there to be found, so the demo is chosen already; its plan is shown before it runs."""
    async with Beginner(scene, monkeypatch) as beginner:
        await beginner.until(lambda: "▸ d demo" in beginner.screen(), "the choice")
        await beginner.press("enter")
        await beginner.on("PreviewScreen")
        assert "workflow-specialist" in beginner.screen()
        assert not list(scene.folder.glob("tmp/wavetree-demo-*"))
        await beginner.press("enter")
        await beginner.on("ApprovalSheet")
        await beginner.press("enter")
        await beginner.until(beginner.running, "agents at work")
        assert len(beginner.presses) <= 6
    assert not list(scene.folder.glob("tmp/wavetree-demo-*"))


async def test_a_plan_that_was_found_is_shown_whole_and_starts_nothing_before_its_key(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M220: plans of the repository come first; looking at one leaves no run, branch or worktree behind."""
    tasks = [simulated("one", seconds=9), simulated("two", seconds=9, files=["app.txt"])]
    plan = {"wavetree": 1, "name": "week", "slots": 2, "tasks": tasks}
    scene.write({"plan.yaml": json.dumps(plan)})
    async with Beginner(scene, monkeypatch) as beginner:
        await beginner.until(lambda: "plan.yaml" in beginner.screen(), "the plan")
        assert "2 tasks · 1 wave" in beginner.screen()
        await beginner.press("enter")
        await beginner.on("PreviewScreen")
        await beginner.press("escape")
        await beginner.on("StartScreen")
        assert not (scene.repo / ".git" / "wavetree").exists()
        assert scene.branches() == ["main"]
        await beginner.press("enter")
        await beginner.on("PreviewScreen")
        await beginner.press("enter")
        await beginner.on("ApprovalSheet")
        await beginner.press("enter")
        await beginner.until(beginner.running, "agents at work")
        assert scene.status()["state"] == "active"
        assert beginner.app.client.state.plan.name == "week"


async def test_the_newest_run_is_opened_by_its_letter_and_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M220: a past run is a choice too; its dashboard takes a stopped run up again."""
    scene.go({"name": "before", "tasks": [simulated("one", seconds=30)]})
    scene.until(lambda run: run["tasks"][0]["state"] == "running", "the agent")
    scene("stop")
    scene.ended()
    async with Beginner(scene, monkeypatch) as beginner:
        await beginner.until(lambda: "before · stopped · 0 of 1 merged" in beginner.screen(), "the run")
        await beginner.press("l")
        await beginner.on("Dashboard")
        await beginner.until(lambda: "R or `wavetree resume`" in beginner.screen(), "what to do")
        await beginner.press("R")
        await beginner.until(beginner.running, "the agent at work again")


def test_alone_on_a_terminal_it_is_the_start_screen_and_during_a_run_its_dashboard(scene: Scene) -> None:
    """M220: `wavetree` without a command, in a real terminal."""
    assert "choose the work" in on_a_terminal(scene, "choose the work")
    scene.go({"name": "week", "tasks": [simulated("one", seconds=30)]})
    assert "sessions" in on_a_terminal(scene, "sessions")


def on_a_terminal(scene: Scene, sign: str) -> str:
    """What `wavetree` shows in a terminal until the sign is there."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    screen = subprocess.Popen(
        [sys.executable, "-m", "tui"],
        cwd=scene.repo,
        env=scene.env | {"TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        close_fds=True,
    )
    os.close(slave)
    seen = b""
    deadline = time.monotonic() + PATIENCE
    try:
        while sign.encode() not in seen and time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 65536)
    finally:
        screen.kill()
        screen.wait()
        os.close(master)
    return seen.decode("utf-8", "replace")
