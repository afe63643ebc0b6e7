"""A snapshot holds what a worktree's next commit would, whatever state its git is in, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_scene import Scene, ten
from real_repository import NOTHING

from engine.core.errors import GitError
from engine.core.plan import Setup
from engine.edge.live import Tree
from engine.edge.live_sides import difference
from engine.edge.live_snapshot import Camera, Snapshot, scratch_site


async def files_in(scene: Scene, place: Path, base: str) -> tuple[Camera, Snapshot, set[str]]:
    """A first snapshot of a worktree, and the files in which it differs from the base."""
    camera = Camera(scratch_site(scene.wave.site, scene.live.scratch), place, base)
    shot = await camera.take()
    return camera, shot, await changed(scene, base, shot)


async def changed(scene: Scene, base: str, shot: Snapshot) -> set[str]:
    return {path.decode() for path in (await difference(scene.live.scratch, base, shot.commit)).files}


async def test_a_clean_worktree_is_the_commit_that_it_is_at(scene: Scene) -> None:
    place = await scene.task("one")
    _, shot, files = await files_in(scene, place, scene.trees["one"].base)
    assert (shot.commit, files) == (scene.trees["one"].base, set())
    tip = scene.repo.commit({"more.txt": "more\n"}, at=place)
    _, shot, files = await files_in(scene, place, scene.trees["one"].base)
    assert (shot.commit, files) == (tip, {"more.txt"})


async def test_nothing_new_is_the_same_snapshot(scene: Scene) -> None:
    place = await scene.task("one")
    (place / "new.txt").write_text("new\n")
    camera, first, _ = await files_in(scene, place, scene.trees["one"].base)
    assert await camera.take() is first
    (place / "new.txt").write_text("more\n")
    assert (await camera.take()).tree != first.tree


async def test_work_that_is_committed_without_a_further_change_becomes_the_commit(scene: Scene) -> None:
    place = await scene.task("one")
    (place / "new.txt").write_text("new\n")
    camera, before, _ = await files_in(scene, place, scene.trees["one"].base)
    tip = scene.repo.commit({}, at=place)
    after = await camera.take()
    assert (after.commit, after.tree) == (tip, before.tree)


async def test_set_up_files_nested_repositories_and_ignored_files_are_left_out(scene: Scene) -> None:
    (scene.repo.root / "local.cfg").write_text("local\n")
    base = scene.repo.tip("main")
    place = scene.repo.wt("one")
    await scene.wave.make_worktree(place, "feature/one", base, Setup(copy=("local.cfg",)))
    (place / "nested").mkdir()
    scene.repo.git("init", "-q", str(place / "nested"))
    (place / "nested/file").write_text("x")
    (place / "noise.log").write_text("x")
    (place / "new.txt").write_text("new\n")
    _, _, files = await files_in(scene, place, base)
    assert files == {"new.txt"}


async def test_a_merge_left_unfinished_by_the_agent_shows_with_its_marks(scene: Scene) -> None:
    place = await scene.task("one")
    base = scene.trees["one"].base
    scene.main({"t.txt": ten(l5="merged")})
    scene.repo.commit({"t.txt": ten(l5="own")}, at=place)
    assert scene.repo.git("merge", "main", at=place, ok=False).startswith("1 ")
    _, shot, files = await files_in(scene, place, base)
    assert files == {"t.txt"}
    text = await scene.live.scratch.read(f"{shot.commit}:t.txt")
    assert text is not None and b"<<<<<<< HEAD" in text


async def test_a_head_that_does_not_go_back_to_the_base_does_not_count(scene: Scene) -> None:
    place = await scene.task("one")
    base = scene.trees["one"].base
    scene.repo.git("switch", "-q", "--orphan", "elsewhere", at=place)
    scene.repo.commit({"t.txt": "t\n"}, at=place)
    _, shot, files = await files_in(scene, place, base)
    assert shot.parent == base
    assert {"a.txt", "t.txt"} <= files


async def test_a_task_on_anothers_milestone_is_not_blamed_for_what_it_found_there(scene: Scene) -> None:
    one = await scene.task("one")
    milestone = scene.repo.commit({"schema.txt": ten()}, at=one)
    two = scene.repo.wt("two")
    await scene.wave.make_worktree(two, "feature/two", milestone, NOTHING)
    scene.trees["two"] = Tree(two, milestone)
    (one / "schema.txt").write_text(ten(l5="FIVE"))
    (two / "b.txt").write_text("two\n")
    assert await scene.seen() == []
    (two / "schema.txt").write_text(ten(l5="five"))
    assert await scene.seen() == [("one", "two", "schema.txt", True)]


async def test_a_worktree_that_is_gone_is_an_error_and_seen_again_when_it_is_back(scene: Scene) -> None:
    place = await scene.task("one")
    (place / "new.txt").write_text("new\n")
    camera, first, _ = await files_in(scene, place, scene.trees["one"].base)
    place.rename(place.with_name("aside"))
    with pytest.raises(GitError):
        await camera.take()
    place.with_name("aside").rename(place)
    assert (await camera.take()).tree == first.tree
