"""Finds the repository, checks that it is ready, and starts the engine's process: what happens before a run.

GitPython serves here because these paths end with their process; a running engine never imports it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from engine.client import Client
from engine.core.commands import Resume
from engine.core.errors import (
    Fault,
    PreflightError,
    Refused,
    UsageError,
)
from engine.core.few import few
from engine.core.forecast import forecast
from engine.core.holdings import effective_slots
from engine.core.plan import AgentSpec, Plan
from engine.core.starting import branch_name, worktree_path
from engine.core.verdicts import RunCreated
from engine.edge.lock import abandoned, held, working_on
from engine.edge.machine import on_this_machine
from engine.edge.runs import Project
from engine.importers.agent_check import without_agent
from engine.spawning import spawn
from engine.state_files import session_folder

if TYPE_CHECKING:
    from git import Repo

OLDEST_GIT = (2, 38)
"""The first git with `merge-tree --write-tree`."""


READINESS = 60.0
"""Seconds that a readiness command may take."""
PARTING = 5.0
"""Seconds for the engine's process to go once its run has ended."""


class Ready(Struct, frozen=True):
    """A passed preflight: the base branch, its tip, and remarks that stop nothing."""

    base: str
    base_sha: str
    warnings: tuple[str, ...] = ()


def find_project(start: Path) -> Project:
    """The repository that `start` lies in, by its main working tree. Raises UsageError when there is none."""
    import git

    try:
        with git.Repo(start, search_parent_directories=True) as repo:
            common = Path(repo.common_dir).resolve()
            bare = bool(repo.bare)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
        raise UsageError(
            f"{start} is not inside a git repository",
            "cd into one, or: git init && git commit --allow-empty -m start",
        ) from error
    if bare or common.name != ".git" or not common.is_dir():
        raise UsageError(
            f"{common} has no working tree of its own", "clone it, and run wavetree in the clone"
        )
    return Project(common.parent, common)


def current_run(project: Project) -> str:
    """The run an engine works on now, else the newest. Raises UsageError when there is none."""
    return (working_on(project.lock) if held(project.lock) else "") or project.latest()


def engine_at_work(project: Project) -> int:
    """The process id of the repository's engine, 0 when there is none; one whose run has just ended is given
    the moment that it needs to go."""
    until = time.monotonic() + PARTING
    while pid := held(project.lock):
        run = working_on(project.lock)
        if not run or time.monotonic() > until or not Client(project, run).state.ended:
            return pid
        time.sleep(0.02)
    return 0


def preflight(project: Project, plan: Plan, start: Path | None = None, *, dirty: bool = False) -> Ready:
    """Check that a run can begin; nothing is changed (M080). The base is the plan's, else the branch that is
    checked out where `start` lies. Its checkout has to be clean unless `dirty`: agents do not see what is
    not committed, and nothing lands on it. Raises PreflightError with every reason why it cannot begin."""
    import git

    faults: list[Fault] = []
    warnings: list[str] = []
    if running := engine_at_work(project):
        raise Refused(
            f"a run is going on in this repository (engine process {running})",
            "wavetree attach, or: wavetree stop",
        )
    gone, before = abandoned(project.lock)
    if gone:
        warnings.append(
            f"the lock of engine process {gone}, which is gone, is taken over; agents of its run {before} "
            f"may still be at work; to bring that run back instead: wavetree resume {before}"
        )
    with git.Repo(start or project.checkout, search_parent_directories=True) as repo:
        if (version := repo.git.version_info[:2]) < OLDEST_GIT:
            faults.append(Fault(f"git {'.'.join(map(str, version))} is too old; 2.38 or newer is needed"))
        base = plan.base or _checked_out(repo, faults)
        sha = _tip(repo, base, faults) if base else ""
        faults.extend(_undone(plan))
        faults.extend(_in_the_way(repo, project, plan))
        here = "" if repo.head.is_detached else repo.active_branch.name
        if sha and here != base:
            warnings.append(
                f"{here or 'no branch'} is checked out: agents start from {base}, which is updated"
            )
        elif sha and repo.git.status("--porcelain", "--untracked-files=no", "--ignore-submodules"):
            said = f"{repo.working_dir} has uncommitted changes"
            if dirty:
                landing = "landing waits until they are committed or stashed"
                warnings.append(f"{said}: agents start from the last commit of {base}, and {landing}")
            else:
                faults.append(Fault(f"{said}: commit or stash them, or start without them: --dirty"))
    warnings.extend(_missing_commands(plan))
    faults.extend(_not_ready(plan, project.checkout) if not faults else ())
    if faults:
        raise PreflightError(faults)
    return Ready(base, sha, tuple(warnings))


def _checked_out(repo: Repo, faults: list[Fault]) -> str:
    if repo.head.is_detached:
        faults.append(Fault("no branch is checked out; switch to one, or name it as `base` in the plan"))
        return ""
    return str(repo.active_branch.name)


def _tip(repo: Repo, base: str, faults: list[Fault]) -> str:
    for head in repo.heads:
        if head.name == base:
            return str(head.commit.hexsha)
    if not repo.heads:
        faults.append(Fault("the repository has no commit yet: git commit --allow-empty -m start"))
    else:
        faults.append(Fault(f"there is no branch {base!r} to start from", path="base"))
    return ""


