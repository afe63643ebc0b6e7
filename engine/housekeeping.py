"""What runs left on disk, read from their journals, and its removal when nothing of value would go (D16)."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from engine.client import Client
from engine.core.errors import WavetreeError
from engine.core.intents import WorktreeRequested
from engine.core.outcomes import Cleaned, Collected, Undone, WorktreeFailed
from engine.core.state import LIVE, Phase, State
from engine.edge.git_repository import Repository
from engine.edge.lock import EngineLock
from engine.edge.runs import Project


class Leftover(Struct, frozen=True):
    """A worktree a run recorded and never removed. `head` is the commit that holds all its work, as far as
    the run knew; `state` is the task's; `live`: an agent may be at work in it."""

    path: Path
    branch: str
    head: str
    base: str
    run: str
    task: str
    attempt: int
    state: str
    live: bool


def leftovers(project: Project) -> list[Leftover]:
    """Every recorded worktree that is still on disk, oldest first. Unreadable journals are passed over."""
    found: list[Leftover] = []
    for run in project.runs():
        try:
            found += _of(project, run)
        except WavetreeError:
            continue
    return found


def _of(project: Project, run: str) -> list[Leftover]:
    client = Client(project, run)
    here: dict[tuple[str, int], Leftover] = {}
    for _, _, event in client.history():
        match event:
            case WorktreeRequested(task=task, attempt=attempt, path=path, branch=branch, base=base):
                new = Leftover(Path(path), branch, base, base, run, task, attempt, "", False)
                here[task, attempt] = new
            case Collected(task=task, attempt=attempt, head=head) if head:
                here[task, attempt] = replace(here[task, attempt], head=head)
            case Cleaned(task=task, attempt=attempt) | Undone(task=task, attempt=attempt):
                here.pop((task, attempt), None)
            case WorktreeFailed(task=task, attempt=attempt):
                here.pop((task, attempt), None)
            case _:
                pass
    client.close()
    return [_told(place, client.state) for place in here.values() if place.path.exists()]


def _told(place: Leftover, state: State) -> Leftover:
    task = state.tasks[place.task]
    if task.attempt != place.attempt:
        return replace(place, state="failed, tried again since")
    going = not state.ended and task.phase in LIVE | {Phase.COLLECTING, Phase.COMPLETE, Phase.MERGING}
    return replace(place, state=task.kept or task.phase.value, live=going)


async def sweep(project: Project, places: list[Leftover], *, force: bool) -> list[tuple[Path, str]]:
    """Remove recorded worktrees at rest: each path with the reason it was kept, or an empty one.

    What an agent left in them stays reachable from a rescue ref. With `force` also those whose branch is not
    merged, or with changes that are not committed, after they were put on that ref too. Raises Refused while
    an engine is at work."""
    lock = EngineLock(project.lock)
    lock.acquire()
    try:
        repository = await Repository.open(project.checkout, project.home / "sweep", lock.fd)
        done = [(place.path, await _remove(repository, place, force=force)) for place in places]
        await repository.drop_gate_trees()
        return done
    finally:
        lock.release()


async def _remove(repository: Repository, place: Leftover, *, force: bool) -> str:
    if place.live:
        return "its run can still be resumed with it"
    rescue = f"refs/wavetree/rescue/{place.run}/{place.task}/{place.attempt}"
    if not force and not await repository.merged(place.branch):
        return f"its branch {place.branch} is not merged; with --force it goes, its commits stay at {rescue}"
    if force:
        await repository.rescue(place.path, place.branch, place.base, rescue)
    return await repository.cleanup(place.path, place.branch, place.head, force=force)
