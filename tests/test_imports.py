"""What imports what: the engine without a screen, light front doors, every listed package in use."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "textual": "textual",
    "rich": "rich",
    "networkx": "networkx",
    "gitpython": "git",
    "psutil": "psutil",
    "pyyaml": "yaml",
}


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_whole_engine_is_importable_where_textual_is_not() -> None:
    """M231"""
    done = python(
        "import sys; sys.modules['textual'] = None; sys.modules['tui'] = None\n"
        "import importlib, pkgutil, engine\n"
        "names = [found.name for found in pkgutil.walk_packages(engine.__path__, 'engine.')]\n"
        "scripts = 'engine.executors.shim engine.executors.becoming engine.agents.simulated_process'\n"
        "for name in names:\n"
        "    if name not in scripts.split(): importlib.import_module(name)\n"
        "print(len(names))"
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


@pytest.mark.parametrize("module", ["engine", "tui.__main__"])
def test_the_front_doors_load_no_large_library(module: str) -> None:
    """M231: what a command does not use it does not wait for"""
    heavy = ("textual", "rich", "networkx", "git", "yaml", "psutil", "asyncio")
    done = python(f"import sys, {module}\nprint([name for name in {heavy} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def imported(folder: str) -> set[str]:
    """Every top-level name that the Python files below `folder` import."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_every_package_of_the_project_is_used_by_it() -> None:
    """M231: the product's are imported by the product, the tests' by the tests"""
    used = imported("engine") | imported("tui")
    assert set(PACKAGES.values()) <= used
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in project["dependencies"]}
    assert PACKAGES.keys() <= listed
    for package in listed - PACKAGES.keys():
        assert package in used, f"{package} is listed and never imported"
    assert "textual" not in imported("engine") and "tui" not in imported("engine")
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert "import pytest" in tests and "snap_compare" in tests


def test_imports_run_one_way() -> None:
    """The contracts of pyproject.toml, checked by import-linter"""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_name_of_the_front_door_is_there_when_it_is_asked_for() -> None:
    """M231: names that are imported late are read from the front door's own text"""
    done = python(
        "import engine\n"
        "late = engine._late()\n"
        "print(len(late), late['plan_schema'])\n"
        "for name in late: getattr(engine, name)\n"
        "try: engine.nothing_of_the_kind\n"
        "except AttributeError as error: print(error)"
    )
    assert done.returncode == 0, done.stderr
    counted, refused = done.stdout.splitlines()
    number, _, where = counted.partition(" ")
    assert int(number) > 80 and where == "('engine.importers.schema', 'schema')"
    assert refused == "module 'engine' has no attribute 'nothing_of_the_kind'"
