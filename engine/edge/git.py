"""Runs git: the only file that spawns it; argument vectors, explicit GIT_DIR, scrubbed environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.core.errors import GitError
from engine.core.few import few

ZERO = "0" * 40
KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})
EVERY_CALL = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}


def config_env(settings: Mapping[str, str]) -> dict[str, str]:
    """These settings as GIT_CONFIG_COUNT variables: above every file, written to none."""
    env = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


AGENT_GIT_ENV: dict[str, str] = config_env(
    {"gc.auto": "0", "maintenance.auto": "false", "core.fsync": "committed"}
)
"""For every agent: no collection of objects under the other agents, no commit lost to a power cut."""

BARE_HANDS = config_env(
    {
        "gc.auto": "0",
        "maintenance.auto": "false",
        "core.fsync": "committed",
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "worktree.useRelativePaths": "false",
    }
)
"""For the one command that has to see the repository's own config (`worktree add`): it runs no program."""


class Answer(NamedTuple):
    """How a git ended, and what it said."""

    code: int
    out: bytes
    err: str


class Git:
    """One repository's git. Every call names its GIT_DIR, by default the engine's own view of the
    repository, so no program that the repository's config names ever runs. `lock_fd` is inherited by
    every child that may write: the engine's lock is held until the last of them has ended."""

    def __init__(self, common_dir: Path, view: Path, lock_fd: int | None = None) -> None:
        self.common = common_dir
        self.view = view
        self._fds = () if lock_fd is None else (lock_fd,)
        self._env = {key: value for key, value in os.environ.items() if inherited(key)} | EVERY_CALL
        self._reader = Reader(self._surroundings(None, None, None), view)
        self._ident = ""

    async def run(
        self,
        *args: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        ok: Iterable[int] = (0,),
        index: Path | None = None,
        worktree: Path | None = None,
        timeout: float = 300.0,  # noqa: ASYNC109
    ) -> bytes:
        """What git printed. Raises GitError when its exit code is not in `ok` or `timeout` seconds pass."""
        answer = await self.ask(*args, input=input, env=env, index=index, worktree=worktree, timeout=timeout)
        if answer.code not in ok:
            raise GitError(args, answer.code, answer.err)
        return answer.out

    async def ask(
        self,
        *args: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        index: Path | None = None,
        worktree: Path | None = None,
        timeout: float = 300.0,  # noqa: ASYNC109
    ) -> Answer:
        """Exit code, output and messages, whatever the code. Raises GitError only for `timeout` seconds
        passed or a git that cannot be started."""
        process = await self._spawn(
            args, self._surroundings(env, index, worktree), worktree, input is not None
        )
        try:
            async with asyncio.timeout(timeout):
                out, err = await process.communicate(input)
        except TimeoutError:
            raise GitError(args, -1, f"no answer in {timeout:g} seconds") from None
        finally:
            if process.returncode is None:
                await end(process)
        return Answer(process.returncode or 0, out, err.decode("utf-8", "replace"))

    def _surroundings(
        self, extra: Mapping[str, str] | None, index: Path | None, worktree: Path | None
    ) -> dict[str, str]:
        env = self._env | {"GIT_DIR": str(self.view)}
        if index is not None:
            env["GIT_INDEX_FILE"] = str(index)
        if worktree is not None:
            env["GIT_WORK_TREE"] = str(worktree)
        return env | dict(extra or {})

    async def _spawn(
        self, args: Iterable[str], env: Mapping[str, str], cwd: Path | None, fed: bool
    ) -> asyncio.subprocess.Process:
        begun = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                "git",
                *args,
                stdin=asyncio.subprocess.PIPE if fed else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=env,
                cwd=cwd or self.view,
                start_new_session=True,
                pass_fds=self._fds,
            )
        )
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            # cancelled while it starts, asyncio would kill git alone and wait for what git had started
            await end(await begun)
            raise
        except (OSError, ValueError) as error:
            raise GitError(tuple(args), -1, str(error)) from error

    async def info(self, name: str) -> tuple[str, str] | None:
        """The object that `name` stands for, as (sha, type); None when there is none."""
        return (found[0], found[1]) if (found := await self._look("info", name)) else None

    async def read(self, name: str) -> bytes | None:
        """The bytes of the object that `name` stands for; None when there is none."""
        return found[2] if (found := await self._look("contents", name)) else None

    async def sha(self, name: str) -> str:
        """The object that `name` stands for. Raises GitError when there is none."""
        if found := await self.info(name):
            return found[0]
        raise GitError(("rev-parse", name), 128, f"{name} is not in this repository")

    async def tip(self, ref: str) -> str | None:
        """The commit that a branch, or a ref given in full, points to; None when it does not exist."""
        full = ref if ref.startswith("refs/") or is_sha(ref) else f"refs/heads/{ref}"
        found = await self.info(f"{full}^{{commit}}")
        return found[0] if found else None

    async def _look(self, verb: str, name: str) -> tuple[str, str, bytes] | None:
        if not name or "\n" in name or "\0" in name or name.startswith("-"):
            return None
        try:
            async with asyncio.timeout(60):
                return await asyncio.to_thread(self._reader.ask, verb, name)
        except (OSError, ValueError, TimeoutError) as error:
            self._reader.stop()
            raise GitError(("cat-file", name), -1, f"{name}: {error}") from error

    async def close(self) -> None:
        """End the process that answers look-ups."""
        self._reader.stop()

    async def identity(self) -> str:
        """`Name <address>` for the engine's commits: the user's own, cleaned by git's rules."""
        if not self._ident:
            line = (await self.run("var", "GIT_COMMITTER_IDENT")).decode("utf-8", "replace")
            self._ident = line.rpartition(">")[0] + ">"
        return self._ident


