"""What the rows of the specification say of the live screen, each by its number."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from screen_runs import NOW, Still, begun, clashing, failed, machine, midway, offered, story, with_task
from textual.events import Key
from textual.pilot import Pilot

import tui.app
from engine import Phase, Plan, State, Task, Timeline, Vitals, Wave, load_plan, outcomes
from engine.core.evolve import evolve
from engine.core.overlaps import Overlap
from engine.world.load import load
from tui.app import TICK, WavetreeApp
from tui.frame import Frame
from tui.lines import plain, width_of
from tui.panes.gauges import gauge_lines
from tui.panes.graph import critical_caption, graph_of
from tui.present import present
from tui.widgets.painted import Painted

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
WIDE, SMALL = (120, 40), (80, 24)


class Counting(Still):
    """A client that counts how often it was looked at; each look may take a while."""

    looks = 0
    takes = 0.0

    def refresh(self) -> bool:
        self.looks += 1
        time.sleep(self.takes)
        return True


def counting(still: Still) -> Counting:
    return Counting(still.state, still.timeline, still.vitals)


def app_of(still: Still, *, live: bool = False) -> WavetreeApp:
    return WavetreeApp(still, now=lambda: NOW, live=live, ascii_only=False)


def shown(app: WavetreeApp, pane: str) -> str:
    return plain(app.screen.query_one(f"#{pane}", Painted).lines)


async def until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if seen():
            return
        await pilot.pause(0.005)
    raise AssertionError("waited in vain")


def test_the_documents_story_is_drawn_with_six_nodes_six_edges_and_its_critical_path() -> None:
    """M208: without any of its edges the picture is another one"""
    state = begun(load_plan(DOCUMENTS / "000_agent_dependency_analysis.yaml"))
    frame = present(state, Timeline(), Vitals(), NOW)
    assert (len(frame.rows), len(frame.edges)) == (6, 6)
    assert frame.critical == {"doctype-designer", "api-developer", "workflow-specialist"}

    def drawn(of: Frame) -> str:
        return plain(graph_of(of, "", 120, 20).lines)

    for row in frame.rows:
        assert row.id in drawn(frame)
    for edge in frame.edges:
        rest = tuple(other for other in frame.edges if other != edge)
        assert drawn(replace(frame, edges=rest)) != drawn(frame), edge
    assert critical_caption(frame) == "━ critical path 50 min"
    light = drawn(replace(frame, critical=frozenset()))
    assert "━" in drawn(frame) and "━" not in light


async def test_a_change_of_state_is_painted_by_the_second_look_and_looks_are_within_a_second() -> None:
    """M208: nothing is pressed"""
    client = counting(midway())
    app = app_of(client, live=True)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "api-developer" in shown(app, "graph"))
        client.state = with_task(client.state, "api-developer", phase=Phase.FAILED)
        before = client.looks
        await until(pilot, lambda: "✗ api-developer" in shown(app, "graph"))
        assert client.looks - before <= 2
    assert 2 * TICK < 1


def test_the_gauges_of_a_machine_at_30_50_and_20_percent() -> None:
    """M210: bars of ten cells with the marks at 60 and 80"""
    frame = present(measured(30.0), Timeline(), machine(), NOW)
    lines = plain(gauge_lines(frame, (), 42, 7)).splitlines()
    assert [line.rstrip() for line in lines] == [
        " CPU     ━━━───┊─┊─  30 %  start 60 run 80",
        " RAM     ━━━━━─────  50 %  of 24.0 GB",
        " Disk    4.2 MB/s  180 GB free",
        " Network ━━────────  20 %  25 MB/s",
        " slots   ▮ ▮ ▯  2 of 3",
    ]


@pytest.mark.parametrize(
    ("cpu", "word"), [(30.0, ""), (60.0, "no new starts"), (70.0, "no new starts"), (85.0, "throttled")]
)
def test_a_busy_machine_is_said_in_words(cpu: float, word: str) -> None:
    """M210: what the engine makes of a reading is what the pane says"""
    frame = present(measured(cpu), Timeline(), machine(), NOW)
    text = plain(gauge_lines(frame, (), 60, 8))
    assert ("load" in text) == bool(word)
    assert word in text


def measured(cpu: float) -> State:
    """A run whose engine has measured that much."""
    level, why = load(cpu, 50.0, 0, "free", story().settings)
    return evolve(midway().state, outcomes.LoadSeen(level, cpu, why))


def at_work(*names: str) -> State:
    plan = Plan("live", tuple(map(Task, names)), (Wave(1, "one", names),))
    state = begun(plan)
    tasks = {name: replace(one, phase=Phase.RUNNING, attempt=1) for name, one in state.tasks.items()}
    return replace(state, tasks=tasks)


def clash(first: str, second: str) -> Overlap:
    return Overlap(first, second, "app.py", True, ((3, 9),), ((4, 4),), later=second)


def looked(state: State, *found: Overlap, gone: tuple[str, str] | None = None) -> State:
    """The state after one scan, which no longer finds what is `gone`."""
    over = (gone,) if gone else ()
    return evolve(state, outcomes.OverlapsSeen(found, over, dict.fromkeys(state.tasks, 1), state.tip))


async def test_a_conflict_is_on_the_screen_with_the_scan_that_saw_it_and_moves_down_when_it_is_over() -> None:
    """M211: no key is pressed; one look, one tick"""
    still = Still(at_work("a", "b", "c"))
    app = app_of(still)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "nothing needs you" in shown(app, "alerts")
        still.state = looked(still.state, clash("a", "b"))
        app.tick()
        assert "✖ conflict #1" in shown(app, "alerts")
        still.state = looked(still.state, clash("a", "b"), clash("b", "c"))
        app.tick()
        assert heads(app) == ["✖ conflict #2", "✖ conflict #1"]
        still.state = looked(still.state, gone=("b", "c"))
        app.tick()
        assert heads(app) == ["✖ conflict #1", "✓ conflict #2"]
        still.state = looked(still.state, gone=("a", "b"))
        app.tick()
        assert heads(app) == ["✓ conflict #2", "✓ conflict #1"]


def heads(app: WavetreeApp) -> list[str]:
    lines = shown(app, "alerts").splitlines()
    return [" ".join(line.split()[:3]) for line in lines if " conflict #" in line]


async def test_however_much_happens_a_key_is_answered_without_waiting_for_a_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """M223: a hundred events, a frame for each look and none for an event"""
    frames: list[Frame] = []

    def presented(*words: object, **more: object) -> Frame:
        frames.append(present(*words, **more))  # type: ignore[arg-type]
        return frames[-1]

    monkeypatch.setattr(tui.app, "present", presented)
    client = counting(midway())
    app = app_of(client)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        frames.clear()
        for event in range(100):  # ten a second are two between two ticks
            client.state = with_task(client.state, "api-developer", progress=float(event), commits=event)
            if event % 2:
                app.tick()
            if event % 10 == 0:
                before, looks = app.selected, client.looks
                await pilot.press("down" if event % 20 else "up")
                assert app.selected != before or event == 0
                assert client.looks == looks
        assert len(frames) == 50


async def test_looks_that_take_longer_than_a_tick_do_not_pile_up_before_a_key() -> None:
    """M223: what is late is left out, and a key comes in between"""
    client = counting(midway())
    app = app_of(client, live=True)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: client.looks > 1)
        client.takes = 1.5 * TICK
        for key in ("down", "down", "up", "down", "up"):
            before, looks = app.selected, client.looks
            app.post_message(Key(key, None))
            await until(pilot, lambda before=before: app.selected != before)
            assert client.looks - looks <= 2
        client.takes = 0.0


SCREENS: dict[str, tuple[Callable[[], Still], tuple[str, ...]]] = {
    "dashboard": (midway, ()),
    "failed": (failed, ()),
    "offered": (offered, ()),
    "task": (midway, ("enter",)),
    "sheet": (offered, ("a",)),
    "conflict": (clashing, ("c",)),
    "views": (midway, ("o",)),
    "stop": (midway, ("X",)),
    "help": (midway, ("question_mark",)),
}


@pytest.mark.parametrize("name", list(SCREENS))
async def test_at_80_by_24_no_key_is_cut_off(name: str) -> None:
    """M223: a line with keys ends within its pane, and no word of it is shortened"""
    moment, keys = SCREENS[name]
    app = app_of(moment())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
        lines = 0
        for painted in app.screen.query(Painted):
            if not painted.region.area:
                continue
            for line in painted.lines:
                if any(bit.style == "key" for bit in line):
                    lines += 1
                    assert width_of(line) <= painted.scrollable_content_region.width, plain([line])
                    assert not plain([line]).rstrip().endswith("…"), plain([line])
        assert lines
