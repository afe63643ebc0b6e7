"""The real screen in a browser's socket: a run is looked at and a key pauses an agent."""

from __future__ import annotations

import asyncio
import signal
import subprocess

from aiohttp import ClientSession, CookieJar, WSMsgType
from stagehand import PATIENCE, Scene, shell


async def test_the_screen_of_a_run_comes_through_and_keys_go_back(scene: Scene) -> None:
    scene.env["SCENE_FOLDER"] = str(scene.folder)
    scene.go({"name": "browsed", "tasks": [shell("a", "until [ -e $SCENE_FOLDER/go ]; do sleep 0.05; done")]})
    scene.until(lambda s: s["tasks"][0]["pid"], "the agent")
    server = scene.start("serve")
    try:
        await look_and_pause(scene, await asyncio.to_thread(address, server))
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=PATIENCE)
    (scene.folder / "go").touch()
    scene("unpause")
    assert scene.ended()["state"] == "done", "the run goes on without the browser"


def address(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline().split()[1]


async def look_and_pause(scene: Scene, url: str) -> None:
    base = url.partition("/?")[0]
    seen = b""
    jar = CookieJar(unsafe=True)  # an address of numbers
    async with ClientSession(cookie_jar=jar) as session, asyncio.timeout(PATIENCE):
        assert (await session.get(base)).status == 403
        assert (await session.get(url)).status == 200
        async with session.ws_connect(f"{base}/ws?width=120&height=40", origin=base) as socket:
            async for message in socket:
                seen += message.data if message.type is WSMsgType.BINARY else b""
                if b"browsed" in seen and b"sessions" in seen:
                    break
            await socket.send_json(["stdin", "p"])
            await asyncio.to_thread(scene.until, lambda s: s["tasks"][0]["paused"], "a paused")
