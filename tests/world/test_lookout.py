"""The lookout compares what changed, tells what is news once, and goes on when git does not."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from world_of_paper import Paper, plan, task

from engine.core.errors import GitError
from engine.core.intents import AgentRequested
from engine.core.naming import Added
from engine.core.outcomes import AgentStarted, OverlapsSeen
from engine.core.overlaps import Overlap
from engine.core.state import State
from engine.edge.live import Tree
from engine.world import lookout
from engine.world.lookout import Lookout, News

CLASH = Overlap("a", "b", "app.py", True, ((1, 1),), ((1, 1),), "-x\n+y", "-x\n+z", "b")


class PaperLive:
    """Sees what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.troubles: dict[str, str] = {}
        self.found: tuple[Overlap, ...] = ()
        self.paths: dict[str, frozenset[str]] = {}
        self.asked: list[tuple[list[str], str, set[str]]] = []
        self.fails = 0
        self.lines: dict[str, list[Added]] = {}
        self.closed = False

    async def look(
        self,
        tasks: Mapping[str, Tree],
        tip: str,
        changed: Iterable[str] | None = None,
        settled: object = (),
    ) -> tuple[Overlap, ...]:
        self.asked.append(([*tasks], tip, set(changed or ())))
        if self.fails:
            self.fails -= 1
            raise GitError(("merge-tree",), 128, "no")
        return self.found

    def changed(self, task: str) -> frozenset[str]:
        return self.paths.get(task, frozenset())

    async def added(self, task: str, wants: Callable[[str], bool]) -> list[Added]:
        return [line for line in self.lines.get(task, []) if wants(line.file)]

    async def close(self) -> None:
        self.closed = True


class PaperWatch:
    """Tells of what the test says has changed."""

    def __init__(self) -> None:
        self.degraded = ""
        self.by_turn: frozenset[str] = frozenset()
        self.kept: list[dict[str, Path]] = []
        self.news: asyncio.Queue[frozenset[str]] = asyncio.Queue()

    def keep(self, trees: Mapping[str, Path]) -> None:
        self.kept.append(dict(trees))

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        while True:
            yield await self.news.get()

    def close(self) -> None:
        self.kept.append({})


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Set:
    """A lookout at work on a run of three agents."""

    def __init__(self) -> None:
        self.paper = running("a", "b", "c")
        self.live, self.watch = PaperLive(), PaperWatch()
        self.told: list[OverlapsSeen] = []
        self.lookout = Lookout(self.live, self.watch)

    def post(self, outcome: OverlapsSeen) -> None:
        self.told.append(outcome)
        self.paper.tell(outcome)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        work = asyncio.ensure_future(self.lookout.watch(lambda: self.paper.state, self.post))
        try:
            yield
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work


def running(*names: str) -> Paper:
    paper = Paper(plan(*(task(name) for name in names), slots=len(names)))

    def answer(intent: object) -> tuple[AgentStarted, ...] | None:
        if isinstance(intent, AgentRequested):
            return (AgentStarted(intent.task, intent.attempt, 7, "/log"),)
        return None

    paper.run(answer)
    return paper


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "TICK", 0.005)
    monkeypatch.setattr(lookout, "AGAIN", 0.001)


async def test_a_look_follows_a_start_and_each_change_and_news_are_told_once(quick: None) -> None:
    made = Set()
    async with made.at_work():
        await until(lambda: bool(made.live.asked))
        assert made.live.asked[0] == (["a", "b", "c"], "base0", set())
        assert [*made.watch.kept[0]] == ["a", "b", "c"]
        made.live.found = (CLASH,)
        made.watch.news.put_nowait(frozenset({"b"}))
        await until(lambda: bool(made.told))
        assert made.live.asked[-1][2] == {"b"}
        assert made.told == [OverlapsSeen((CLASH,), (), {"a": 1, "b": 1}, "base0")]
        assert made.paper.state.conflicts["c1"].open
        looks = len(made.live.asked)
        made.watch.news.put_nowait(frozenset({"c"}))
        await until(lambda: len(made.live.asked) > looks)
        made.live.found = ()
        made.watch.news.put_nowait(frozenset({"a"}))
        await until(lambda: len(made.told) > 1)
        assert made.told[1:] == [OverlapsSeen((), (("a", "b"),), {"a": 1, "b": 1}, "base0")]
        assert not made.paper.state.conflicts["c1"].open
    assert made.live.closed
    assert made.watch.kept[-1] == {}


