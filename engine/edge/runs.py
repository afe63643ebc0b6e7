"""Where a repository's runs live: `<common git dir>/wavetree/`, out of reach of `git clean` (D24)."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.core.errors import UsageError, WavetreeError
from engine.core.verdicts import RunCreated

RUN = re.compile(r"r(\d+)")
JOURNAL = "journal.db"
LOAD = "load.txt"
"""The machine's load during the run: lines of seconds since the epoch, CPU and memory in percent."""
OUTPUT = "out.log"
"""What a job printed, in the job's folder."""


class Project(Struct, frozen=True):
    """A repository as wavetree sees it: `checkout` is its main working tree, `home` its state folder."""

    checkout: Path
    common: Path

    @property
    def home(self) -> Path:
        return self.common / "wavetree"

    @property
    def lock(self) -> Path:
        return self.home / "engine.lock"

    def folder(self, run: str) -> Path:
        """The folder of that run; raises UsageError when the repository has no such run."""
        folder = self.home / "runs" / run
        if not RUN.fullmatch(run) or not folder.is_dir():
            known = ", ".join(self.runs()) or "none yet"
            raise UsageError(f"there is no run {run!r} in {self.checkout}", f"runs: {known}")
        return folder

    def runs(self) -> list[str]:
        """The ids of all runs, oldest first."""
        try:
            names = [entry.name for entry in (self.home / "runs").iterdir()]
        except FileNotFoundError:
            return []
        return sorted((name for name in names if RUN.fullmatch(name)), key=lambda name: int(name[1:]))

    def latest(self) -> str:
        """The newest run's id. Raises UsageError when there is none."""
        if runs := self.runs():
            return runs[-1]
        raise UsageError(f"no run yet in {self.checkout}", "wavetree run PLAN")

    def socket(self) -> Path:
        """The control socket: in the user's runtime folder, because its path must stay short."""
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return runtime_folder() / f"{name}.sock"

    def create(self, created: RunCreated) -> Path:
        """Make the run's folder and put its first event there for the engine to find."""
        folder = self.home / "runs" / created.run
        for made in (self.home, folder.parent, folder):
            made.mkdir(mode=0o700, exist_ok=True)
            made.chmod(0o700)
        draft = folder / "created.json.tmp"
        draft.write_bytes(msgspec.json.encode(created))
        draft.replace(folder / "created.json")
        return folder


def job_folder(run_folder: Path, task: str, attempt: int, what: str = "agent") -> Path:
    """The folder of a task's job; `what` is agent, setup or pull."""
    return run_folder / "tasks" / task / str(attempt) / what


def created(folder: Path) -> RunCreated:
    """The first event of the run in `folder`."""
    return msgspec.json.decode((folder / "created.json").read_bytes(), type=RunCreated)


def runtime_folder() -> Path:
    """A folder only this user can enter, for sockets. Raises WavetreeError when it belongs to another."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base, "wavetree") if base else Path(tempfile.gettempdir(), f"wavetree-{os.getuid()}")
    if len(os.fsencode(folder)) > 80:
        folder = Path("/tmp", f"wavetree-{os.getuid()}")  # noqa: S108  # checked below to be ours alone
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.getuid():
        raise WavetreeError(f"{folder} belongs to somebody else", "set XDG_RUNTIME_DIR to a folder of yours")
    if state.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
