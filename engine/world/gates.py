"""Gates: commands that judge a commit in a worktree of their own, once for each cell of their matrix."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from engine.core.errors import EngineError
from engine.core.gauged import GateVerdict
from engine.core.intents import GateRequested
from engine.core.outcomes import GateEnded
from engine.core.plan import Plan
from engine.edge.runs import OUTPUT
from engine.executors.contract import Job
from engine.world.checks import Checks, Ended, bash
from engine.world.failing_tests import failing_test

WORST = (GateVerdict.RED, GateVerdict.BROKEN, GateVerdict.TIMEOUT, GateVerdict.SKIPPED, GateVerdict.GREEN)
"""Verdicts, the one that tells for several first."""


class GateJobs:
    """The gates of one run; `folder` is the run's folder, `tree` where those of the first slot run."""

    def __init__(self, plan: Plan, folder: Path, checks: Checks, tree: Path) -> None:
        self._plan = plan
        self._folder = folder / "gates"
        self._checks = checks
        self._tree = tree

    def tree(self, slot: int) -> Path:
        """Where the gates of that slot run."""
        return self._tree if slot == 1 else self._tree.with_name(f"{self._tree.name}-{slot}")

    @property
    def trees(self) -> list[Path]:
        """Where gates may have run, one place for each slot."""
        return [self.tree(slot) for slot in range(1, self._plan.settings.gate_slots + 1)]

    async def run(self, intent: GateRequested, prepare: Callable[[], Awaitable[None]]) -> GateEnded:
        """Run the gate in the gate worktree of its slot; green is exit 0 in time and nothing else. `prepare`
        makes the worktree fit for it, and is not called for a gate that an engine before this one started.
        Of a gate with a matrix each cell runs so, and the worst that is red tells for all of them (M196)."""
        cells = self._cells(intent)
        there = {cell.name: await self._checks.found(cell.job) for cell in cells}
        if not any(there.values()):
            await prepare()
        room = asyncio.Semaphore(intent.builds)

        async def run(cell: _Cell) -> Ended:
            async with room:
                if there[cell.name]:
                    return await self._checks.end_of(cell.job, intent.gate.timeout)
                if self._checks.unwanted(self._record(intent.key)):
                    return Ended(GateVerdict.RED, "it was given up before its turn")
                try:
                    return await self._checks.run(cell.job, intent.gate.timeout)
                except EngineError as error:  # the others run to their end in the same worktree
                    return Ended(GateVerdict.BROKEN, str(error))

        cells.sort(key=lambda cell: not there[cell.name])
        return _judged(intent, cells, await asyncio.gather(*map(run, cells)))

    async def furnish(self, intent: GateRequested, *, again: bool) -> None:
        """Run the plan's set-up command in the gate worktree, once for each commit, or `again` in a worktree
        that has just been made or cleaned. Raises EngineError when it fails: the gate cannot run."""
        ready = self._folder / ("ready" if intent.slot == 1 else f"ready-{intent.slot}")
        if again:
            ready.unlink(missing_ok=True)
        setup = self._plan.setup
        if not setup.run or (ready.exists() and ready.read_text() == intent.sha):
            return
        folder = self._record(f"{intent.key}:setup")
        job = self._checks.job(f"{intent.key}/setup", bash(setup.run), self.tree(intent.slot), folder)
        end = await self._checks.run(job, setup.timeout)
        if not end.green:
            raise EngineError(f"the set-up failed there: {end.detail}; its log: {folder / OUTPUT}")
        ready.write_text(intent.sha)

    def broken(self, intent: GateRequested, detail: str) -> GateEnded:
        """A gate that cannot run is red (M146)."""
        verdict = GateVerdict.BROKEN
        return GateEnded(intent.key, intent.level, intent.subject, intent.gate.name, verdict, detail)

    async def abort(self, key: str) -> None:
        """End the gate of that key, with every cell of its matrix."""
        folder = self._record(key)
        await asyncio.gather(*map(self._checks.end, (folder, *folder.glob("[0-9]*"))))

    def _record(self, key: str) -> Path:
        return self._folder / re.sub(r"[^\w.-]+", "-", key, flags=re.ASCII)[-100:].lstrip(".")

    def _cells(self, intent: GateRequested) -> list[_Cell]:
        """The job of each combination of a gate's matrix, in a folder of its own below the gate's; without a
        matrix the one job of the gate."""
        folder, argv, tree = self._record(intent.key), bash(intent.gate.run), self.tree(intent.slot)
        if not intent.gate.matrix:
            return [_Cell("", self._checks.job(intent.key, argv, tree, folder))]
        return [
            _Cell(
                ", ".join(f"{name}={value}" for name, value in values.items()),
                self._checks.job(f"{intent.key}/{number}", argv, tree, folder / str(number), values),
            )
            for number, values in enumerate(intent.gate.cells, start=1)
        ]


class _Cell(Struct, frozen=True):
    """One run of a gate's command; `name` are its values, empty without a matrix."""

    name: str
    job: Job


def _judged(intent: GateRequested, cells: Sequence[_Cell], ends: Sequence[Ended]) -> GateEnded:
    """The gate's verdict: green when every cell is, else that of the first of the worst, and all that are
    not green by their names."""
    ended = list(zip(cells, ends, strict=True))
    worst, end = min(ended, key=lambda pair: WORST.index(pair[1].verdict))
    log = worst.job.folder / OUTPUT
    test, error = failing_test(log) if end.verdict is GateVerdict.RED else ("", "")
    told = [] if end.green else [(worst, error or end.detail)]
    told += [(cell, one.detail) for cell, one in ended if one.detail and cell is not worst]
    began = [one.started for one in ends if one.started]
    return GateEnded(
        intent.key,
        intent.level,
        intent.subject,
        intent.gate.name,
        end.verdict,
        "; ".join(": ".join(filter(None, (cell.name, said))) for cell, said in told),
        str(log),
        round(max(one.ended for one in ends) - min(began), 3) if began else 0.0,
        test,
    )
