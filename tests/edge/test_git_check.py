"""What is damage of a repository and what is not."""

from __future__ import annotations

import subprocess

import pytest
from real_repository import Repo

from engine.edge.git_repository import Repository


@pytest.fixture
def old(repo: Repo) -> Repo:
    """A repository with a commit whose time zone git no longer writes; old public repositories have them."""
    tree, parent = repo.git("rev-parse", "HEAD^{tree}"), repo.tip("main")
    who = "A <a@b> 1 +051800"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        cwd=repo.root,
        input=f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nold\n",
        text=True,
        capture_output=True,
        check=True,
    )
    repo.git("update-ref", "refs/heads/old", made.stdout.strip())
    found = subprocess.run(["git", "fsck"], cwd=repo.root, capture_output=True, text=True, check=False)
    assert found.returncode and "badTimezone" in found.stderr
    return repo


async def test_flaws_in_the_content_of_old_commits_are_no_damage(old: Repo, wave: Repository) -> None:
    """M093"""
    assert await wave.check() == (True, "")


async def test_beside_such_flaws_damage_is_still_found(old: Repo, wave: Repository) -> None:
    """M093"""
    sha = old.git("rev-parse", "main:a.txt")
    file = old.root / ".git" / "objects" / sha[:2] / sha[2:]
    file.chmod(0o644)
    file.write_bytes(b"broken")
    sound, words = await wave.check()
    assert not sound
    assert sha[:7] in words
    assert "badTimezone" not in words
