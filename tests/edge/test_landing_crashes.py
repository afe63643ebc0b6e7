"""A landing that was killed is finished, and what a person did meanwhile is not touched."""

from __future__ import annotations

import pytest
from real_repository import Repo, landed

from engine.edge.git_repository import Repository
from engine.edge.landing import Landing


def files_half_done(repo: Repo, new: str) -> None:
    repo.write("a.txt", "landed\n")
    repo.write("new/n.txt", "n\n")


def files_all_done(repo: Repo, new: str) -> None:
    repo.git("read-tree", "-m", "-u", "main", new)
    repo.git("read-tree", "main")


def files_and_index_done(repo: Repo, new: str) -> None:
    repo.git("read-tree", "-m", "-u", "main", new)


def only_the_lock(repo: Repo, new: str) -> None:
    pass


def a_file_taken_away(repo: Repo, new: str) -> None:
    (repo.root / "a.txt").unlink()


def a_new_file_begun(repo: Repo, new: str) -> None:
    repo.write("new/n.txt", "")


def a_changed_file_begun(repo: Repo, new: str) -> None:
    files_half_done(repo, new)
    repo.write("a.txt", "lan")


def all_but_the_lock(repo: Repo, new: str) -> None:
    repo.git("merge", "-q", "--ff-only", new)


CRASHES = [
    only_the_lock,
    a_file_taken_away,
    a_new_file_begun,
    a_changed_file_begun,
    files_half_done,
    files_all_done,
    files_and_index_done,
    all_but_the_lock,
]


@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.__name__)
async def test_a_landing_killed_half_way_is_finished(repo: Repo, wave: Repository, new: str, crash) -> None:
    before = repo.tip("main")
    crash(repo, new)
    (repo.common / "index.lock").write_text(f"wavetree landing {new}\n")
    (repo.common / "refs/heads/main.lock").write_text("")
    (repo.state / "landing").write_text(f"refs/heads/main\n{before}\n{new}\n")
    await wave.heal()
    assert await wave.land("main", new) == Landing(True, new, 2)
    landed(repo, new)
    assert list(repo.common.rglob("*.lock")) == []


@pytest.mark.parametrize("crash", [a_new_file_begun, a_changed_file_begun], ids=lambda crash: crash.__name__)
async def test_without_a_killed_landing_a_file_with_half_its_content_is_a_person_s(
    repo: Repo, wave: Repository, new: str, crash
) -> None:
    crash(repo, new)
    before = (repo.root / "a.txt").read_text()
    refused = await wave.land("main", new)
    assert not refused.done
    assert (repo.root / "a.txt").read_text() == before


async def test_the_lock_of_a_killed_landing_goes_also_when_the_base_has_moved_on_since(
    repo: Repo, wave: Repository, new: str
) -> None:
    repo.commit({"person.txt": "p\n"})
    (repo.common / "index.lock").write_text(f"wavetree landing {new}\n")
    assert not (await wave.land("main", new)).done
    assert not (repo.common / "index.lock").exists()
    assert repo.status() == ""


async def test_a_landing_killed_half_way_stops_at_what_a_person_did_since(
    repo: Repo, wave: Repository, new: str
) -> None:
    files_half_done(repo, new)
    (repo.common / "index.lock").write_text(f"wavetree landing {new}\n")
    repo.write("a.txt", "mine\n")
    refused = await wave.land("main", new)
    assert not refused.done
    assert "a.txt" in refused.reason
    assert (repo.root / "a.txt").read_text() == "mine\n"
