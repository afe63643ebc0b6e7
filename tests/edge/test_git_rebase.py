"""The work of an agent that stands still is put on top of what is merged, in its own worktree (M127)."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_repository import NOTHING, Repo

from engine.edge.git import Answer, Git
from engine.edge.git_rebase import Rebase
from engine.edge.git_repository import Repository
from engine.edge.merging import Clash

BEFORE = "refs/wavetree/before/r1/one/1"
AT = 1_700_000_000


@pytest.fixture
async def work(repo: Repo, wave: Repository) -> Path:
    """The worktree of the task `one`: a commit of the agent, an edit that is not committed, a staged one, a
    new file, an ignored one, a deletion."""
    await wave.make_worktree(repo.wt(), "one", repo.tip(), NOTHING)
    tree = repo.wt()
    repo.commit({"mine.txt": "mine\n"}, "by the agent", at=tree)
    repo.write("mine.txt", "mine\nmore\n", at=tree)
    repo.write("staged.txt", "staged\n", at=tree)
    repo.git("add", "staged.txt", at=tree)
    repo.write("staged.txt", "staged, then changed\n", at=tree)
    repo.write("new/n.txt", "new\n", at=tree)
    repo.write("x.log", "ignored\n", at=tree)
    (tree / "b.txt").unlink()
    return tree


@pytest.fixture
def tip(repo: Repo, work: Path) -> str:
    """What is merged meanwhile."""
    repo.git("switch", "-q", "-c", "wavetree/r1")
    tip = repo.commit({"a.txt": "merged\n", "other.txt": "other\n"}, "merged meanwhile")
    repo.git("switch", "-q", "main")
    return tip


async def rebase(repo: Repo, wave: Repository, tip: str) -> Rebase | Clash:
    return await wave.rebase(
        repo.wt(), "one", repo.tip("main"), tip, message="one: work in progress", at=AT, rescue=BEFORE
    )


def files(tree: Path) -> dict[str, str]:
    paths = (path for path in tree.rglob("*") if path.is_file() and path.name != ".git")
    return {str(path.relative_to(tree)): path.read_text() for path in sorted(paths)}


DONE = {
    ".gitignore": "*.log\n.env\n",
    "a.txt": "merged\n",
    "dir/c.txt": "c\n",
    "mine.txt": "mine\nmore\n",
    "new/n.txt": "new\n",
    "other.txt": "other\n",
    "staged.txt": "staged, then changed\n",
    "x.log": "ignored\n",
}


def check(repo: Repo, work: Path, tip: str) -> None:
    """Everything is there, on top of the tip, told apart as before: committed or not."""
    assert files(work) == DONE
    assert repo.tip("one^") == tip
    assert repo.git("log", "-1", "--format=%s %an", "one") == "by the agent Ada"
    lines = sorted(line.split()[-1] for line in repo.status(work).splitlines())
    assert lines == ["b.txt", "mine.txt", "new/", "staged.txt"]
    assert repo.git("show", f"{BEFORE}:new/n.txt") == "new"
    assert repo.git("show", f"{BEFORE}^2:staged.txt") == "staged", "what was only staged is kept too"


async def test_commits_stay_commits_and_the_rest_stays_uncommitted(
    repo: Repo, wave: Repository, work: Path, tip: str
) -> None:
    done = await rebase(repo, wave, tip)
    assert isinstance(done, Rebase)
    assert done.files == ("a.txt", "other.txt")
    check(repo, work, tip)


async def test_a_clash_changes_nothing(repo: Repo, wave: Repository, work: Path, tip: str) -> None:
    repo.write("a.txt", "mine\n", at=work)
    before, head, status = files(work), repo.tip("one"), repo.status(work)
    done = await rebase(repo, wave, tip)
    assert isinstance(done, Clash)
    assert done.files == ("a.txt",)
    assert (files(work), repo.tip("one"), repo.status(work)) == (before, head, status)
    assert not repo.exists(BEFORE)


async def test_a_file_that_git_ignores_is_not_overwritten(
    repo: Repo, wave: Repository, work: Path, tip: str
) -> None:
    repo.git("switch", "-q", "wavetree/r1")
    repo.write(".env", "theirs")
    repo.git("add", "-f", ".env")
    tip = repo.commit({}, "an ignored file")
    repo.git("switch", "-q", "main")
    repo.write(".env", "mine", at=work)
    done = await rebase(repo, wave, tip)
    assert isinstance(done, Clash)
    assert done.detail == ".env, which git ignores, is in the way of what is merged"
    assert (work / ".env").read_text() == "mine"
    assert repo.tip("one^") == repo.tip("main")


async def test_a_worktree_in_the_middle_of_something_is_left_alone(
    repo: Repo, wave: Repository, work: Path, tip: str
) -> None:
    repo.git("switch", "-q", "-c", "elsewhere", at=work)
    done = await rebase(repo, wave, tip)
    assert isinstance(done, Clash)
    assert (done.files, "elsewhere" in done.detail) == ((), True)


async def test_without_commits_of_its_own_the_branch_is_at_the_tip(
    repo: Repo, wave: Repository, work: Path, tip: str
) -> None:
    repo.git("reset", "-q", "--soft", "main", at=work)
    done = await rebase(repo, wave, tip)
    assert isinstance(done, Rebase)
    assert repo.tip("one") == tip
    assert files(work) == DONE


class Dying(Git):
    """Dies at its `left`-th call from now on."""

    left = 10**6

    async def ask(self, *args, **more) -> Answer:
        type(self).left -= 1
        if type(self).left < 0:
            raise ConnectionError("killed")
        return await super().ask(*args, **more)


async def test_killed_before_any_call_of_git_it_is_brought_to_the_same_end(
    repo: Repo, wave: Repository, work: Path, tip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time one call further; the same order again ends where an undisturbed one does."""
    wave.git.__class__ = Dying
    deaths = 0
    while True:
        Dying.left = deaths
        try:
            done = await rebase(repo, wave, tip)
        except ConnectionError:
            deaths += 1
            continue
        break
    assert isinstance(done, Rebase)
    assert deaths > 10
    Dying.left = 10**6
    check(repo, work, tip)
    assert await rebase(repo, wave, tip) == done, "done once more it changes nothing"
    check(repo, work, tip)


async def test_files_half_written_when_it_was_killed_are_written_whole(
    repo: Repo, wave: Repository, work: Path, tip: str
) -> None:
    await rebase(repo, wave, tip)
    repo.git("update-ref", "refs/heads/one", f"{BEFORE}^1")
    repo.write("a.txt", "mer", at=work)
    (work / "other.txt").unlink()
    assert isinstance(await rebase(repo, wave, tip), Rebase)
    check(repo, work, tip)
    assert repo.git("show", f"{BEFORE}-again:a.txt") == "mer", "whatever it was, it is kept"
