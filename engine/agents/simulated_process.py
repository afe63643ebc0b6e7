"""The process of the simulated agent: `python -I -S simulated_process.py SCRIPT WORKTREE`.

Standard library alone. SCRIPT is a plan's `simulate` as JSON. Its clock stands still while it is stopped,
so that a paused agent has the rest of its work before it when it goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TICK = 0.02  # seconds between two looks at the clock
LONGEST_TICK = 0.25  # seconds that count when much more has passed: the process was stopped
ERROR_EXIT = 1
_SAID = ("progress", "says", "tests", "step", "cost_usd", "milestone")


class Failure(Exception):
    """Something a step asks for cannot be done."""

    def __init__(self, kind: str, message: str, context: str, *hints: str) -> None:
        super().__init__(message)
        self.typed = {"type": kind, "message": message, "context": context, "recoveryHints": list(hints)}


class Clock:
    """Seconds in which this process could run."""

    def __init__(self) -> None:
        self._seen = time.monotonic()
        self.seconds = 0.0

    def reach(self, at: float) -> None:
        """Return when that many seconds have been lived through."""
        while self.seconds < at:
            time.sleep(min(TICK, at - self.seconds))
            now = time.monotonic()
            self.seconds += min(now - self._seen, LONGEST_TICK)
            self._seen = now


class Work:
    """The worktree and what has been done in it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.modified: dict[str, None] = {}
        self.created: dict[str, None] = {}
        self.actions: list[str] = []

    def path(self, name: str) -> Path:
        """The file of that name. Raises Failure when it is not inside the worktree, links resolved."""
        place = (self.root / name).resolve()
        inside = place != self.root and place.is_relative_to(self.root)
        if not inside or ".git" in place.relative_to(self.root).parts:
            raise Failure(
                "ValidationError",
                f"the path {name!r} leads out of the worktree",
                f"simulated agent in {self.root}",
                f"Write {name!r} relative to the worktree, without ..",
                "Check whether a folder in it is a link to somewhere else",
            )
        return place

    def note(self, place: Path, existed: bool, verb: str) -> None:
        """Remember a change for the result file."""
        name = str(place.relative_to(self.root))
        (self.modified if existed and name not in self.created else self.created)[name] = None
        self.actions.append(f"{verb} {name}")


def do(step: dict[str, Any], work: Work) -> None:
    """Everything one step asks for: files first, then the commit, then what is said about them: who waits for
    a milestone finds it committed."""
    if (write := step.get("write")) is not None:
        put(work, write, append=False)
    if (append := step.get("append")) is not None:
        put(work, append, append=True)
    if (change := step.get("replace")) is not None:
        replace(work, change)
    if (name := step.get("delete")) is not None:
        delete(work, name)
    if (message := step.get("commit")) is not None:
        commit(work, message)
    say(step)
    if (seconds := step.get("spawn")) is not None:
        spawn(seconds)


def put(work: Work, write: dict[str, str], append: bool) -> None:
    place = work.path(write["path"])
    existed = place.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a" if append else "w", encoding="utf-8", newline="") as file:
        file.write(write["text"])
    work.note(place, existed, "append to" if append else "write")


def replace(work: Work, change: dict[str, str]) -> None:
    place = work.path(change["path"])
    hints = (
        "Make the task that writes this text come first",
        f"Correct `old` for {change['path']} in the plan",
    )
    try:
        text = place.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as trouble:
        message = f"cannot read {change['path']}: {trouble.strerror}"
        raise Failure("ImplementationError", message, "replacing text in a file", *hints) from trouble
    if change["old"] not in text:
        message = f"{change['path']} does not contain {change['old']!r}"
        raise Failure("ImplementationError", message, "replacing text in a file", *hints)
    new = text.replace(change["old"], change["new"], 1)
    place.write_bytes(new.encode("utf-8", errors="surrogateescape"))
    work.note(place, True, "edit")


def delete(work: Work, name: str) -> None:
    place = work.path(name)
    try:
        place.unlink()
    except OSError as trouble:
        raise Failure(
            "ImplementationError",
            f"cannot delete {name}: {trouble.strerror}",
            "deleting a file",
            f"Check the path {name} in the plan",
            "Make the task that writes this file come first",
        ) from trouble
    if work.created.pop(name, 0) == 0:  # what it made itself and took away was never a change
        work.note(place, True, "delete")


def say(step: dict[str, Any]) -> None:
    told = [f"{key}={quoted(step[key])}" for key in _SAID if step.get(key) is not None]
    if told:
        print("::wavetree", *told, flush=True)  # noqa: T201 - its output is its report
    if step.get("output") is not None:
        print(step["output"], flush=True)  # noqa: T201


def quoted(value: object) -> str:
    text = str(value)
    plain = text and all(sign.isalnum() or sign in "./-" for sign in text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def spawn(seconds: float) -> None:
    """Leave a process behind, in a session of its own and nobody's child, as real agents do."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", str(seconds)])  # noqa: S606 - no shell is the point
    os._exit(0)


def commit(work: Work, message: str) -> None:
    who = {
        "GIT_AUTHOR_NAME": "simulated agent",
        "GIT_AUTHOR_EMAIL": "agent@localhost",
        "GIT_COMMITTER_NAME": "simulated agent",
        "GIT_COMMITTER_EMAIL": "agent@localhost",
    }
    for arguments in (
        ["add", "--all"],
        ["commit", "--quiet", "--no-gpg-sign", "--allow-empty", f"--message={message}"],
    ):
        done = subprocess.run(
            ["git", *arguments],
            cwd=work.root,
            env={**who, **os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failure(
                "EnvironmentError",
                f"git {arguments[0]} failed: {done.stderr.strip()[:500]}",
                f"committing in {work.root}",
                f"Run git {arguments[0]} in {work.root} by hand",
                "Check the repository's hooks and its settings",
            )
    work.actions.append(f"commit {message}")


def run(simulation: dict[str, Any], work: Work) -> int:
    """Live through the simulation; the exit code."""
    clock = Clock()
    for step in sorted(simulation.get("do", ()), key=lambda step: float(step.get("at", 0.0))):
        clock.reach(step.get("at", 0.0))
        do(step, work)
    while simulation.get("hang"):
        time.sleep(3600)
    clock.reach(simulation.get("duration", 1.0))
    code = int(simulation.get("exit", 0))
    if (error := simulation.get("error")) is not None:
        state(error)
        return code or ERROR_EXIT
    if code == 0:
        hand_in(work)
    return code


def state(error: dict[str, Any]) -> None:
    """Print a typed failure as one line."""
    print(json.dumps({"type": "error", "error": error}), flush=True)  # noqa: T201


def hand_in(work: Work) -> None:
    """Leave the result file, where one is asked for."""
    if place := os.environ.get("WAVETREE_RESULT_FILE"):
        result = {
            "filesModified": list(work.modified),
            "filesCreated": list(work.created),
            "actions": work.actions,
            "toolsUsed": [],
            "issuesEncountered": [],
        }
        Path(place).write_text(json.dumps(result), encoding="utf-8")


def main() -> int:
    simulation = json.loads(Path(sys.argv[1]).read_bytes())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return run(simulation, Work(Path(sys.argv[2])))
    except Failure as failure:
        state(failure.typed)
        return ERROR_EXIT


if __name__ == "__main__":
    sys.exit(main())
