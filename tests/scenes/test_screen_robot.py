"""A robot at the keys of the real screen, on a real run: keys in, facts of git and the system out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from stagehand import Scene, shell, simulated

from engine import Client, WaveState, find_project
from tui.app import WavetreeApp

PATIENCE = 40.0
SIZE = (120, 40)


class Robot:
    """The screen on the newest run of a scene, in a terminal that only the robot sees."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", scene.env["XDG_RUNTIME_DIR"])
        monkeypatch.setenv("WAVETREE_USER", "robot")
        project = find_project(scene.repo)
        self.client = Client(project, project.latest())
        self.app = WavetreeApp(self.client)
        self.pilot: Any = None

    async def __aenter__(self) -> Robot:
        self._context = self.app.run_test(size=SIZE)
        self.pilot = await self._context.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._context.__aexit__(*error)
        self.client.close()

    async def until(self, seen: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.screen()}"
            await asyncio.sleep(0.05)

    async def keys(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def approve(self, wave: int) -> None:
        """Look at the sheet, then consent: `a` opens it where it has not opened by itself."""
        await self.until(lambda: self.wave(wave).phase.value == "offered", f"the offer of wave {wave}")
        if type(self.app.screen).__name__ != "ApprovalSheet":
            await self.keys("a")
        await self.until(lambda: type(self.app.screen).__name__ == "ApprovalSheet", "the sheet")
        await self.until(lambda: getattr(self.app.screen, "hears", False), "a sheet that hears")
        await self.keys("enter")
        await self.until(lambda: bool(self.wave(wave).approved_by), "the approval")

    def screen(self) -> str:
        """What the terminal shows."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in lines)

    def phase(self, task: str) -> str:
        return self.client.state.tasks[task].phase.value

    def wave(self, number: int) -> WaveState:
        return self.client.state.waves[number - 1]

    def pid(self, task: str) -> int:
        return self.client.state.tasks[task].pid


def slow(name: str, seconds: float = 3.0) -> dict[str, Any]:
    says = [{"at": seconds * step / 10, "progress": step * 10} for step in range(1, 10)]
    return simulated(name, *says, seconds=seconds)


async def test_a_run_is_driven_from_approval_to_landing_by_keys(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M144, M207, M209, M212: nothing exists before the approval; a pause stops the processes and the bar."""
    plan = {"name": "robot", "slots": 2, "tasks": [slow("a"), slow("b", 1.0), shell("c", needs=["a"])]}
    scene("run", scene.plan(plan), "--detach")
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: "wave 1 waits for you" in robot.screen(), "the announcement")
        assert scene.worktrees() == [str(scene.repo)]
        await robot.approve(1)
        await robot.until(lambda: robot.pid("a") > 0 and robot.pid("b") > 0, "the agents")
        while robot.app.selected != "a":
            await robot.keys("down")
        await robot.until(lambda: (robot.client.state.tasks["a"].progress or 0) >= 10, "some progress")
        agent = psutil.Process(robot.pid("a"))
        await robot.keys("p")
        await robot.until(lambda: robot.client.state.tasks["a"].frozen, "the pause")
        assert agent.status() == psutil.STATUS_STOPPED
        await robot.until(lambda: "paused" in robot.screen(), "the word")
        log = robot.client.log_path("a")
        assert log
        said = log.read_text().count("progress=")  # what it printed before it stopped is still read
        await robot.until(lambda: robot.client.state.tasks["a"].progress == said * 10, "all it said")
        held = robot.client.state.tasks["a"].progress
        await asyncio.sleep(2)
        assert robot.client.state.tasks["a"].progress == held
        assert agent.status() == psutil.STATUS_STOPPED
        row = robot.app.frame.row("a")
        assert row and row.word == "paused" == scene.task("a")["state"]
        await robot.keys("p")
        await robot.until(lambda: robot.phase("a") == "merged", "its end")
        await robot.approve(2)
        await robot.until(lambda: robot.client.state.ended, "the run's end")
        assert scene.show("c.txt") == "c"
        assert scene.worktrees() == [str(scene.repo)]


async def test_leaving_keeps_the_run_going_and_coming_back_finds_it_further_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M224: the same run, further on."""
    scene("run", scene.plan({"name": "stay", "tasks": [slow("a", 4.0)]}), "--detach", "--auto-approve")
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: (robot.client.state.tasks["a"].progress or 0) >= 10, "progress")
        before = robot.client.state.tasks["a"].progress
        await robot.keys("q")
        await robot.until(lambda: "goes on" in robot.screen() or "keep" in robot.screen(), "the question")
        await robot.keys("enter")
        await robot.until(lambda: not robot.app.is_running, "the screen's end")
        run = robot.client.run
    assert scene.status()["engine_pid"]
    async with Robot(scene, monkeypatch) as robot:
        assert robot.client.run == run
        await robot.until(lambda: (robot.client.state.tasks["a"].progress or 0) > (before or 0), "more")
        await robot.until(lambda: robot.client.state.ended, "the end")


async def test_a_failure_is_told_on_the_tasks_page_and_retried_by_key(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M218: type, message, context and hints; the log; then `r`, and the second attempt goes well."""
    error = {
        "type": "ValidationError",
        "message": "DATABASE_URL missing",
        "context": "database.py",
        "recoveryHints": ["set DATABASE_URL", "or use sqlite"],
    }
    flaky = "test -e $0.tried && echo ok > ok.txt || { touch $0.tried; exit 3; }".replace(
        "$0", str(scene.folder / "flag")
    )
    tasks = [
        simulated("bad", simulate={"exit": 1, "error": error}),
        shell("flaky", flaky),
        slow("long", 6.0),
    ]
    scene("run", scene.plan({"name": "fail", "tasks": tasks}), "--detach", "--auto-approve")
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: robot.phase("bad") == robot.phase("flaky") == "failed", "the failures")
        while robot.app.selected != "bad":
            await robot.keys("down")
        await robot.keys("enter")
        for words in ("ValidationError", "DATABASE_URL missing", "set DATABASE_URL", "or use sqlite"):
            await robot.until(lambda words=words: words in robot.screen(), words)
        await robot.keys("escape")
        while robot.app.selected != "flaky":
            await robot.keys("down")
        await robot.keys("r")
        await robot.until(lambda: robot.client.state.tasks["flaky"].attempt == 2, "the second attempt")
        await robot.until(lambda: robot.phase("flaky") in ("complete", "merged"), "its success")
        await robot.until(lambda: robot.client.state.ended, "the end")