async def test_a_new_engine_settles_what_was_over_before_it_came(quick: None) -> None:
    made = Set()
    made.paper.tell(OverlapsSeen((CLASH,), (), {"a": 1, "b": 1}, "base0"))
    async with made.at_work():
        await until(lambda: not made.paper.state.conflicts["c1"].open)
    assert made.told[0].gone == (("a", "b"),)


async def test_a_look_that_fails_is_made_again_with_all_that_had_changed(quick: None) -> None:
    made = Set()
    async with made.at_work():
        await until(lambda: bool(made.live.asked))
        made.live.fails, made.live.found = 2, (CLASH,)
        made.watch.news.put_nowait(frozenset({"b"}))
        await until(lambda: bool(made.told))
    assert [asked[2] for asked in made.live.asked[-3:]] == [{"b"}] * 3


async def test_a_watch_that_is_slow_says_so_once(quick: None) -> None:
    made = Set()
    made.watch.degraded = "changes are noticed late"
    async with made.at_work():
        for number in range(3):
            made.watch.news.put_nowait(frozenset({"a"}))
            await until(lambda number=number: len(made.live.asked) > number)
    assert [told.slow for told in made.told] == ["changes are noticed late"]
    (alert,) = made.paper.state.alerts
    assert (alert.kind.value, alert.open, alert.text) == ("notice", False, "changes are noticed late")


async def test_one_agent_alone_on_what_is_merged_costs_no_look(quick: None) -> None:
    made = Set()
    made.paper = running("a")
    async with made.at_work():
        await until(lambda: bool(made.watch.kept))
        made.watch.news.put_nowait(frozenset({"a"}))
        await until(lambda: made.watch.news.empty())
    assert made.live.asked == []


def told(news: News) -> list[OverlapsSeen]:
    found: list[OverlapsSeen] = []
    news.tell(found.append)
    return found


def noted(news: News, state: State, *found: Overlap) -> list[OverlapsSeen]:
    news.note(state, ("a", "b"), found)
    return told(news)


def test_other_lines_are_told_once_a_second_and_another_file_at_once() -> None:
    clock = Clock()
    news, state = News(clock), running("a", "b").state
    assert len(noted(news, state, CLASH)) == 1
    more = replace(CLASH, lines_first=((1, 2),))
    assert noted(news, state, more) == []
    clock.now += 1
    assert [seen.overlaps for seen in told(news)] == [(more,)]
    assert told(news) == []
    other = replace(CLASH, file="b.py")
    assert [seen.overlaps for seen in noted(news, state, more, other)] == [(more, other)]


def test_what_was_gone_and_comes_back_is_told_again() -> None:
    news, paper = News(Clock()), running("a", "b")
    assert noted(news, paper.state, CLASH)
    assert noted(news, paper.state) == [], "nothing is on record yet"
    assert noted(news, paper.state, CLASH)


async def test_whoever_counts_files_is_told_what_stirred_and_not_whose_turn_it_was(quick: None) -> None:
    made = Set()
    assert made.lookout.stirred() is None, "nobody watches yet"
    async with made.at_work():
        await until(lambda: made.lookout.stirred() is not None)
        made.watch.by_turn = frozenset("b")
        made.watch.news.put_nowait(frozenset("ab"))
        told: list[str] = []

        def heard() -> bool:
            told.extend(made.lookout.stirred() or ())
            return bool(told)

        await until(heard)
        assert told == ["a"]
    assert made.lookout.stirred() is None
