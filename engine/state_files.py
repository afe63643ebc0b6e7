"""The files in which a run's state can be read: where they are, their backups, whether they agree (M157).

The journal is the truth. Session files are made from it and can be made again; the implementation log takes
what it says of each wave. Backups hold both, and the documents of the plan's state.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.client import Client
from engine.core.durations import moment
from engine.core.errors import Refused, UsageError
from engine.core.plan import Plan
from engine.core.record.agreement import unlogged, unmerged
from engine.core.record.session_files import Session, Sessions, place
from engine.core.session_names import sessions
from engine.core.state import Phase, State
from engine.core.strategy import at
from engine.edge.git_site import write_durably
from engine.edge.lock import held
from engine.edge.result_log import LOG, read_log
from engine.edge.runs import Project
from engine.exporters.state_files import FOLDER

KEPT = 200
"""Backups that are kept in a repository; the oldest go first."""
MANIFEST = "manifest.json"


class Backup(Struct, frozen=True):
    """State files as they were at one moment of a run; `files` are where they belong, by their name in it."""

    name: str
    run: str
    at: float
    files: dict[str, str]


# ── session files ───────────────────────────────────────────────────────────────────────────────────


def session_folder(project: Project, plan: Plan, run: str) -> Path:
    """The folder of a run's session files: in the state folder, or where the plan says, below the checkout.
    Raises UsageError for a place outside of it."""
    said = place(plan).replace("[project-name]", "[project]").replace("[project]", _safe(plan.name))
    if not said:
        return project.home / "sessions" / run
    folder = (project.checkout / said).resolve()
    if not folder.is_relative_to(project.checkout.resolve()):
        raise UsageError(
            f"session_state_location: {said!r} is outside of {project.checkout}",
            "name a folder of the repository, or leave it out",
        )
    return folder / run


def _safe(name: str) -> str:
    letters = (letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    return "".join(letters).strip(".-")[:60] or "project"


def write_session(folder: Path, session: Session) -> None:
    """Write a session's file as one act. Raises OSError."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = folder / ".gitignore"  # where the plan puts them into the checkout, `git status` stays clean
        ignore.write_text("*\n")
    draft = folder / f"{session.file}.new"
    draft.write_bytes(_text(session))
    draft.replace(folder / session.file)


def _text(session: Session) -> bytes:
    return json.dumps(msgspec.to_builtins(session), indent=2, ensure_ascii=False).encode() + b"\n"


def all_sessions(client: Client) -> dict[str, Session]:
    """The session files of a run as the journal has them, by their names."""
    found = Sessions(sessions(client.state.plan))
    for state, time_of, event in client.history():
        found.take(state, time_of, event)
    return found.written


def mend_sessions(client: Client) -> list[str]:
    """Make session files that are missing; their names. Nothing is done while an engine is at work on the
    run, which writes them itself."""
    folder = session_folder(client.project, client.state.plan, client.run)
    names = sessions(client.state.plan)
    expected = {
        Session(names[task.id], client.run, task.id, number, "").file
        for task in client.state.tasks.values()
        for number in range(1, task.attempt + 1)
    }
    missing = sorted(name for name in expected if not (folder / name).exists())
    if not missing or client.engine_alive:
        return []
    known = all_sessions(client)
    for name in missing:
        if name in known:
            write_session(folder, known[name])
    return [name for name in missing if name in known]


# ── the plan's documents ────────────────────────────────────────────────────────────────────────────


