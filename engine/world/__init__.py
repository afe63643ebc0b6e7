"""Carries out intents: one match, one arm per effect, each fit to be done again after a crash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import assert_never

from engine.core.errors import EngineError, WavetreeError
from engine.core.intents import (
    AbortRequested,
    AdvanceRequested,
    AgentRequested,
    CandidateRequested,
    CheckRequested,
    CleanupRequested,
    CollectRequested,
    DeliverRequested,
    FreezeRequested,
    GateRequested,
    IntegrationRequested,
    Intent,
    KillRequested,
    LandRequested,
    PlaceRequested,
    PullRequestRequested,
    RebaseRequested,
    RecordRequested,
    SetupRequested,
    SyncRequested,
    ThawRequested,
    UndoRequested,
    WorktreeRequested,
)
from engine.core.outcomes import (
    Aborted,
    Advanced,
    AdvanceRefused,
    CandidateMade,
    Checked,
    Clashed,
    Cleaned,
    CleanupKept,
    Collected,
    Delivered,
    Frozen,
    IntegrationMade,
    Killed,
    Landed,
    LandRefused,
    MergedByHand,
    Outcome,
    Placed,
    RebaseClashed,
    Rebased,
    SyncClashed,
    SyncMade,
    Thawed,
    Undone,
    WorktreeMade,
)
from engine.core.plan import Plan
from engine.core.state import Phase, State
from engine.core.strategy import watches
from engine.edge.combining import combined_files
from engine.edge.git_repository import Repository
from engine.edge.merging import Clash
from engine.world.by_hand import merged_by_hand
from engine.world.gates import GateJobs
from engine.world.guard import Guard
from engine.world.jobs import Jobs
from engine.world.judging import judged
from engine.world.lookout import Lookout
from engine.world.recording import Recorder

log = logging.getLogger("wavetree.world")

Post = Callable[[Outcome], None]


class World:
    """This machine and one repository, for one run: `run` is its id, `plan` its plan."""

    def __init__(
        self,
        run: str,
        base: str,
        plan: Plan,
        repository: Repository,
        jobs: Jobs,
        gates: GateJobs,
        guard: Guard,
        lookout: Lookout,
        recorder: Recorder,
        keep: Callable[[], Awaitable[None]],
    ) -> None:
        self._run = run
        self._base = base
        self._plan = plan
        self._git = repository
        self._jobs = jobs
        self._gates = gates
        self._guard = guard
        self._lookout = lookout
        self._recorder = recorder
        self._keep = keep

    async def do(self, intent: Intent, at: float, post: Post) -> None:
        """Carry out `intent`, recorded at time `at`, and post what came of it. What git or the machine has
        against it is raised."""
        match intent:
            case AgentRequested():
                await self._jobs.agent(intent, post)
            case SetupRequested():
                post(await self._jobs.setup(intent))
            case GateRequested():
                post(await self._gate(intent))
            case PullRequestRequested():
                post(await self._jobs.pull_request(intent))
            case AbortRequested(gate=gate):
                await self._gates.abort(gate)
                post(Aborted(intent.key))
            case FreezeRequested(task=task, attempt=attempt):
                post(Frozen(intent.key, task, attempt, await self._jobs.freeze(task, attempt)))
            case ThawRequested(task=task, attempt=attempt):
                await self._jobs.thaw(task, attempt)
                post(Thawed(intent.key, task, attempt))
            case KillRequested(task=task, attempt=attempt):
                await self._jobs.kill(task, attempt)
                post(Killed(intent.key, task, attempt))
            case DeliverRequested(task=task, attempt=attempt, messages=messages):
                await asyncio.to_thread(self._jobs.deliver, task, attempt, messages, at)
                post(Delivered(intent.key, task, attempt))
            case RecordRequested():
                await self._keep()
                post(await self._recorder.record(intent))
            case CheckRequested():
                await self._guard.catch_up()
                await self._git.drop_gate_trees()
                ok, detail = await self._git.check()
                post(Checked(intent.key, ok, detail))
            case _:
                post(await self._in_git(intent, int(at)))

    async def _in_git(
        self,
        intent: IntegrationRequested
        | WorktreeRequested
        | UndoRequested
        | RebaseRequested
        | PlaceRequested
        | CollectRequested
        | CandidateRequested
        | SyncRequested
        | AdvanceRequested
        | LandRequested
        | CleanupRequested,
        at: int,
    ) -> Outcome:
        git = self._git
        match intent:
            case IntegrationRequested(branch=branch, sha=sha):
                return await self._integration(intent.key, branch, sha)
            case WorktreeRequested(task=task, attempt=attempt, path=path):
                start = await git.make_worktree(
                    Path(path), intent.branch, intent.base, self._plan.setup, intent.on, at
                )
                self._guard.baseline(path)
                return WorktreeMade(intent.key, task, attempt, start.commit, start.holds, start.lacks)
            case UndoRequested(task=task, attempt=attempt, path=path):
                await git.undo_worktree(Path(path), intent.branch, intent.base)
                return Undone(intent.key, task, attempt)
            case RebaseRequested():
                return await self._rebase(intent, at)
            case PlaceRequested(task=task, attempt=attempt):
                before = f"refs/wavetree/before/{self._run}/{task}/{attempt}"
                files, passed = await git.place(Path(intent.path), intent.settled, before)
                return Placed(intent.key, task, attempt, files, passed)
            case CollectRequested():
                return await self._collect(intent, at)
            case CandidateRequested():
                return await self._candidate(intent, at)
            case SyncRequested():
                return await self._sync(intent, at)
            case AdvanceRequested(subject=subject, old=old, new=new):
                await self._keep()
                actual = await git.advance(f"wavetree/{self._run}", old, new)
                if actual != new:
                    return AdvanceRefused(intent.key, subject, actual)
                await git.drop(self._candidate_ref(f"wave-{subject}"))
                return Advanced(intent.key, subject, new)
            case LandRequested(wave=wave, new=new):
                await self._guard.catch_up()
                landing = await git.land(self._base, new)
                if not landing.done:
                    return LandRefused(intent.key, wave, landing.reason, landing.remedy)
                self._guard.landed()
                return Landed(intent.key, wave, landing.sha, landing.commits)
            case CleanupRequested(task=task, attempt=attempt, path=path):
                kept = (self._candidate_ref(task),)
                reason = await git.cleanup(
                    Path(path), intent.branch, intent.head, drop=kept, spare=True, proposed=intent.proposed
                )
                if reason:
                    return CleanupKept(intent.key, task, attempt, reason)
                return Cleaned(intent.key, task, attempt)
            case _:
                assert_never(intent)

    async def _integration(self, key: str, branch: str, sha: str) -> Outcome:
        tip = await self._git.tip(f"refs/heads/{branch}")
        if tip is None:
            await self._git.make_branch(branch, sha)
            tip = sha
        elif not await self._git.is_ancestor(sha, tip):
            return IntegrationMade(key, error=f"{branch} is at {tip[:12]}, which lacks {sha[:12]}")
        return IntegrationMade(key, tip)

    async def _collect(self, intent: CollectRequested, at: int) -> Outcome:
        task = self._plan.task(intent.task)
        await self._guard.left(intent.task)
        found = await self._git.collect(
            Path(intent.path),
            intent.branch,
            intent.base,
            commit=intent.commit,
            message=f"{intent.task}: {task.title or 'work of the agent'}\n\n{self._trailers(intent)}",
            at=at,
            rescue=self._rescue(intent.task, intent.attempt),
        )
        verdict = judged(found.files, self._jobs.result_file(intent.task, intent.attempt))
        problem = found.problem or (verdict.problem if intent.commit else None)
        if problem or not intent.commit:
            await self._guard.at_rest(intent.path)
        return Collected(
            intent.key,
            intent.task,
            intent.attempt,
            found.head,
            found.commits,
            found.files,
            found.left_over,
            (*found.issues, *verdict.issues),
            problem,
        )

    async def _rebase(self, intent: RebaseRequested, at: int) -> Outcome:
        ref = f"refs/wavetree/before/{self._run}/{intent.task}/{intent.attempt}-{intent.tip[:12]}"
        made = await self._git.rebase(
            Path(intent.path),
            intent.branch,
            intent.base,
            intent.tip,
            message=f"{intent.task}: work in progress\n\n{self._trailers(intent)}",
            at=at,
            rescue=ref,
            settled=intent.settled,
        )
        if isinstance(made, Clash):
            return RebaseClashed(intent.key, intent.task, intent.attempt, intent.tip, made.files, made.detail)
        return Rebased(intent.key, intent.task, intent.attempt, intent.tip, made.files, ref)

    async def _candidate(self, intent: CandidateRequested, at: int) -> Outcome:
        title = self._plan.task(intent.task).title
        made = await self._git.candidate(
            tip=intent.tip,
            head=intent.head,
            base=intent.base,
            message=f"Merge {intent.task}"
            + (f": {title}" if title else "")
            + f"\n\n{self._trailers(intent)}",
            at=at,
            keep=self._candidate_ref(intent.task),
            settled=intent.settled,
            combine=combined_files(self._plan),
        )
        if isinstance(made, Clash):
            return Clashed(intent.key, intent.task, intent.attempt, made.files, made.detail)
        return CandidateMade(intent.key, intent.task, intent.attempt, made.sha)

    async def _sync(self, intent: SyncRequested, at: int) -> Outcome:
        made = await self._git.sync(
            base_branch=self._base,
            tip=intent.tip,
            message=f"Merge {self._base} into wavetree/{self._run}\n\nWavetree-Run: {self._run}",
            at=at,
            keep=self._candidate_ref(f"wave-{intent.wave}"),
            settled=intent.settled,
        )
        if isinstance(made, Clash):
            return SyncClashed(intent.key, intent.wave, made.theirs, made.files)
        sha, unmarked = await self._git.marked(
            made.sha,
            intent.roadmap,
            intent.done,
            at=at,
            trailers=f"Wavetree-Run: {self._run}",
            keep=self._candidate_ref(f"wave-{intent.wave}"),
            fix=intent.mark,
        )
        sha, ticked = await self._git.ticked(
            sha,
            intent.trackers,
            intent.merged,
            at=at,
            trailers=f"Wavetree-Run: {self._run}",
            keep=self._candidate_ref(f"wave-{intent.wave}"),
        )
        return SyncMade(intent.key, intent.wave, made.base_sha, sha, unmarked, ticked)

    async def _gate(self, intent: GateRequested) -> Outcome:
        async def prepare() -> None:
            kept = await self._git.gate_tree(self._gates.tree(intent.slot), intent.sha, self._plan.setup)
            await self._gates.furnish(intent, again=not kept)

        try:
            return await self._gates.run(intent, prepare)
        except EngineError as error:
            said = " ".join(str(error).split())
            return self._gates.broken(intent, f"the gate's worktree could not be made ready: {said}")

    def _trailers(self, intent: CollectRequested | CandidateRequested | RebaseRequested) -> str:
        return f"Wavetree-Run: {self._run}\nWavetree-Task: {intent.task}\nWavetree-Attempt: {intent.attempt}"

    def _rescue(self, task: str, attempt: int) -> str:
        return f"refs/wavetree/rescue/{self._run}/{task}/{attempt}"

    def _candidate_ref(self, of: str) -> str:
        return f"refs/wavetree/candidate/{self._run}/{of}"

    async def heal(self, state: State) -> list[str]:
        """Put right what a killed engine left half done; sentences about what was."""
        working = (Phase.SETUP, Phase.RUNNING)
        at_rest = {Path(t.path) for t in state.tasks.values() if t.path and t.phase not in working}
        return await self._git.heal({*at_rest, *self._gates.trees}, [state.integration])

    async def merged_by_hand(self, state: State) -> list[MergedByHand]:
        """What a person has merged since the engine could not (M139)."""
        return await merged_by_hand(self._git, state)

    async def close(self) -> None:
        """Put away what only a run at work needs: the gate worktrees, spare worktrees, the open git; and
        bring the person's own log up to date."""
        try:
            await asyncio.to_thread(self._recorder.hand_over)
        except (WavetreeError, OSError) as error:
            log.warning("the results are in %s alone: %s", self._recorder.log, error)
        await self._git.drop_gate_trees()
        await self._git.close()

    async def watch(self, see: Callable[[], State], post: Post) -> None:
        """Look at the machine and at places no agent may write, until cancelled."""
        await self._guard.watch(see, post)

    async def look_out(self, see: Callable[[], State], post: Post) -> None:
        """Look at how the live branches fit together, until cancelled; not where the story has that off."""
        if not watches(self._plan, "conflict_detection"):
            return
        await self._lookout.watch(see, post)
