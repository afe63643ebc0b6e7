"""One engine, three ways to steer it: commands, Python, keys; all lead to the same run."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from stagehand import PATIENCE, Scene, shell

from engine import (
    Approve,
    Client,
    Options,
    Pause,
    Phase,
    SetSlots,
    State,
    Unpause,
    WavePhase,
    find_project,
    load_plan,
    preflight,
    start_run,
)
from tui.app import WavetreeApp
from tui.screens.approval import ApprovalSheet

Outline = tuple[Counter[str], str]


def plan(scene: Scene) -> str:
    wait = f"until [ -e {scene.folder}/go ]; do sleep 0.05; done; echo x > x.txt"
    return scene.plan({"slots": 3, "tasks": [shell("x", wait), shell("y"), shell("z", needs=["x"])]})


def outline(scene: Scene) -> Outline:
    """How often each kind of event happened, and the base's tree at the end. Two files that came one after
    the other are seen in one look or in two."""
    assert scene.ended()["state"] == "done"
    kinds = Counter(row["kind"] for row in scene.events())
    kinds["PathsSeen"] = min(1, kinds["PathsSeen"])
    return kinds, scene.git("rev-parse", "main^{tree}")


def by_commands(scene: Scene) -> Outline:
    scene("run", plan(scene), "--detach")
    scene.until(lambda s: s["waves"] and s["waves"][0]["state"] == "offered", "the first wave")
    scene("slots", "2")
    scene("approve", "1", "--digest", scene.status()["waves"][0]["digest"])
    scene.until(lambda s: s["tasks"][0]["pid"], "the agent")
    scene("pause", "x")
    scene("unpause", "x")
    (scene.folder / "go").touch()
    scene.until(lambda s: s["waves"][1]["state"] == "offered", "the second wave")
    scene("approve", "2")
    return outline(scene)


def opened(scene: Scene) -> Client:
    project = find_project(scene.repo)
    read = load_plan(Path(plan(scene)))
    return Client(project, start_run(project, read, preflight(project, read), Options()))


async def until(client: Client, seen: Callable[[State], bool], beat: Callable[[], Awaitable[None]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not seen(client.state):
        assert time.monotonic() < deadline, client.state
        await beat()
        client.refresh()


def offered(number: int) -> Callable[[State], bool]:
    return lambda state: bool(state.waves) and state.waves[number - 1].phase is WavePhase.OFFERED


def at_work(state: State) -> bool:
    return state.tasks["x"].phase is Phase.RUNNING and state.tasks["x"].pid > 0


def by_python(scene: Scene) -> Outline:
    async def steer() -> None:
        client = opened(scene)

        async def beat() -> None:
            await asyncio.sleep(0.02)

        await until(client, offered(1), beat)
        await client.send(SetSlots(2))
        client.refresh()
        await client.send(Approve(1, "ada", digest=client.state.waves[0].digest))
        await until(client, at_work, beat)
        await client.send(Pause(("x",)))
        await client.send(Unpause(("x",)))
        (scene.folder / "go").touch()
        await until(client, offered(2), beat)
        await client.send(Approve(2, "ada"))
        client.close()

    asyncio.run(steer())
    return outline(scene)


def by_keys(scene: Scene) -> Outline:
    async def steer() -> None:
        client = opened(scene)
        app = WavetreeApp(client, live=False)
        async with app.run_test(size=(120, 40)) as pilot:

            async def beat() -> None:
                app.tick()
                await pilot.pause(0.05)

            async def typed(key: str) -> None:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                await beat()

            async def approve() -> None:
                await beat()
                if not isinstance(app.screen, ApprovalSheet):
                    await typed("a")
                await typed("enter")

            await until(client, offered(1), beat)
            await beat()
            await typed("plus" if client.state.slots < 2 else "minus")
            await approve()
            await until(client, at_work, beat)
            app.select("x")
            await typed("p")
            await until(client, lambda state: state.tasks["x"].frozen, beat)
            await beat()
            await typed("p")
            await until(client, lambda state: not state.tasks["x"].frozen, beat)
            (scene.folder / "go").touch()
            await until(client, offered(2), beat)
            await approve()
        client.close()

    asyncio.run(steer())
    return outline(scene)


@pytest.mark.parametrize("way", [by_python, by_keys], ids=["python", "keys"])
def test_the_same_plan_and_commands_give_the_same_events_and_tree(
    scene: Scene, way: Callable[[Scene], Outline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M206: by commands in one repository, by Python or by keys in another"""
    commands = by_commands(scene)
    other = Scene(tmp_path / "other", Path(scene.env["XDG_RUNTIME_DIR"]))
    for name in list(other.env.keys() - {"PATH"}):
        monkeypatch.setenv(name, other.env[name])
    try:
        kinds, tree = way(other)
    finally:
        left = other.close()
    assert kinds == commands[0]
    assert tree == commands[1]
    assert not left