class Reader:
    """Objects and refs, answered by one git that stays: a tenth of the cost of starting one each time. It
    changes nothing, so it does not hold the engine's lock, and it ends by itself when its input does."""

    def __init__(self, env: Mapping[str, str], cwd: Path) -> None:
        self._how = {"env": env, "cwd": cwd, "start_new_session": True}
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def ask(self, verb: str, name: str) -> tuple[str, str, bytes] | None:
        """Sha, type and, for the verb `contents`, the bytes of `name`; None when there is no such object.

        Blocks; may be called from any thread. Raises OSError when the process has ended."""
        with self._turn:
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
            asker, answers = self._process.stdin, self._process.stdout
            assert asker and answers
            asker.write(f"{verb} {name}\n".encode("utf-8", "surrogateescape"))
            asker.flush()
            line = answers.readline()
            words = line.rstrip(b"\n").rsplit(b" ", 2)
            if not line.endswith(b"\n"):
                raise OSError("git cat-file ended")
            if len(words) < 3 or not words[2].isdigit():
                return None
            body = answers.read(int(words[2]) + 1)[:-1] if verb == "contents" else b""
            return words[0].decode(), words[1].decode(), body

    def _start(self) -> subprocess.Popen[bytes]:
        args = ("git", "cat-file", "--batch-command")
        piped = subprocess.PIPE
        return subprocess.Popen(args, stdin=piped, stdout=piped, stderr=subprocess.DEVNULL, **self._how)  # type: ignore[call-overload,no-any-return]

    def stop(self) -> None:
        """End the process; the next question starts another."""
        if process := self._process:
            self._process = None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


def inherited(key: str) -> bool:
    """Whether an environment variable reaches git: nothing of GIT_* but where the user's config is."""
    return key in KEPT or not (key.startswith(("GIT_", "LC_")) or key == "LANGUAGE")


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill a git together with the children it started, and wait until its pipes are closed too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            await process.communicate()


def is_sha(text: str) -> bool:
    return len(text) in (40, 64) and not set(text) - set("0123456789abcdef")


def branch_ref(branch: str) -> str:
    """`refs/heads/…` of a branch. Raises GitError for a name that could be read as anything else."""
    if branch and not branch.startswith(("-", "/", ".")) and branch.isprintable() and " " not in branch:
        return f"refs/heads/{branch}"
    raise GitError(("branch", branch), 128, f"{branch!r} cannot be the name of a branch")


def shown(path: bytes) -> str:
    """A file name as text that can be stored and shown: bytes that are not UTF-8 become `\\xff`."""
    return path.decode("utf-8", "backslashreplace")


def named(paths: Iterable[str], most: int = 3) -> str:
    """A few names for a sentence, sorted: `a, b, c and 4 more`."""
    return few(sorted(paths), most)
