"""Live detection sees what running tasks have to do with each other, as git does, and touches nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from live_scene import TEN, Scene, ten
from real_repository import Repo

from engine.core.overlaps import Overlap
from engine.edge import live_snapshot
from engine.edge.git import ZERO
from engine.edge.live import Live


async def test_touching_lines_of_two_uncommitted_edits_are_a_conflict_with_both_lines_and_texts(
    scene: Scene,
) -> None:
    """M118, M119"""
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l3="THREE", l4="FOUR", l9="NINE"))
    (two / "t.txt").write_text("zero\n" + ten(l4="four"))
    assert await scene.look() == (
        Overlap(
            "one",
            "two",
            "t.txt",
            True,
            ((3, 4),),
            ((5, 5),),
            "-line 3\n-line 4\n+THREE\n+FOUR",
            "-line 4\n+four",
            "two",
        ),
    )


async def test_one_file_changed_in_different_places_is_no_conflict(scene: Scene) -> None:
    """M119"""
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l2="TWO"))
    (two / "t.txt").write_text(ten(l8="EIGHT", l10="TEN"))
    (found,) = await scene.look()
    assert (found.file, found.conflict) == ("t.txt", False)
    assert (found.lines_first, found.lines_second) == (((2, 2),), ((8, 8), (10, 10)))


async def test_what_only_one_task_changed_is_not_told(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l2="TWO"))
    (two / "a.txt").write_text("other\n")
    assert await scene.seen() == []


async def test_new_files_of_the_same_name_clash_and_ignored_ones_do_not(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    for place in (one, two):
        (place / "new.txt").write_text(f"by {place.name}\n")
        (place / "made.log").write_text(f"by {place.name}\n")
    (found,) = await scene.look()
    assert (found.file, found.conflict) == ("new.txt", True)
    assert (found.lines_first, found.lines_second) == (((1, 1),), ((1, 1),))
    assert (found.text_first, found.text_second) == ("+by repo-wtone", "+by repo-wttwo")


async def test_committed_and_uncommitted_work_count_together(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    scene.repo.commit({"t.txt": ten(l5="five")}, at=one)
    (one / "a.txt").write_text("one\n")
    scene.repo.commit({"a.txt": "two\n"}, at=two)
    (two / "t.txt").write_text(ten(l5="FIVE"))
    assert await scene.seen() == [("one", "two", "a.txt", True), ("one", "two", "t.txt", True)]


async def test_a_deletion_clashes_with_an_edit(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").unlink()
    (two / "t.txt").write_text(ten(l5="FIVE"))
    (found,) = await scene.look()
    assert found.conflict
    assert found.lines_first == ((1, 0),)
    assert (found.lines_second, found.text_second) == (((5, 5),), "-line 5\n+FIVE")


async def test_lines_taken_out_are_an_empty_range_before_the_next_line(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(TEN.replace("line 5\n", ""))
    (two / "t.txt").write_text(ten(l5="FIVE"))
    (found,) = await scene.look()
    assert found.conflict
    assert (found.lines_first, found.text_first) == (((5, 4),), "-line 5")


async def test_a_mode_and_an_edit_merge_cleanly(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").chmod(0o755)
    (two / "t.txt").write_text(ten(l5="FIVE"))
    (found,) = await scene.look()
    assert (found.file, found.conflict, found.lines_first) == ("t.txt", False, ())


async def test_links_and_binary_files_clash_as_a_whole(scene: Scene) -> None:
    scene.main({"data.bin": "\0before"})
    one, two = await scene.tasks("one", "two")
    (one / "link").symlink_to("a.txt")
    (two / "link").symlink_to("b.txt")
    (one / "data.bin").write_bytes(b"\0one")
    (two / "data.bin").write_bytes(b"\0two")
    binary, link = await scene.look()
    assert (binary.file, binary.conflict, binary.lines_first, binary.text_second) == (
        "data.bin",
        True,
        (),
        "",
    )
    assert (link.file, link.conflict, link.text_first, link.text_second) == ("link", True, "+a.txt", "+b.txt")


async def test_a_rename_takes_the_other_sides_edit_along(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").rename(one / "renamed.txt")
    (two / "t.txt").write_text(ten(l5="FIVE"))
    assert await scene.seen() == [("one", "two", "t.txt", False)]
    (one / "renamed.txt").write_text(ten(l5="five"))
    (found, *_) = [one for one in await scene.look() if one.conflict]
    assert (found.file, found.lines_first, found.lines_second) == ("renamed.txt", ((5, 5),), ((5, 5),))


async def test_a_new_file_in_a_folder_that_the_other_renamed_is_a_conflict(scene: Scene) -> None:
    """No path is changed by both, and git asks all the same."""
    one, two = await scene.tasks("one", "two")
    (one / "old").rename(one / "moved")
    (two / "old/three.txt").write_text("three\n")
    assert await scene.seen() == [("one", "two", "moved/three.txt", True)]


async def test_a_file_where_the_other_has_a_folder_is_a_conflict(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "lib").write_text("a file\n")
    (two / "lib").mkdir()
    (two / "lib/a.py").write_text("a\n")
    (found,) = await scene.look()
    assert found.conflict and found.file.startswith("lib~")


async def test_a_folder_that_became_a_file_clashes_with_what_is_changed_below_it(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    shutil.rmtree(one / "old")
    (one / "old").write_text("a file now\n")
    (two / "old/one.txt").write_text("edited\n")
    assert ("one", "two", "old/one.txt", True) in await scene.seen()


async def test_the_same_change_on_both_sides_is_no_conflict(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    for place in (one, two):
        (place / "t.txt").write_text(ten(l5="FIVE"))
    assert await scene.seen() == [("one", "two", "t.txt", False)]


async def test_three_tasks_are_compared_in_pairs_in_their_order(scene: Scene) -> None:
    three, one, two = await scene.tasks("three", "one", "two")
    (three / "t.txt").write_text(ten(l1="A"))
    (one / "t.txt").write_text(ten(l1="B"))
    (two / "t.txt").write_text(ten(l9="C"))
    assert await scene.seen() == [
        ("three", "one", "t.txt", True),
        ("three", "two", "t.txt", False),
        ("one", "two", "t.txt", False),
    ]


async def test_a_task_is_compared_with_what_was_merged_meanwhile(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l10="TEN"))
    scene.main({"t.txt": ten(l5="merged")})
    clash, note, pair = sorted(await scene.look(), key=lambda one: (one.second, one.first))
    assert (clash.first, clash.second, clash.conflict) == ("one", "", True)
    assert (clash.lines_first, clash.text_second) == (((5, 5),), "-line 5\n+merged")
    assert (note.first, note.second, note.conflict) == ("two", "", False)
    assert (pair.first, pair.second, pair.conflict) == ("one", "two", False)


async def test_what_a_task_found_at_its_start_is_not_taken_for_its_own_change(scene: Scene) -> None:
    one = await scene.task("one")
    scene.main({"t.txt": ten(l5="merged"), "a.txt": "merged\n"})
    two = await scene.task("two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (one / "b.txt").write_text("one\n")
    (two / "t.txt").write_text(ten(l5="merged", l10="TEN"))
    (two / "b.txt").write_text("two\n")
    assert await scene.seen() == [("one", "two", "b.txt", True), ("one", "", "t.txt", True)]


async def test_an_overlap_ends_when_a_change_is_taken_back(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    assert await scene.seen() == [("one", "two", "t.txt", True)]
    (two / "t.txt").write_text(TEN)
    assert await scene.seen(["one"]) == [("one", "two", "t.txt", True)]
    assert await scene.seen(["two"]) == []


async def test_the_task_whose_change_made_the_overlap_is_the_later_one_for_as_long_as_it_lasts(
    scene: Scene,
) -> None:
    """M121: which of two agents is the second"""
    one, two = await scene.tasks("one", "two")
    (two / "t.txt").write_text(ten(l5="five"))
    assert await scene.look() == ()
    (one / "t.txt").write_text(ten(l5="FIVE"))
    assert [found.later for found in await scene.look()] == ["one"]
    (two / "t.txt").write_text(ten(l5="fifth"))
    assert [found.later for found in await scene.look()] == ["one"]


async def test_of_changes_seen_in_one_look_the_newer_file_is_the_later(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    os.utime(one / "t.txt", (2_000_000_000, 2_000_000_000))
    assert [found.later for found in await scene.look()] == ["one"]


async def test_lock_files_and_notes_for_agents_are_left_out_unless_asked_for(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    for place in (one, two):
        for name in ("CLAUDE.md", "web/package-lock.json", "uv.lock", "AGENTS.md"):
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(f"by {place.name}\n")
    assert await scene.seen() == []
    every = Live(scene.wave.site, ignore=())
    assert len(await every.look(scene.trees, "")) == 4
    await every.close()


def everything(repo: Repo, *places: Path) -> dict[str, object]:
    """All that must not change: refs, git's files, and what each worktree's git says."""
    own = [repo.common / "wavetree"]
    files = {
        str(file): file.read_bytes()
        for file in sorted(repo.common.rglob("*"))
        if file.is_file() and not any(file.is_relative_to(place) for place in own)
    }
    status = {
        str(place): repo.git("--no-optional-locks", "status", "--porcelain", at=place) for place in places
    }
    return {"files": files, "status": status, "refs": repo.git("for-each-ref")}


async def test_nothing_of_the_repository_or_a_worktree_is_touched(scene: Scene) -> None:
    """M119: index, refs, objects and files are the same bytes before and after"""
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (one / "new.txt").write_text("new\n")
    scene.repo.git("add", "new.txt", at=one)
    (two / "t.txt").write_text(ten(l5="five"))
    (two / "a.txt").unlink()
    before = everything(scene.repo, one, two)
    assert await scene.seen() == [("one", "two", "t.txt", True)]
    (two / "t.txt").write_text(ten(l5="5"))
    assert await scene.seen(["two"]) == [("one", "two", "t.txt", True)]
    (two / "t.txt").write_text(ten(l5="five"))
    assert everything(scene.repo, one, two) == before


async def test_a_worktree_that_vanishes_leaves_the_others_to_be_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = await scene.tasks("one", "two", "three")
    for place in places:
        (place / "t.txt").write_text(ten(l5=place.name))
    real_take = live_snapshot.take

    async def vanishing(*args: object) -> list[str]:
        if args[1] == places[2]:
            shutil.rmtree(places[2])
        return await real_take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(live_snapshot, "take", vanishing)
    assert await scene.seen() == [("one", "two", "t.txt", True)]
    assert list(scene.live.troubles) == ["three"]
    del scene.trees["three"]
    assert await scene.seen([]) == [("one", "two", "t.txt", True)]
    assert scene.live.troubles == {}


async def test_a_task_that_begins_again_elsewhere_is_compared_anew(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    assert len(await scene.seen()) == 1
    again = await scene.task("again")
    scene.trees = {"one": scene.trees["again"], "two": scene.trees["two"]}
    assert await scene.seen([]) == []
    (again / "t.txt").write_text(ten(l6="SIX"))
    assert await scene.seen(["one"]) == [("one", "two", "t.txt", True)]


async def test_a_full_store_is_thrown_away_and_the_look_is_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    before = await scene.look()
    store = scene.wave.site.state / "live" / "objects"
    (store / "17").mkdir(exist_ok=True)
    (store / "17" / ("0" * 38)).touch()
    monkeypatch.setattr(live_snapshot, "CROWDED", 0)
    after = await scene.look([])
    assert before == after
    assert not (store / "17" / ("0" * 38)).exists()


async def test_what_the_looks_have_made_is_gone_when_they_end(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    alone = Live(scene.wave.site)
    assert len(await alone.look(scene.trees, "")) == 1
    store = scene.wave.site.state / "live"
    assert store.exists()
    await alone.close()
    assert not store.exists()


async def test_union_merges_of_the_attributes_file_are_no_conflict(scene: Scene) -> None:
    scene.main({".gitattributes": "t.txt merge=union\n"})
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    assert await scene.seen() == [("one", "two", "t.txt", False)]


async def test_attributes_that_the_first_task_changed_hold_for_its_merge_with_the_second(
    scene: Scene,
) -> None:
    one, two, three = await scene.tasks("one", "two", "three")
    for place in (one, two, three):
        (place / "t.txt").write_text(ten(l5=place.name))
    (two / ".gitattributes").write_text("t.txt merge=union\n")
    assert await scene.seen() == [
        ("one", "two", "t.txt", True),
        ("one", "three", "t.txt", True),
        ("two", "three", "t.txt", False),
    ]


async def test_no_program_of_the_repositorys_config_runs(scene: Scene) -> None:
    """S1: filters, drivers, hooks and monitors that an agent configured"""
    one, two = await scene.tasks("one", "two")
    sentinel = scene.repo.beside / "ran"
    for key in (
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.command",
        "diff.evil.textconv",
        "merge.evil.driver",
        "core.fsmonitor",
    ):
        scene.repo.git("config", key, f"touch {sentinel}; cat")
    for place in (one, two):
        (place / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
        (place / "t.txt").write_text(ten(l5=place.name))
    assert ("one", "two", "t.txt", True) in await scene.seen()
    assert not sentinel.exists()


async def test_pairs_are_merged_one_by_one_where_git_takes_no_list(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    (two / "a.txt").write_text("two\n")
    real_ask = live_snapshot.Scratch.ask

    async def old_git(self: live_snapshot.Scratch, *args: str, **how: object) -> object:
        refused = args[0] == "merge-tree" and "--stdin" in args
        return await real_ask(self, *(("merge-tree", "--unknown") if refused else args), **how)  # type: ignore[arg-type]

    expected = await scene.look()
    monkeypatch.setattr(live_snapshot.Scratch, "ask", old_git)
    alone = Live(scene.wave.site)
    assert await alone.look(scene.trees, scene.repo.tip("main")) == expected != ()
    await alone.close()


async def test_git_failing_at_one_worktree_is_told_and_tried_again(scene: Scene) -> None:
    one, two = await scene.tasks("one", "two")
    (one / "t.txt").write_text(ten(l5="FIVE"))
    (two / "t.txt").write_text(ten(l5="five"))
    good, scene.trees["two"] = scene.trees["two"], type(scene.trees["two"])(two, ZERO)
    assert await scene.seen() == []
    assert list(scene.live.troubles) == ["two"]
    scene.trees["two"] = good
    assert await scene.seen([]) == [("one", "two", "t.txt", True)]
    assert scene.live.troubles == {}
