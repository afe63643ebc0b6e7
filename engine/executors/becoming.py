"""Turns a forked child into a job's command, or says why that cannot be; standard library alone."""

# pathlib would make up a fifth of the shim's start
# ruff: noqa: PTH102, PTH103, PTH110, PTH123

from __future__ import annotations

import contextlib
import errno
import os
import signal
from typing import Any

# what the shim ignores and its job must not
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)

# git's location variables (those of an engine started from a hook would point agents at the wrong place)
_STRIPPED = frozenset(
    {
        "CLAUDECODE",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
# an agent inside an agent must not believe it belongs to the outer one; its login stays its login
_LOGIN = frozenset(
    {
        "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_FOUNDRY",
        "CLAUDE_CODE_USE_VERTEX",
    }
)
_TEMPORARY = "tmp"


def _inherited() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _STRIPPED and (name in _LOGIN or not name.startswith("CLAUDE_CODE_"))
    }


INHERITED = _inherited()  # once for all shims that a launcher forks


def environment(job: dict[str, Any], folder: str) -> dict[str, str]:
    """What the job's processes see: the engine's variables without those that name other places, the
    job's own, its mark and its own folder for temporary files."""
    return {**INHERITED, **job["env"], "WAVETREE_MARK": job["mark"], "TMPDIR": f"{folder}/{_TEMPORARY}"}


def spawn(folder: str, job: dict[str, Any]) -> tuple[int, int, str]:
    """Process id, exit code and reason; the last two matter when the command could not be started."""
    os.makedirs(f"{folder}/{_TEMPORARY}", mode=0o700, exist_ok=True)
    out = os.open(f"{folder}/out.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    env = environment(job, folder)
    if group := str(job.get("group", "")):
        with contextlib.suppress(OSError):
            os.mkdir(group)
    heard, said = os.pipe()
    agent = os.fork()
    if agent == 0:
        _become(job, env, null, out, said)
    for fd in (out, null, said):
        os.close(fd)
    with open(heard, "rb") as file:
        trouble = file.read().decode(errors="replace")
    if not trouble:
        return agent, 0, ""
    os.waitpid(agent, 0)
    code, _, reason = trouble.partition(" ")
    return 0, int(code), reason


def _become(job: dict[str, Any], env: dict[str, str], null: int, out: int, said: int) -> None:
    """In the child: turn into the job's command, or say why not and end."""
    command = job["argv"][0]
    try:
        os.setsid()
        if group := job.get("group"):
            _join(group)
        if job.get("umask") is not None:
            os.umask(job["umask"])
        for number in (*IGNORED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for target, fd in enumerate((null, out, out)):
            os.dup2(fd, target)
        try:
            os.chdir(job["cwd"])
        except OSError as trouble:
            raise _CannotStart(126, f"working folder: {trouble.strerror}: {job['cwd']}") from trouble
        os.closerange(3, said)
        os.closerange(said + 1, min(os.sysconf("SC_OPEN_MAX"), 65536))
        _execute(command, job["argv"], env)
    except _CannotStart as trouble:
        os.write(said, f"{trouble.code} {trouble}".encode())
    except BaseException as trouble:  # whatever it was, this process must not go on as a second shim
        os.write(said, _why_not(command, trouble).encode())
    os._exit(127)


def _execute(command: str, argv: list[str], env: dict[str, str]) -> None:
    """Look the command up in PATH and become it; os.execvpe takes longer over it than a fork. Relative
    places in PATH do not count: they meant another folder than the worktree. Raises OSError."""
    if "/" in command:
        os.execve(command, argv, env)  # noqa: S606 - no shell is the point
    trouble: OSError = FileNotFoundError(errno.ENOENT, "not found")
    for place in env.get("PATH", os.defpath).split(os.pathsep):
        if place.startswith("/"):
            try:
                os.execve(f"{place}/{command}", argv, env)  # noqa: S606
            except (FileNotFoundError, NotADirectoryError):
                continue
            except PermissionError as found:
                trouble = found
    raise trouble


class _CannotStart(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def _join(group: str) -> None:
    """Best effort: a job outside its group is still found as a descendant of the shim."""
    with contextlib.suppress(OSError):
        fd = os.open(f"{group}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        os.write(fd, b"0")
        os.close(fd)


def _why_not(command: str, trouble: BaseException) -> str:
    number = trouble.errno if isinstance(trouble, OSError) else 0
    if number in (errno.ENOENT, errno.ENOTDIR):
        if "/" in command and os.path.exists(command):
            return f"126 cannot run {command}: the interpreter its first line names is missing"
        return f"127 command not found: {command}"
    if number in (errno.EACCES, errno.EISDIR):
        return f"126 not executable: {command}"
    if number == errno.ENOEXEC:
        return f"126 not a program: {command} (a script needs a first line such as #!/bin/sh)"
    if number == errno.E2BIG:
        return f"126 cannot run {command}: its arguments are too long (Linux allows 128 KiB in one)"
    return f"126 cannot run {command}: {trouble}"
