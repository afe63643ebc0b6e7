"""Changes in worktrees are noticed at once, and in turns where the system gives no notices."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from live_scene import Scene, ten
from watchfiles import Change

from engine.edge import live_notices, live_watch
from engine.edge.live_watch import Watch

Sets = set[tuple[Change, str]]


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    made = Watch()
    yield made
    made.close()


def folders(tmp_path: Path, *names: str) -> dict[str, Path]:
    for name in names:
        (tmp_path / name).mkdir()
    return {name: tmp_path / name for name in names}


async def next_of(told: AsyncIterator[frozenset[str]]) -> frozenset[str]:
    async with asyncio.timeout(10):
        return await anext(told)


async def hearing(watch: Watch, told: AsyncIterator[frozenset[str]], names: set[str]) -> None:
    """Until notices of all these are heard: new worktrees are told when they are kept, and again then."""
    assert await next_of(told) == names
    assert await next_of(told) == names


async def test_a_change_is_told_with_the_task_whose_worktree_it_is_in(watch: Watch, tmp_path: Path) -> None:
    trees = folders(tmp_path, "one", "two")
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one", "two"})
    (trees["two"] / "file").write_text("x")
    assert await next_of(told) == {"two"}
    assert watch.degraded == ""


async def test_git_files_are_no_change(watch: Watch, tmp_path: Path) -> None:
    trees = folders(tmp_path, "one", "two")
    (trees["one"] / "sub/.git").mkdir(parents=True)
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one", "two"})
    (trees["one"] / ".git").write_text("gitdir: elsewhere")
    (trees["one"] / "sub/.git/index").write_text("x")
    (trees["two"] / "file").write_text("x")
    assert await next_of(told) == {"two"}


async def test_a_worktree_that_comes_later_is_watched_and_one_that_goes_is_not(
    watch: Watch, tmp_path: Path
) -> None:
    trees = folders(tmp_path, "one", "two", "three")
    told = watch.changes()
    watch.keep({"one": trees["one"], "two": trees["two"]})
    await hearing(watch, told, {"one", "two"})
    watch.keep({"one": trees["one"], "three": trees["three"]})
    await hearing(watch, told, {"three"})
    (trees["two"] / "file").write_text("x")
    (trees["three"] / "file").write_text("x")
    assert await next_of(told) == {"three"}
    (trees["one"] / "file").write_text("x")
    assert await next_of(told) == {"one"}


async def test_a_folder_made_anew_at_the_same_path_is_watched_again(watch: Watch, tmp_path: Path) -> None:
    trees = folders(tmp_path, "one")
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one"})
    trees["one"].rename(tmp_path / "aside")
    trees["one"].mkdir()
    watch.keep(trees)
    assert await next_of(told) == {"one"}
    async with asyncio.timeout(10):
        while watch._coming is not None:
            await next_of(told)
    (trees["one"] / "file").write_text("x")
    assert await next_of(told) == {"one"}


async def test_a_new_folder_is_looked_at_twice_for_what_was_put_into_it_at_once(
    watch: Watch, tmp_path: Path
) -> None:
    trees = folders(tmp_path, "one")
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one"})
    (trees["one"] / "a").mkdir()
    assert await next_of(told) == {"one"}
    assert await next_of(told) == {"one"}


async def test_a_worktree_that_is_not_there_does_not_keep_others_from_being_watched(
    watch: Watch, tmp_path: Path
) -> None:
    trees = folders(tmp_path, "one")
    told = watch.changes()
    watch.keep({**trees, "gone": tmp_path / "gone"})
    await hearing(watch, told, {"one"})
    (trees["one"] / "file").write_text("x")
    assert await next_of(told) == {"one"}


def exhausted(*_: object, **__: object) -> Iterator[Sets]:
    raise OSError(errno.ENOSPC, "OS file watch limit reached")


async def test_without_watches_each_worktree_has_its_turn_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_watch, "SHORTEST", 0.01)
    monkeypatch.setattr(live_watch, "SLOW_TURN", 0.05)
    watch = Watch(exhausted)
    told = watch.changes()
    watch.keep(folders(tmp_path, "one", "two"))
    assert await next_of(told) == {"one", "two"}
    turns = {*await next_of(told), *await next_of(told), *await next_of(told)}
    assert turns == {"one", "two"}
    assert "OS file watch limit reached" in watch.degraded
    assert "max_user_watches" in watch.degraded
    watch.close()


async def test_notices_are_tried_again_and_the_reason_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_watch, "SHORTEST", 0.01)
    monkeypatch.setattr(live_watch, "SLOW_TURN", 0.02)
    monkeypatch.setattr(live_watch, "AGAIN", 0.0)
    seen: list[str] = []

    def first_not(*paths: str, **how: object) -> Iterator[Sets]:
        seen.append(watch.degraded)
        if len(seen) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        yield set()
        stop = how["stop_event"]
        stop.wait(10)  # type: ignore[attr-defined]

    watch = Watch(first_not)
    told = watch.changes()
    watch.keep(folders(tmp_path, "one"))
    async with asyncio.timeout(10):
        while len(seen) < 2 or watch.degraded:
            await anext(told)
    assert "Too many open files" in seen[1]
    watch.close()


async def test_a_flood_of_changes_makes_every_worktree_suspect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_notices, "FLOOD", 2)
    trees = folders(tmp_path, "one", "two")
    go = threading.Event()

    def flood(*paths: str, **how: object) -> Iterator[Sets]:
        yield set()
        go.wait(10)
        yield {(Change.added, f"{trees['one']}/{number}") for number in range(3)}
        how["stop_event"].wait(10)  # type: ignore[attr-defined]

    watch = Watch(flood)
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one", "two"})
    go.set()
    assert await next_of(told) == {"one", "two"}
    watch.close()


async def test_the_changes_end_when_the_watch_is_closed(watch: Watch, tmp_path: Path) -> None:
    watch.keep(folders(tmp_path, "one"))
    told = [names async for names in closing(watch)]
    assert told == [{"one"}]


async def closing(watch: Watch) -> AsyncIterator[frozenset[str]]:
    async for names in watch.changes():
        watch.close()
        yield names


async def test_an_edit_is_noticed_and_found_to_clash(scene: Scene, watch: Watch) -> None:
    """M118: from the edit to the conflict, nothing else being told to look"""
    one, two = await scene.tasks("one", "two")
    told = watch.changes()
    watch.keep({name: tree.path for name, tree in scene.trees.items()})
    await hearing(watch, told, {"one", "two"})
    assert await scene.seen() == []
    (one / "t.txt").write_text(ten(l5="FIVE"))
    assert await scene.seen(await next_of(told)) == []
    (two / "t.txt").write_text(ten(l5="five"))
    (found,) = await scene.look(await next_of(told))
    assert (found.conflict, found.lines_first, found.lines_second) == (True, ((5, 5),), ((5, 5),))
    assert found.later == "two"


async def test_a_turn_is_told_apart_from_a_change(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = folders(tmp_path, "one")
    told = watch.changes()
    watch.keep(trees)
    await hearing(watch, told, {"one"})
    assert watch.by_turn == set()
    monkeypatch.setattr(live_watch, "TURN", 0.05)
    watch._plan_turn()
    assert await next_of(told) == {"one"}
    assert watch.by_turn == {"one"}
    monkeypatch.setattr(live_watch, "TURN", 120.0)
    watch._plan_turn()
    (trees["one"] / "file").write_text("x")
    assert await next_of(told) == {"one"}
    assert watch.by_turn == set()
