"""Makes docs/screen.svg: the dashboard in the middle of a real run of the demo plan.

Run from the repository's root: `.venv/bin/python docs/make_picture.py [FILE] [WIDTH HEIGHT]`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine import Approve, Client, Options, Stop, find_project, load_plan, preflight, start_run
from tui.app import WavetreeApp

ROOT = Path(__file__).parent.parent


def repository(path: Path) -> None:
    path.mkdir()
    (path / "README.md").write_text("# Shop\n")
    git = ["git", "-C", str(path), "-c", "user.name=demo", "-c", "user.email=demo@localhost"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "The shop begins"], check=True)


async def until(client: Client, wave: int, share: float) -> None:
    """Approve waves up to `wave`, then wait until its tasks are about `share` done."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        client.refresh()
        state = client.state
        for seen in state.waves:
            if seen.phase.value == "offered" and seen.number <= wave:
                await client.send(Approve(seen.number, by="demo"))
        progress = [state.tasks[name].progress or 0.0 for name in state.waves[wave - 1].tasks]
        if sum(progress) / len(progress) > share * 100:
            return
        await asyncio.sleep(0.05)
    raise SystemExit("the run did not get that far")


async def main(target: Path, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder, "shop")
        repository(where)
        project = find_project(where)
        plan = load_plan(ROOT / "examples" / "demo.yaml")
        run = start_run(project, plan, preflight(project, plan), Options())
        client = Client(project, run)
        try:
            app = WavetreeApp(client)
            async with app.run_test(size=(width, height)) as pilot:
                await until(client, 2, 0.3)
                await pilot.pause(0.5)
                target.write_text(app.export_screenshot(title="wavetree"))
        finally:
            await client.send(Stop(by="demo"))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screen.svg"
    size = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 3 else (120, 38)
    asyncio.run(main(target, *size))
