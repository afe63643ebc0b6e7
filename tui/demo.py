"""The throw-away repository of the demo: made, and removed again once nothing of it is needed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from engine import Client, UsageError, find_project

FILES = {
    "README.md": "# Shop\n\nA small shop, made to be thrown away.\n",
    "api/__init__.py": '"""The shop\'s API."""\n',
    "doctype/README.md": "Schemas live here.\n",
    "public/js/index.js": "export const app = {}\n",
    "hooks.py": "app_name = 'shop'\n",
}


class DemoRepository:
    """A small repository with one commit, whoever the user is. `path` is where it lies. Raises UsageError
    when it cannot be made."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="wavetree-demo-"))
        self.path = self._folder / "shop"
        try:
            self._make()
        except (OSError, subprocess.CalledProcessError) as error:
            self.remove()
            raise UsageError(f"the demo's repository cannot be made: {error}", "is git installed?") from None

    def _make(self) -> None:
        for name, text in FILES.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        somebody = ("-c", "user.name=wavetree demo", "-c", "user.email=demo@localhost")
        git = ["git", "-C", str(self.path), *somebody]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "The shop begins"], check=True)

    @property
    def live(self) -> bool:
        """Whether a run in it has not ended."""
        project = find_project(self.path)
        return bool(project.runs()) and not Client(project, project.latest()).state.ended

    def remove(self) -> None:
        """Remove it with all that lies beside it."""
        shutil.rmtree(self._folder, ignore_errors=True)


def demo_plan() -> Path:
    """The example plan, beside this package when installed, among the examples in a checkout."""
    installed = Path(__file__).parent / "demo.yaml"
    return installed if installed.exists() else installed.parents[1] / "examples" / "demo.yaml"
