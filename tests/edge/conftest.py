"""A real git repository for each test, with a git config of its own and no other."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from live_scene import TEN, Scene
from real_repository import Repo

from engine.edge.git_repository import Repository
from engine.edge.live import Live


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's global config: a name, an address, and nothing of this machine's."""
    file = tmp_path / "gitconfig"
    file.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    return file


@pytest.fixture
def repo(tmp_path: Path, config: Path) -> Repo:
    root = tmp_path / "repo"
    root.mkdir()
    made = Repo(root)
    made.git("init", "-q", "-b", "main")
    made.commit({"a.txt": "a\n", "b.txt": "b\n", "dir/c.txt": "c\n", ".gitignore": "*.log\n.env\n"}, "start")
    return made


@pytest.fixture
async def wave(repo: Repo) -> AsyncIterator[Repository]:
    """The engine's hands on `repo`."""
    opened = await Repository.open(repo.root, repo.state)
    yield opened
    await opened.close()


@pytest.fixture
def new(repo: Repo) -> str:
    """Two commits ahead of main, on the branch `wavetree/r1`: an edit, a new file, a deletion, a mode."""
    repo.git("switch", "-q", "-c", "wavetree/r1")
    repo.commit({"a.txt": "landed\n", "new/n.txt": "n\n"}, "one")
    repo.git("rm", "-q", "b.txt")
    (repo.root / "dir/c.txt").chmod(0o755)
    tip = repo.commit({}, "two")
    repo.git("switch", "-q", "main")
    return tip


@pytest.fixture
async def scene(repo: Repo, wave: Repository) -> AsyncIterator[Scene]:
    """Live detection on `repo`, whose `t.txt` has ten lines; no task has begun yet."""
    repo.commit({"t.txt": TEN, "old/one.txt": TEN + "one\n", "old/two.txt": TEN + "two\n"})
    live = Live(wave.site)
    yield Scene(repo, wave, live)
    await live.close()
