"""What a `worktree add` that was killed left is told from what a person put there."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.core.errors import GitError
from engine.edge.git_repository import Repository
from engine.edge.git_site import Mark


def begun(repo: Repo, wave: Repository) -> Path:
    """A worktree that the engine had begun to make."""
    path = repo.wt()
    wave.site.write_mark(Mark(str(path), "one", repo.tip(), "making"))
    path.mkdir()
    return path


@pytest.mark.parametrize("part", [0, 1, 7, 8, 12, -4])
async def test_a_dot_git_file_that_was_only_begun_does_not_stand_in_the_way(
    repo: Repo, wave: Repository, part: int
) -> None:
    path = begun(repo, wave)
    (path / ".git").write_text(f"gitdir: {repo.common}/worktrees/"[:part])
    await wave.heal()
    await wave.make_worktree(path, "one", repo.tip(), NOTHING)
    assert repo.status(path) == ""
    assert (path / "a.txt").read_text() == "a\n"


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "mine"},
        {".git": "", "notes.txt": "mine"},
        {".git": "gitdir: /somewhere/else/.git/worktrees/x"},
        {".git/HEAD": "ref: refs/heads/main"},
    ],
)
async def test_what_a_person_put_there_meanwhile_is_left_alone(
    repo: Repo, wave: Repository, files: dict[str, str]
) -> None:
    path = begun(repo, wave)
    for name, content in files.items():
        repo.write(name, content, at=path)
    await wave.heal()
    with pytest.raises(GitError, match="is there already"):
        await wave.make_worktree(path, "one", repo.tip(), NOTHING)
    assert {name: (path / name).read_text() for name in files} == files