def plan_owner(folder: Path) -> str:
    """The project whose five state files are in `folder` (M025); empty when it has none."""
    try:
        there = json.loads((folder / "execution-plan.json").read_text(encoding="utf-8"))
        return str(there["project_context"]["project_name"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def rewrite_plan(project: Project, plan: Plan, slots: int) -> None:
    """Write the five state files of the plan's project again, where they were written for it (M067). Raises
    UsageError."""
    from engine.exporters.documents import documents  # all of them, which most commands do without
    from engine.exporters.writing import write

    folder = project.home / FOLDER
    if plan_owner(folder) in (plan.name, at(plan, "project_context", "project_name")):
        write(folder, documents(plan, ("state",), moment(time.time()), slots), force=True)


# ── backups ─────────────────────────────────────────────────────────────────────────────────────────


def back_up(project: Project, run: str, sessions_in: Path, name: str, at: float) -> Backup:
    """Copy the state files of a run; the same name a second time leaves the first copy as it is. Raises
    OSError."""
    folder = project.home / "backups" / run / name
    if (folder / MANIFEST).exists():
        return _read(folder)
    draft = folder.with_name(f".{name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    files = {}
    for inside, file in _state_files(project, sessions_in):
        (draft / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, draft / inside)
        files[inside] = str(file)
    made = Backup(name, run, at, files)
    (draft / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
    draft.replace(folder)
    for old in backups(project)[:-KEPT]:
        shutil.rmtree(project.home / "backups" / old.run / old.name, ignore_errors=True)
    return made


def _state_files(project: Project, sessions_in: Path) -> Iterator[tuple[str, Path]]:
    for folder, inside in (
        (sessions_in, "sessions"),
        (project.home / FOLDER, FOLDER),
    ):
        for file in sorted(folder.glob("*.json")):
            yield f"{inside}/{file.name}", file
    if (project.home / LOG).is_file():
        yield LOG, project.home / LOG


def backups(project: Project) -> list[Backup]:
    """All backups of a repository, oldest first; what is none is passed over."""
    found = []
    for folder in (project.home / "backups").glob("*/*"):
        try:
            found.append(_read(folder))
        except (OSError, msgspec.DecodeError):
            continue
    return sorted(found, key=lambda one: (int(one.run[1:]), one.at, one.name))


def _read(folder: Path) -> Backup:
    return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Backup)


def restore(project: Project, run: str, name: str) -> list[Path]:
    """Put the files of a backup back, byte by byte; where they were put. What has come since stays. Raises
    UsageError for an unknown one, Refused while an engine is at work, OSError."""
    if pid := held(project.lock):
        raise Refused(f"the engine of process {pid} writes these files now", "wavetree stop")
    known = {one.name: one for one in backups(project) if one.run == run}
    if name not in known:
        near = ", ".join(list(known)[-5:]) or "none"
        raise UsageError(f"run {run} has no backup {name!r}; its last ones: {near}", "wavetree state")
    folder = project.home / "backups" / run / name
    for inside, file in known[name].files.items():
        Path(file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(Path(file), (folder / inside).read_bytes())
    return [Path(file) for file in known[name].files.values()]


# ── agreement ───────────────────────────────────────────────────────────────────────────────────────


def disagreements(client: Client) -> list[str]:
    """Where the log, the session files and git say something else than the journal; a sentence for each
    story. Raises WavetreeError when the log cannot be read."""
    state = client.state
    entries = read_log(client.project.home / LOG)
    found = [text for wave in state.waves if wave.recorded for text in unlogged(state, wave.number, entries)]
    found += _sessions_amiss(client)
    merged = [task for task in state.tasks.values() if task.phase is Phase.MERGED]
    return found + list(unmerged(state, merged, _reached(client.project, state)))


def _sessions_amiss(client: Client) -> Iterable[str]:
    folder = session_folder(client.project, client.state.plan, client.run)
    known = (
        {} if client.engine_alive else all_sessions(client)
    )  # an engine at work is ahead of what is read here
    for name, session in known.items():
        try:
            if (folder / name).read_bytes() != _text(session):
                yield f"story {session.task}: {folder / name} is not what the journal says"
        except OSError as error:
            yield f"story {session.task}: {folder / name}: {error.strerror}"


def _reached(project: Project, state: State) -> set[str]:
    """The tasks whose merges git has on the integration branch, or on the base where that is gone."""
    import git

    found = set()
    with git.Repo(project.checkout) as repo:
        heads = {head.name for head in repo.heads}
        tip = state.integration if state.integration in heads else state.base
        for task in state.tasks.values():
            try:
                if task.merge and repo.is_ancestor(repo.commit(task.merge), repo.commit(f"refs/heads/{tip}")):
                    found.add(task.id)
            except (git.GitCommandError, git.BadName, ValueError):
                continue
    return found
