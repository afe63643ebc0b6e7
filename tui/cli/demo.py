"""`wavetree demo`: a throw-away repository, the example plan, simulated agents, the screen on."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from engine import Client, find_project, load_plan
from tui.cli.run import add_options, launch
from tui.cli.target import examples


def add(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument("--keep", action="store_true", help="leave the throw-away repository behind")
    examples(parser, "wavetree demo", "wavetree demo --headless --auto-approve")


def run(args: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="wavetree-demo-"))
    repository = folder / "shop"
    _repository(repository)
    tell = sys.stderr if args.json else sys.stdout
    print(f"a throw-away repository: {repository}", file=tell)
    code = 1
    try:
        code = launch(args, load_plan(_plan()), repository)
        return code
    finally:
        if args.keep or args.detach or code == 3 or _live(repository):
            print(f"kept: cd {repository}", file=tell)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _plan() -> Path:
    """The example plan, beside this package when installed, among the examples in a checkout."""
    installed = Path(__file__).parent.parent / "demo.yaml"
    return installed if installed.exists() else installed.parents[1] / "examples" / "demo.yaml"


def _live(repository: Path) -> bool:
    project = find_project(repository)
    return bool(project.runs()) and not Client(project, project.latest()).state.ended


def _repository(path: Path) -> None:
    """A small repository with one commit, whoever the user is."""
    files = {
        "README.md": "# Shop\n\nA small shop, made to be thrown away.\n",
        "api/__init__.py": '"""The shop\'s API."""\n',
        "doctype/README.md": "Schemas live here.\n",
        "public/js/index.js": "export const app = {}\n",
        "hooks.py": "app_name = 'shop'\n",
    }
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git = ["git", "-C", str(path), "-c", "user.name=wavetree demo", "-c", "user.email=demo@localhost"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "The shop begins"], check=True)
