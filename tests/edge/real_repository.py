"""A git checkout in a temporary folder, and short ways to look at it and change it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from engine.core.plan import Setup

NOTHING = Setup()


def bash(command: str) -> str:
    """What a person's shell says to a command, its exit code first."""
    done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True)
    return f"{done.returncode} {done.stdout}{done.stderr}"


class Repo:
    """A checkout at `root` on the branch `main`, and short ways to look at it and change it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.common = root / ".git"
        self.state = self.common / "wavetree" / "runs" / "r1"
        self.beside = root.parent

    def git(self, *args: str, at: Path | None = None, ok: bool = True) -> str:
        done = subprocess.run(
            ["git", "-C", str(at or self.root), *args],
            capture_output=True,
            text=True,
            errors="surrogateescape",
        )
        if ok and done.returncode:
            raise AssertionError(f"git {args}: {done.stderr}")
        return done.stdout.strip() if ok else f"{done.returncode} {done.stdout}{done.stderr}"

    def write(self, name: str, content: str, at: Path | None = None) -> Path:
        file = (at or self.root) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def commit(self, files: dict[str, str], message: str = "work", at: Path | None = None) -> str:
        for name, content in files.items():
            self.write(name, content, at)
        self.git("add", "-A", at=at)
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.tip("HEAD", at)

    def tip(self, name: str = "HEAD", at: Path | None = None) -> str:
        return self.git("rev-parse", name, at=at)

    def exists(self, ref: str) -> bool:
        return self.git("rev-parse", "-q", "--verify", ref, ok=False).startswith("0 ")

    def status(self, at: Path | None = None) -> str:
        return self.git("status", "--porcelain", at=at)

    def files(self, commit: str) -> set[str]:
        args = ["git", "-C", str(self.root), "ls-tree", "-r", "--name-only", "-z", commit]
        names = subprocess.run(args, capture_output=True, check=True).stdout.split(b"\0")
        return {name.decode("utf-8", "surrogateescape") for name in names if name}

    def show(self, spec: str) -> str:
        return self.git("show", spec)

    def wt(self, name: str = "one") -> Path:
        return self.beside / f"repo-wt{name}"


def landed(repo: Repo, new: str, at: Path | None = None) -> None:
    """Fails unless the checkout and main are at `new`, nothing left over."""
    place = at or repo.root
    assert repo.tip("main") == new
    assert repo.status(place) == ""
    assert (place / "a.txt").read_text() == "landed\n"
    assert (place / "new/n.txt").read_text() == "n\n"
    assert not (place / "b.txt").exists()
    assert not list(repo.common.rglob("*.lock"))
