"""Sessions as jobs: agents, set-ups and gates started, followed to their end, frozen, continued, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.agents.contract import Brief, Kind
from engine.agents.find import find
from engine.agents.prompt import compose
from engine.core.errors import EngineError, WavetreeError
from engine.core.gauged import ErrorType, GateVerdict, TaskError
from engine.core.intents import AgentRequested, GateRequested, SetupRequested
from engine.core.messages import Message, as_line
from engine.core.outcomes import AgentExited, AgentStarted, GateEnded, Outcome, SetupEnded
from engine.core.plan import AgentSpec, Plan, Task
from engine.core.strategy import watches
from engine.edge.git import AGENT_GIT_ENV
from engine.edge.logs import Tail
from engine.edge.runs import LOAD, OUTPUT, job_folder
from engine.executors.contract import Executor, Exit, Job, Usage
from engine.world.allowance import Allowance, limit_of, too_late
from engine.world.context import Contexts
from engine.world.failing_tests import failing_test
from engine.world.failures import not_started
from engine.world.following import Follow

Post = Callable[[Outcome], None]

WORST = (GateVerdict.RED, GateVerdict.BROKEN, GateVerdict.TIMEOUT, GateVerdict.SKIPPED, GateVerdict.GREEN)
"""Verdicts, the one that tells for several first."""
BREATH = 0.1
"""Seconds between two looks at a growing log."""


class Jobs:
    """The jobs of one run; `folder` is the run's folder."""

    def __init__(
        self, run: str, mark: str, plan: Plan, folder: Path, executor: Executor, gate_tree: Path
    ) -> None:
        self._gate_tree = gate_tree
        self._run = run
        self._mark = mark
        self._plan = plan
        self._folder = folder
        self._executor = executor
        self._unwanted: set[Path] = set()
        self._contexts = Contexts(folder)
        self._allowed: dict[Path, Allowance] = {}

    # ── agents ──────────────────────────────────────────────────────────────────────────────────────

    def folder(self, task: str, attempt: int, what: str = "agent") -> Path:
        """The folder of a task's job; `what` is agent, setup or pull."""
        return job_folder(self._folder, task, attempt, what)

    def note_load(self, at: float, cpu: float, ram: float) -> None:
        """Write down the machine's load, in percent, for the report of the run (M186)."""
        with contextlib.suppress(OSError), (self._folder / LOAD).open("a") as out:
            out.write(f"{at:.1f} {cpu:.1f} {ram:.1f}\n")

    def mark(self, key: str) -> str:
        """What every process of the job for that intent carries in its environment."""
        return f"{self._mark}/{key}"

    def inbox(self, task: str, attempt: int) -> Path:
        """The file in which an attempt finds the messages to it, a JSON object a line (M151)."""
        return self.folder(task, attempt) / "inbox.jsonl"

    def deliver(self, task: str, attempt: int, messages: Sequence[Message], at: float) -> None:
        """Add those of the messages to the inbox that are not in it, durably. Raises OSError."""
        place = self.inbox(task, attempt)
        text = place.read_text(encoding="utf-8") if place.exists() else ""
        there = {json.loads(line)["id"] for line in text.splitlines() if line.endswith("}")}
        time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        lines = [as_line(one, time) for one in messages if one.id not in there]
        with place.open("a", encoding="utf-8") as out:
            out.write(("" if text.endswith("\n") or not text else "\n") + "".join(lines))
            out.flush()
            os.fsync(out.fileno())

    def result_file(self, task: str, attempt: int) -> Path:
        """Where the agent may leave its structured result."""
        return self.folder(task, attempt) / "result.json"

    async def agent(self, intent: AgentRequested, post: Post) -> None:
        """Start or find the agent, post that it started, its reports, and at last its exit."""
        task = self._plan.task(intent.task)
        folder = self.folder(intent.task, intent.attempt)
        spec = self._plan.agents.get(task.agent, AgentSpec(task.agent, kind=task.agent))
        kind = find(spec.kind)
        try:
            job = self._agent_job(intent, task, spec, kind, folder)
            started = await self._executor.start(job)
        except WavetreeError as error:
            post(self._never_ran(intent, str(error)))
            return
        log = str(folder / OUTPUT)
        if started.pid:
            post(AgentStarted(intent.task, intent.attempt, started.pid, log, started.adopted))
        tracked = watches(self._plan, "real_time_tracking")
        limit = self._plan.settings.log_limit
        follow = Follow(intent, kind, Tail(folder / OUTPUT), limit, post, tracked=tracked)
        allowed = self._allowed.setdefault(folder, Allowance(limit_of(task, self._plan.settings)))
        ended = asyncio.ensure_future(self._executor.wait(folder))  # awaited below
        while not ended.done():
            await asyncio.wait([ended], timeout=BREATH)
            if await follow.look() and not follow.too_much:
                follow.too_much = True
                await self._executor.kill(folder, 0)  # at once: it is filling the disk
            elif allowed.over and not ended.done() and not follow.late:
                follow.late = True
                await self._executor.kill(folder, self._plan.settings.stop_grace)
        del self._allowed[folder]
        await follow.finish()
        exited = self._exited(intent, ended.result(), follow, log)
        found_dead = started.adopted and not started.pid
        post(replace(exited, interrupted=found_dead and exited.code is None))

    def _agent_job(
        self, intent: AgentRequested, task: Task, spec: AgentSpec, kind: Kind, folder: Path
    ) -> Job:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prompt = task.prompt or compose(task)
        shared = self._contexts.of(self._wave_of(task.id), spec, Path(intent.path))
        if shared is not None:
            prompt += f"\n\n# Shared context\n\n{shared.read_text(encoding='utf-8')}"
        prompt_file = folder / "prompt.md"
        prompt_file.write_text(prompt, encoding="utf-8")
        brief = Brief(
            task,
            spec,
            intent.attempt,
            Path(intent.path),
            folder,
            prompt,
            prompt_file,
            self.result_file(intent.task, intent.attempt),
            self.inbox(intent.task, intent.attempt),
        )
        launch = kind.launch(brief)
        env = {**AGENT_GIT_ENV, "WAVETREE_RUN": self._run, **launch.env}
        if shared is not None:
            env["WAVETREE_CONTEXT"] = str(shared)
        mark = f"{self._mark}/{intent.task}/{intent.attempt}/agent"
        return Job(mark, launch.argv, Path(intent.path), folder, env)

    def _wave_of(self, task: str) -> int:
        """The number of the wave that the plan has a task in; 0 for one of a wave that was made since."""
        return next((wave.number for wave in self._plan.waves if task in wave.tasks), 0)

    def _never_ran(self, intent: AgentRequested, text: str) -> AgentExited:
        return AgentExited(
            intent.key,
            intent.task,
            intent.attempt,
            None,
            error=not_started(intent.task, text),
            never_ran=True,
        )

    def _exited(self, intent: AgentRequested, exit: Exit, follow: Follow, log: str) -> AgentExited:
        if exit.error:
            return self._never_ran(intent, exit.error)
        error = follow.error
        if follow.too_much:
            error = _too_much_output(intent.task, self._plan.settings.log_limit, log)
        elif follow.late:
            task = self._plan.task(intent.task)
            error = too_late(task, limit_of(task, self._plan.settings), log)
        return AgentExited(
            intent.key,
            intent.task,
            intent.attempt,
            exit.code,
            exit.signal,
            _reason(exit),
            error,
            exit.orphans,
            log,
        )

    async def freeze(self, task: str, attempt: int) -> int:
        """Stop the task's whole tree; how many processes were stopped, -1 when it has ended."""
        folder = self.folder(task, attempt)
        stopped = await self._executor.freeze(folder)
        if stopped >= 0 and folder in self._allowed:
            self._allowed[folder].pause()
        return stopped

    async def thaw(self, task: str, attempt: int) -> None:
        folder = self.folder(task, attempt)
        await self._executor.thaw(folder)
        if folder in self._allowed:
            self._allowed[folder].go_on()

    async def kill(self, task: str, attempt: int) -> None:
        """End the task's agent and its set-up, whichever runs."""
        for what in ("setup", "agent"):
            await self._end(self.folder(task, attempt, what))

    async def _end(self, folder: Path) -> None:
        """End a job; one that is only about to be started is ended as soon as it is there."""
        self._unwanted.add(folder)
        if folder.exists():
            await self._executor.kill(folder, self._plan.settings.stop_grace)

    def usage(self, task: str, attempt: int) -> Usage:
        return self._executor.usage(self.folder(task, attempt))

    # ── set-up and gates ────────────────────────────────────────────────────────────────────────────

    async def setup(self, intent: SetupRequested) -> SetupEnded:
        """Run the plan's set-up command in the worktree to its end."""
        folder = self.folder(intent.task, intent.attempt, "setup")
        setup = self._plan.setup
        mark = f"{self._mark}/{intent.task}/{intent.attempt}/setup"
        verdict, detail, _ = await self.check(
            folder, mark, _bash(setup.run), Path(intent.path), setup.timeout
        )
        ok = verdict is GateVerdict.GREEN
        return SetupEnded(intent.key, intent.task, intent.attempt, ok, detail, str(folder / OUTPUT))

    def gate_tree(self, slot: int) -> Path:
        """Where the gates of that slot run."""
        return self._gate_tree if slot == 1 else self._gate_tree.with_name(f"{self._gate_tree.name}-{slot}")

    @property
    def gate_trees(self) -> list[Path]:
        """Where gates may have run, one place for each slot."""
        return [self.gate_tree(slot) for slot in range(1, self._plan.settings.gate_slots + 1)]

    def _gate_folder(self, key: str) -> Path:
        return self._folder / "gates" / re.sub(r"[^\w.-]+", "-", key, flags=re.ASCII)[-100:].lstrip(".")

    async def gate(self, intent: GateRequested, prepare: Callable[[], Awaitable[None]]) -> GateEnded:
        """Run the gate in the gate worktree of its slot; green is exit 0 in time and nothing else. `prepare`
        makes the worktree fit for it, and is not called for a gate that an engine before this one started.
        Of a gate with a matrix each cell runs so, and the worst that is red tells for all of them (M196)."""
        cells = [self._cell(intent, cell) for cell in intent.gate.cells]
        found = [await self._found(cell.job) for cell in cells]
        if not any(found):
            await prepare()
        room = asyncio.Semaphore(intent.builds)

        async def run(cell: _Cell, *, started: bool) -> _Ended:
            async with room:
                if not started and self._gate_folder(intent.key) in self._unwanted:
                    return _Ended(GateVerdict.RED, "it was given up before its turn")
                if not started:
                    await self._executor.start(cell.job)
                return await self._end_of(cell.job.folder, intent.gate.timeout)

        pairs = sorted(zip(cells, found, strict=True), key=lambda pair: not pair[1])
        ended = await asyncio.gather(*(run(cell, started=there) for cell, there in pairs))
        return _judged(intent, [(cell, end) for (cell, _), end in zip(pairs, ended, strict=True)])

    def _cell(self, intent: GateRequested, values: dict[str, str]) -> _Cell:
        """The job of one combination of a gate's matrix, in a folder of its own below the gate's."""
        named = ", ".join(f"{name}={value}" for name, value in values.items())
        folder, mark = self._gate_folder(intent.key), f"{self._mark}/{intent.key}"
        if values:
            number = intent.gate.cells.index(values) + 1
            folder, mark = folder / str(number), f"{mark}/{number}"
        env = {**AGENT_GIT_ENV, "WAVETREE_RUN": self._run, **values}
        return _Cell(named, Job(mark, _bash(intent.gate.run), self.gate_tree(intent.slot), folder, env))

    async def furnish_gate(self, intent: GateRequested, *, again: bool) -> None:
        """Run the plan's set-up command in the gate worktree, once for each commit, or `again` in a worktree
        that has just been made or cleaned. Raises EngineError when it fails: the gate cannot run."""
        ready = self._folder / "gates" / ("ready" if intent.slot == 1 else f"ready-{intent.slot}")
        if again:
            ready.unlink(missing_ok=True)
        if not self._plan.setup.run or (ready.exists() and ready.read_text() == intent.sha):
            return
        folder = self._gate_folder(f"{intent.key}:setup")
        setup = self._plan.setup
        mark = f"{self._mark}/{intent.key}/setup"
        tree = self.gate_tree(intent.slot)
        verdict, detail, _ = await self.check(folder, mark, _bash(setup.run), tree, setup.timeout)
        if verdict is not GateVerdict.GREEN:
            raise EngineError(f"the set-up failed there: {detail}; its log: {folder / 'out.log'}")
        ready.write_text(intent.sha)

    def broken_gate(self, intent: GateRequested, detail: str) -> GateEnded:
        """A gate that cannot run is red (M146)."""
        return GateEnded(
            intent.key, intent.level, intent.subject, intent.gate.name, GateVerdict.BROKEN, detail
        )

    async def abort(self, key: str) -> None:
        """End the gate of that key, with every cell of its matrix."""
        folder = self._gate_folder(key)
        self._unwanted.add(folder)
        jobs = [record.parent for record in (*folder.glob("pid.json"), *folder.glob("*/pid.json"))]
        await asyncio.gather(*(self._end(job) for job in jobs))

    async def check(
        self,
        folder: Path,
        mark: str,
        argv: tuple[str, ...],
        cwd: Path,
        limit: float,
    ) -> tuple[GateVerdict, str, float]:
        """Run a command to its end, at most `limit` seconds, or find the one that an engine before this one
        started; how it ended, why when it is not green, and how many seconds it took."""
        job = Job(mark, argv, cwd, folder, {**AGENT_GIT_ENV, "WAVETREE_RUN": self._run})
        if not await self._found(job):
            await self._executor.start(job)
        end = await self._end_of(folder, limit)
        return end.verdict, end.detail, end.seconds

    async def _end_of(self, folder: Path, limit: float) -> _Ended:
        """How a command that was started ends, at most `limit` seconds from now."""
        if self._unwanted & {folder, folder.parent}:
            await self._executor.kill(folder, self._plan.settings.stop_grace)
        late = False
        try:
            exit = await asyncio.wait_for(self._executor.wait(folder), limit)
        except TimeoutError:
            late = True
            await self._executor.kill(folder, self._plan.settings.stop_grace)
            exit = await self._executor.wait(folder)
        if late:
            return _Ended(GateVerdict.TIMEOUT, f"no end within {limit:g} s", exit.started, exit.ended)
        if exit.error or exit.code in (126, 127):
            why = exit.error or f"exit code {exit.code}: command not found"
            return _Ended(GateVerdict.BROKEN, why, exit.started, exit.ended)
        if exit.code == 0:
            return _Ended(GateVerdict.GREEN, "", exit.started, exit.ended)
        return _Ended(GateVerdict.RED, _reason(exit), exit.started, exit.ended)

    async def _found(self, job: Job) -> bool:
        """Whether an engine before this one has started the check. One that went down together with that
        engine, as when the machine was switched off, has said nothing and does not count."""
        if not (job.folder / "pid.json").exists():
            return False
        if (await self._executor.start(job)).pid or (await self._executor.wait(job.folder)).code is not None:
            return True
        shutil.rmtree(job.folder)
        return False


