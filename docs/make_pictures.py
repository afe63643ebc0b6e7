"""Makes docs/pictures/*.svg: screens of real runs, as the tour and the README show them.

Run from the repository's root: `.venv/bin/python docs/make_pictures.py [WIDTH HEIGHT]`.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine import (
    Approve,
    Client,
    Options,
    Project,
    State,
    Stop,
    find_project,
    load_plan,
    preflight,
    start_run,
)
from tui.app import WavetreeApp
from tui.follows import NoRun
from tui.screens.start import StartScreen
from tui.work import Workbench

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
PATIENCE = 60.0

PRICES = """
wavetree: 1
name: prices
slots: 3
conflicts: {handling: manual}
tasks:
  - id: discount
    title: Members pay less
    files: [shop/prices.py]
    run: "sed -i 's/^RATE = .*/RATE = 0.90  # members/' shop/prices.py; echo priced; sleep 20"
  - id: taxes
    title: Prices with tax
    files: [shop/prices.py]
    run: "sed -i 's/^RATE = .*/RATE = 1.19  # with tax/' shop/prices.py; echo taxed; sleep 20"
  - id: labels
    title: Labels for the shelves
    files: [shop/labels.py]
    run: "echo 'LABELS = {}' > shop/labels.py; sleep 20"
"""
CODE = """\
BASE = {"book": 20, "pen": 2}
RATE = 1.00


def price(name):
    return BASE[name] * RATE
"""
ROADMAP = """# Roadmap

### PRIORITY 1: Gift cards \N{MEMO} Planned

### PRIORITY 2: Returns \N{MEMO} Planned
"""
FILES = {
    "plans/prices.yaml": PRICES,
    "docs/roadmap/ROADMAP.md": ROADMAP,
    "README.md": "# Shop\n",
    "shop/prices.py": CODE,
}


def repository(path: Path) -> Project:
    """A small shop under git."""
    for name, text in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git = ["git", "-C", str(path), "-c", "user.name=demo", "-c", "user.email=demo@localhost"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "The shop begins"], check=True)
    return find_project(path)


async def until(project: Project, run: str, seen: Callable[[State], bool], *, approving: int = 0) -> None:
    """Approve waves up to `approving` and wait until the run is as `seen` wants it."""
    client = Client(project, run)  # the screen's own would not tell the screen any more what is new
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        client.refresh()
        for wave in client.state.waves:
            if wave.phase.value == "offered" and wave.number <= approving:
                await client.send(Approve(wave.number, by="demo"))
        if seen(client.state):
            client.close()
            return
        await asyncio.sleep(0.05)
    raise SystemExit("the run did not get that far")


def begin(project: Project, plan: Path) -> Client:
    loaded = load_plan(plan)
    return Client(project, start_run(project, loaded, preflight(project, loaded), Options()))


class Camera:
    """Takes pictures of a screen of that size."""

    def __init__(self, app: WavetreeApp, pilot: object) -> None:
        self._app, self._pilot = app, pilot

    async def take(self, name: str, *keys: str) -> None:
        """Press the keys, let the screen settle, write the picture."""
        for key in keys:
            await self._pilot.press(key)  # type: ignore[attr-defined]
            await self._pilot.pause(0.2)  # type: ignore[attr-defined]
        await self._pilot.pause(0.8)  # type: ignore[attr-defined]
        (PICTURES / f"{name}.svg").write_text(self._app.export_screenshot(title="wavetree"))


async def of_the_demo(project: Project, size: tuple[int, int]) -> None:
    """The sheet, the dashboard, a task's page, the views."""
    client = begin(project, ROOT / "examples" / "demo.yaml")
    try:
        app = WavetreeApp(client)
        async with app.run_test(size=size) as pilot:
            camera = Camera(app, pilot)
            await until(project, client.run, lambda state: state.waves[0].phase.value == "offered")
            await camera.take("approval", "a")
            await pilot.press("escape")
            second = lambda state: [state.tasks[name].progress or 0.0 for name in state.waves[1].tasks]  # noqa: E731
            await until(
                project, client.run, lambda state: sum(second(state)) > 30 * len(second(state)), approving=2
            )
            await camera.take("dashboard")
            await camera.take("task", "enter")
        await until(project, client.run, lambda state: state.ended, approving=3)
    except BaseException:
        await client.send(Stop(by="demo"))
        raise


async def of_a_conflict(project: Project, size: tuple[int, int]) -> None:
    """Both sides of a conflict, while the agents still work."""
    client = begin(project, project.checkout / "plans" / "prices.yaml")
    try:
        app = WavetreeApp(client)
        async with app.run_test(size=size) as pilot:
            clash = lambda state: any(one.grave and one.open for one in state.conflicts.values())  # noqa: E731
            await until(project, client.run, clash, approving=1)
            await pilot.pause(1.0)
            await Camera(app, pilot).take("conflict", "c", "o")
    finally:
        await client.send(Stop(by="demo"))


async def of_beginning_and_end(project: Project, size: tuple[int, int]) -> None:
    """The start screen, and a past run with its chart."""
    with contextlib.chdir(project.checkout):
        app = WavetreeApp(NoRun(), first=StartScreen(Workbench(project.checkout)))
        async with app.run_test(size=size) as pilot:
            await Camera(app, pilot).take("start")
    app = WavetreeApp(Client(project, "r1"))
    async with app.run_test(size=size) as pilot:
        await pilot.press("h")
        await pilot.pause(1.0)
        await Camera(app, pilot).take("history", "down")


async def main(size: tuple[int, int]) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = repository(Path(folder, "shop"))
        await of_the_demo(project, size)
        await of_a_conflict(project, size)
        await of_beginning_and_end(project, size)


if __name__ == "__main__":
    asyncio.run(main((int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (120, 36)))