async def test_stopping_by_key_asks_first_and_ends_every_process(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M221, M094: what will be ended is named before it is."""
    scene("run", scene.plan({"name": "stop", "tasks": [slow("a", 30.0), slow("b", 30.0)]}), "--detach",
          "--auto-approve")  # fmt: skip
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: robot.pid("a") > 0 and robot.pid("b") > 0, "the agents")
        agents = [psutil.Process(robot.pid(name)) for name in ("a", "b")]
        await robot.keys("X")
        await robot.until(lambda: "stop 2 agents" in robot.screen().lower(), "the question")
        assert all(agent.is_running() for agent in agents)
        await robot.keys("escape")
        await robot.until(lambda: type(robot.app.screen).__name__ == "Dashboard", "the question gone")
        assert not robot.client.state.ended
        await robot.keys("X")
        await robot.until(lambda: "stop 2 agents" in robot.screen().lower(), "the question again")
        await robot.keys("y")
        await robot.until(lambda: robot.client.state.ended, "the stop")
        assert not any(agent.is_running() for agent in agents)
        assert {robot.phase(name) for name in ("a", "b")} == {"stopped"}


async def test_a_killed_engine_is_brought_back_by_key(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """M162: the header says that it is gone, `R` brings it back, the agent was never disturbed."""
    scene("run", scene.plan({"name": "back", "tasks": [slow("a", 4.0)]}), "--detach", "--auto-approve")
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: robot.pid("a") > 0, "the agent")
        agent = robot.pid("a")
        psutil.Process(robot.client.engine_pid).kill()
        await robot.until(lambda: "engine not running" in robot.screen(), "the word in the header")
        assert psutil.Process(agent).is_running()
        for name in ("HOME", "GIT_CONFIG_GLOBAL", "SCENE"):
            monkeypatch.setenv(name, scene.env[name])
        await robot.keys("R")
        await robot.until(lambda: robot.client.state.ended, "the end")
        assert robot.client.state.phase.value == "done"
        assert robot.client.state.tasks["a"].attempt == 1


async def test_a_conflict_is_settled_by_keys_and_the_run_ends_with_what_was_chosen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M216, M129, M211: two agents in the same line, told before any key is pressed, by the first scan that
    has news; the paused one goes on; nobody else stops"""
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    waits = "until [ -e $SCENE_FOLDER/{0} ]; do sleep 0.02; done"
    tasks = [
        shell("a", f"sed -i s/b/ours/ app.txt; {waits.format('a')}"),
        shell("b", f"{waits.format('b0')}; sed -i s/b/theirs/ app.txt; {waits.format('b')}"),
    ]
    scene.go({"slots": 2, "tasks": tasks})
    scene.until(lambda s: all(task["pid"] for task in s["tasks"]), "the agents")
    tree = scene.task("a")["worktree"]
    scene.until(lambda _: "ours" in scene.git("diff", cwd=tree), "the change of a")
    (scene.folder / "b0").touch()
    async with Robot(scene, monkeypatch) as robot:
        await robot.until(lambda: "conflict #1" in robot.screen(), "the alert, with no key pressed")
        (first, *_) = scene.events("OverlapsSeen")
        assert [overlap["file"] for overlap in first["data"]["overlaps"]] == ["app.txt"]
        await robot.until(lambda: robot.client.state.tasks["b"].frozen, "b paused")
        await robot.keys("c")
        await robot.until(lambda: "theirs, b" in robot.screen(), "both sides")
        await robot.keys("B", "enter")
        await robot.until(lambda: not robot.client.state.tasks["b"].frozen, "b going on")
        assert not robot.client.state.tasks["a"].frozen
        for name in "ab":
            (scene.folder / name).touch()
        await robot.until(lambda: robot.client.state.ended, "the end")
    assert scene.show("app.txt").split() == ["a", "theirs", "ours", "c"]
    assert scene.status()["decisions"][0]["by"] == "robot"


async def test_past_runs_are_looked_back_at_while_another_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M217: the numbers are those of `wavetree report`"""
    scene.run({"name": "before", "tasks": [shell("a", "echo 1 > a.txt")]})
    scene.go({"name": "now", "tasks": [slow("b", 20.0)]})
    async with Robot(scene, monkeypatch) as robot:
        await robot.keys("h")
        await robot.until(lambda: "before" in robot.screen(), "the list")
        await robot.keys("down")
        await robot.until(lambda: "1 of 1 task merged" in robot.screen(), "the report")
        await robot.keys("escape")
    scene("stop")