def _in_the_way(repo: Repo, project: Project, plan: Plan) -> list[Fault]:
    """Branches and folders that the first attempts would need (M081): nothing is ever overwritten."""
    heads = {head.name for head in repo.heads}
    faults = []
    owners: dict[str, str] = {}
    for task in plan.tasks:
        if task.complete:
            continue
        branch = branch_name(task)
        path = Path(worktree_path(str(project.checkout), task.id))
        if (other := owners.setdefault(branch, task.id)) != task.id:
            faults.append(
                Fault(f"needs the branch {branch}, as {other} does; rename one of them", path=task.id)
            )
        blocking = [head for head in heads if head == branch or branch.startswith(f"{head}/")]
        blocking += [head for head in heads if head.startswith(f"{branch}/")]
        faults += [
            Fault(
                f"branch {head} exists and {branch} is needed; `wavetree worktrees clean` removes "
                f"what earlier runs left, or: git branch -m {head} old-{head}",
                path=task.id,
            )
            for head in blocking
        ]
        if path.exists() or path.is_symlink():
            message = f"{path} exists; `wavetree worktrees clean` removes what earlier runs left"
            faults.append(Fault(message, path=task.id))
    return faults


def _undone(plan: Plan) -> list[Fault]:
    """What is wrong when nobody is there to do some tasks."""
    nobody = without_agent(plan)
    if not nobody:
        return []
    words = f"nobody is there to do {few(nobody, 5)}: name an agent with --agent, such as --agent claude"
    return [Fault(words)]


def _not_ready(plan: Plan, checkout: Path) -> list[Fault]:
    """The plan's readiness commands that fail, with the last line of what they say (M079)."""
    faults = []
    for command in plan.readiness:
        try:
            code, out = _tried(command, checkout)
        except subprocess.TimeoutExpired:
            faults.append(Fault(f"not ready: {command.strip()} took longer than {READINESS:g} s"))
            continue
        if code:
            said = out.decode(errors="replace").strip().splitlines()[-1:]
            why = f"exit code {code}{''.join(f', {line[:200]}' for line in said)}"
            faults.append(Fault(f"not ready: {command.strip()}: {why}"))
    return faults


def _tried(command: str, checkout: Path) -> tuple[int, bytes]:
    """The exit code of a readiness command and what it printed. Raises subprocess.TimeoutExpired after
    READINESS seconds; then, and when a person breaks off, nothing that it started goes on."""
    made: list[subprocess.Popen[bytes]] = []
    try:
        with _without_interrupt():
            made.append(
                subprocess.Popen(
                    ["bash", "-c", command],
                    cwd=checkout,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        out, _ = made[0].communicate(timeout=READINESS)
    except BaseException:
        for process in made:
            with process, contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        raise
    return made[0].returncode, out


@contextlib.contextmanager
def _without_interrupt() -> Iterator[None]:
    """A Ctrl-C meanwhile is answered afterwards: what starts is known before anything is broken off.
    Only the main thread is ever interrupted."""
    answer = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(answer):
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda *told: came.append(told))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, answer)
    if came:
        answer(*came[-1])


def _missing_commands(plan: Plan) -> list[str]:
    """Agents whose command is not there: their tasks will fail, the others go on (M087)."""
    found = []
    for name in sorted({task.agent for task in plan.tasks if not task.complete}):
        spec = plan.agents.get(name, AgentSpec(name, kind=name))
        command = (
            spec.command[0] if spec.command else {"shell": "bash", "simulated": ""}.get(spec.kind, spec.kind)
        )
        if command and "{" not in command and "/" not in command and shutil.which(command) is None:
            found.append(f"agent {name}: the command {command!r} is not installed; its tasks will fail")
    return found


class Options(Struct, frozen=True):
    """How a run is started, beyond what its plan says. `log` is the implementation log to add to, instead of
    the one in the state folder."""

    slots: int = 0
    auto_approve: bool = False
    log: Path | None = None


def start_run(project: Project, plan: Plan, ready: Ready, options: Options) -> str:
    """Create a run and start its engine; the run's id. Raises WavetreeError when the engine refuses, or the
    plan wants its session files where none may be."""
    number = _next_number(project)
    run = f"r{number}"
    session_folder(project, plan, run)
    trackers = tuple(filter(None, (_tracker(project.checkout, ready.base_sha, one) for one in plan.trackers)))
    plan = replace(plan, roadmap=_within(project.checkout, plan.roadmap), trackers=trackers)
    plan = on_this_machine(plan)
    first = RunCreated(
        run,
        plan,
        str(project.checkout),
        ready.base,
        ready.base_sha,
        f"wavetree/{run}",
        effective_slots(plan, options.slots),
        options.auto_approve,
        number,
        forecast(plan, options.slots).order,
        str(options.log.resolve()) if options.log else "",
    )
    folder = project.create(first)
    try:
        spawn(project, run, folder)
    except Refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


def _within(checkout: Path, file: str) -> str:
    """The file's path inside the repository; empty when it is not there."""
    path, top = Path(file).resolve(), checkout.resolve()
    return path.relative_to(top).as_posix() if file and path.is_file() and path.is_relative_to(top) else ""


def _tracker(checkout: Path, base: str, file: str) -> str:
    """A ticket file's path in the repository when the commit `base` has it, else its whole path; empty when
    there is no such file."""
    import git

    if not Path(file).is_file():
        return ""
    if inside := _within(checkout, file):
        with git.Repo(checkout) as repo, contextlib.suppress(KeyError):
            if repo.commit(base).tree[inside].type == "blob":
                return inside
    return str(Path(file).resolve())


def resume_run(project: Project, run: str, command: Resume) -> None:
    """Start an engine for a run that was interrupted, stopped or failed; return once it has taken it up."""
    client = Client(project, run)
    client.take_up(command)
    client.close()


def _next_number(project: Project) -> int:
    import git

    with git.Repo(project.checkout) as repo:
        taken = [re.fullmatch(r"wavetree/r(\d+)", head.name) for head in repo.heads]
    numbers = [int(match[1]) for match in taken if match] + [int(run[1:]) for run in project.runs()]
    return max(numbers, default=0) + 1