class _Cell(Struct, frozen=True):
    """One run of a gate's command; `name` are its values, empty without a matrix."""

    name: str
    job: Job


class _Ended(Struct, frozen=True):
    """How a command ended, and why when it is not green; seconds since the epoch."""

    verdict: GateVerdict
    detail: str = ""
    started: float = 0.0
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        return max(0.0, self.ended - self.started)


def _judged(intent: GateRequested, ended: Sequence[tuple[_Cell, _Ended]]) -> GateEnded:
    """The gate's verdict: green when every cell is, else that of the first of the worst, and all that are
    not green by their names."""
    worst, end = min(ended, key=lambda pair: WORST.index(pair[1].verdict))
    log = worst.job.folder / OUTPUT
    test, error = failing_test(log) if end.verdict is GateVerdict.RED else ("", "")
    told = [(worst, error or end.detail)] if end.verdict is not GateVerdict.GREEN else []
    told += [(cell, one.detail) for cell, one in ended if one.detail and cell is not worst]
    detail = "; ".join(": ".join(filter(None, (cell.name, said))) for cell, said in told)
    began = [one.started for _, one in ended if one.started]
    seconds = max(one.ended for _, one in ended) - min(began) if began else 0.0
    return GateEnded(
        intent.key,
        intent.level,
        intent.subject,
        intent.gate.name,
        end.verdict,
        detail,
        str(log),
        round(max(0.0, seconds), 3),
        test,
    )


def _bash(command: str) -> tuple[str, ...]:
    return ("bash", "-eo", "pipefail", "-c", command)


def _reason(exit: Exit) -> str:
    if exit.code is None:
        return "killed together with its shim; no exit was recorded"
    if exit.signal:
        return f"ended by {signal.Signals(exit.signal).name}"
    return f"exit code {exit.code}" if exit.code else ""


def _too_much_output(task: str, limit: int, log: str) -> TaskError:
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: the agent wrote more than {limit // 2**20} MB of output and was ended",
        f"its output is in {log}",
        ("make the agent less talkative", f"or raise settings.log_limit, then: wavetree retry {task}"),
    )
