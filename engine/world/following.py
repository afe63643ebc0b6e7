"""Reads an agent's log as it grows and posts what its lines report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.agents.contract import Kind
from engine.core.events import AgentReported, AgentRequested, Outcome, Report, TaskError
from engine.edge.logs import Tail

Post = Callable[[Outcome], None]


class Follow:
    """One agent's log, which may have `limit` bytes. `error` is the failure that the agent stated."""

    def __init__(self, intent: AgentRequested, kind: Kind, tail: Tail, limit: int, post: Post) -> None:
        self._intent = intent
        self._kind = kind
        self._tail = tail
        self._limit = limit
        self._post = post
        self.error: TaskError | None = None
        self.too_much = False

    def look(self) -> bool:
        """Read what is new; True when the log has outgrown its limit, whether it was read so far or not."""
        self._take(self._tail.read())
        try:
            return self._tail.path.stat().st_size > self._limit
        except OSError:
            return False

    async def finish(self) -> None:
        """Read the rest, as nothing more will be written; of a log that outgrew its limit nothing more."""
        before = -1
        while not self.too_much and self._tail.position > before:
            before = self._tail.position
            self._take(self._tail.read())
            await asyncio.sleep(0)
        if not self.too_much:
            self._take(self._tail.finish())

    def _take(self, lines: list[str]) -> None:
        said = Report()
        for line in lines:
            self.error = self._kind.failure(line) or self.error
            if report := self._kind.report(line):
                said = _joined(said, report)
        if said != Report():
            self._post(AgentReported(self._intent.task, self._intent.attempt, said))


def _joined(first: Report, second: Report) -> Report:
    """What both say; where they differ, the later one."""
    return Report(
        second.progress if second.progress is not None else first.progress,
        second.says if second.says is not None else first.says,
        second.tests if second.tests is not None else first.tests,
        second.step if second.step is not None else first.step,
        second.cost_usd if second.cost_usd is not None else first.cost_usd,
        tuple(dict.fromkeys(first.milestones + second.milestones)),
        second.question if second.question is not None else first.question,
    )
