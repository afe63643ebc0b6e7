"""Sessions as jobs: agents and set-ups started, followed to their end, frozen, continued, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from engine.agents.contract import Brief, Kind
from engine.agents.find import find
from engine.agents.prompt import compose
from engine.core.errors import WavetreeError
from engine.core.gauged import ErrorType, TaskError
from engine.core.intents import AgentRequested, PullRequestRequested, SetupRequested
from engine.core.messages import Message, as_line
from engine.core.outcomes import AgentExited, AgentStarted, Outcome, PullRequestEnded, SetupEnded
from engine.core.plan import AgentSpec, Plan, Task
from engine.core.strategy import watches
from engine.edge.logs import Tail
from engine.edge.runs import LOAD, OUTPUT, job_folder
from engine.executors.contract import Executor, Exit, Job, Usage
from engine.world.allowance import Allowance, limit_of, too_late
from engine.world.checks import Checks, bash, reason
from engine.world.context import Contexts
from engine.world.failures import not_started
from engine.world.following import Follow
from engine.world.pulls import LIMIT, pull_request

Post = Callable[[Outcome], None]

BREATH = 0.1
"""Seconds between two looks at a growing log. Who waits for a milestone starts from the commit that is there
when its report is read, so that must be soon."""


class Jobs:
    """The jobs of one run; `folder` is the run's folder."""

    def __init__(self, plan: Plan, folder: Path, executor: Executor, checks: Checks) -> None:
        self._plan = plan
        self._folder = folder
        self._executor = executor
        self._checks = checks
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
        env = dict(launch.env)
        if shared is not None:
            env["WAVETREE_CONTEXT"] = str(shared)
        key = f"{intent.task}/{intent.attempt}/agent"
        return self._checks.job(key, launch.argv, Path(intent.path), folder, env)

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
            reason(exit),
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
            await self._checks.end(self.folder(task, attempt, what))

    def usage(self, task: str, attempt: int) -> Usage:
        return self._executor.usage(self.folder(task, attempt))

    # ── beside the agent ────────────────────────────────────────────────────────────────────────────

    async def setup(self, intent: SetupRequested) -> SetupEnded:
        """Run the plan's set-up command in the worktree to its end."""
        task, attempt, setup = intent.task, intent.attempt, self._plan.setup
        folder = self.folder(task, attempt, "setup")
        job = self._checks.job(f"{task}/{attempt}/setup", bash(setup.run), Path(intent.path), folder)
        end = await self._checks.run(job, setup.timeout)
        return SetupEnded(intent.key, task, attempt, end.green, end.detail, str(folder / OUTPUT))

    async def pull_request(self, intent: PullRequestRequested) -> PullRequestEnded:
        """Run the command that makes a pull request of the branch in the task's worktree; after a crash, find
        how it ended (M141)."""
        task, attempt = intent.task, intent.attempt
        folder = self.folder(task, attempt, "pull")
        job = self._checks.job(intent.key, intent.command, Path(intent.path), folder)
        return pull_request(intent, await self._checks.run(job, LIMIT), folder / OUTPUT)


def _too_much_output(task: str, limit: int, log: str) -> TaskError:
    return TaskError(
        ErrorType.ENVIRONMENT,
        f"{task}: the agent wrote more than {limit // 2**20} MB of output and was ended",
        f"its output is in {log}",
        ("make the agent less talkative", f"or raise settings.log_limit, then: wavetree retry {task}"),
    )
