"""Reads an agent's log as it grows and posts what its lines report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from engine.agents.contract import Kind
from engine.core.gauged import ErrorType, TaskError
from engine.core.intents import AgentRequested
from engine.core.outcomes import AgentReported, Outcome, Report, TestFailed
from engine.edge.logs import Tail

Post = Callable[[Outcome], None]

SLICE = 2**14
"""Bytes read at once: thousands of short lines take milliseconds to look at."""
MOST = 2**20
"""Bytes read in one look."""


MOST_MESSAGES = 20
"""Messages of one report; an agent that floods says the rest in vain."""


class Follow:
    """One agent's log, which may have `limit` bytes. `error` is the failure that the agent stated; `too_much`
    and `late`: it was ended for its output, or for its time. Not `tracked`: how far it is is not told."""

    def __init__(
        self, intent: AgentRequested, kind: Kind, tail: Tail, limit: int, post: Post, *, tracked: bool = True
    ) -> None:
        self._intent = intent
        self._kind = kind
        self._tail = tail
        self._limit = limit
        self._post = post
        self._said = Report()
        self._tracked = tracked
        self.error: TaskError | None = None
        self.too_much = False
        self.late = False
        self._over = False

    async def look(self) -> bool:
        """Read what is new; True when the log has outgrown its limit, whether it was read so far or not."""
        await self._read(MOST)
        self._tell()
        return self._outgrown()

    def _outgrown(self) -> bool:
        try:
            return self._tail.path.stat().st_size > self._limit
        except OSError:
            return False

    async def finish(self) -> None:
        """Read the rest, as nothing more will be written; of a log that outgrew its limit nothing more."""
        self._over = True
        if not self._outgrown():
            await self._read(self._limit)
            self._take(self._tail.finish())
            self._tell()

    async def _read(self, most: int) -> None:
        """Read at most that many bytes, in slices between which everybody else has a turn."""
        end = self._tail.position + most
        before = -1
        while before < self._tail.position < end and not self._outgrown():
            before = self._tail.position
            self._take(self._tail.read(SLICE))
            await asyncio.sleep(0)

    def _take(self, lines: list[str]) -> None:
        for line in lines:
            if error := self._kind.failure(line):
                self._fails(error)
            if report := self._kind.report(line):
                self._said = _joined(self._said, report)

    def _fails(self, error: TaskError) -> None:
        """Of an agent that lives, a failing test is told at once (M170); all else counts at its end."""
        if error.type is ErrorType.TEST and self.error is None and not self._over:
            self._post(TestFailed(self._intent.task, self._intent.attempt, error))
        self.error = error

    def _tell(self) -> None:
        if not self._tracked:
            self._said = replace(self._said, progress=None, says=None, tests=None, step=None)
        if self._said != Report():
            self._post(AgentReported(self._intent.task, self._intent.attempt, self._said))
            self._said = Report()


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
        (first.messages + second.messages)[:MOST_MESSAGES],
    )
