"""The engine's end of the launcher: asks it for shims, starts it again when it is gone, does without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from engine.core.errors import EngineError

HERE = Path(__file__).parent
ANSWER_WITHIN = 10.0  # seconds a loaded machine may take to fork a shim and start a command


class Answer(msgspec.Struct, frozen=True):
    """What a shim says of its start: the job's pid (0: it could not be started and the folder says why),
    `lost` when the job already had a shim, `error` when the shim could not do its work at all."""

    folder: str
    pid: int = 0
    lost: bool = False
    error: str = ""


class Launcher:
    """One launcher process, started when first needed. Belongs to the event loop that uses it first."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[str, asyncio.Future[Answer]] = {}

    @property
    def pid(self) -> int:
        """The launcher's process id; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    async def launch(self, folder: Path) -> Answer | None:
        """Have a shim started for the job in `folder`. None: nobody answered, look into the folder.

        Raises EngineError when no shim can be started."""
        answer = await self._ask(str(folder))
        if answer is None:
            await asyncio.to_thread(_start_alone, folder)
        return answer

    def close(self) -> None:
        """Let the launcher end; jobs go on."""
        if self._socket is not None:
            with contextlib.suppress(RuntimeError, ValueError):
                asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=2.0)
            self._process = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.cancel()
        self._waiting.clear()

    async def _ask(self, folder: str) -> Answer | None:
        try:
            self._open()
            if self._socket is None:
                return None
            answer = self._waiting.setdefault(folder, asyncio.get_running_loop().create_future())
            self._socket.send(folder.encode())
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asyncio.shield(answer)
        except (OSError, TimeoutError, _LauncherGone):
            return None
        finally:
            self._waiting.pop(folder, None)

    def _open(self) -> None:
        """Start the launcher if there is none. Only Linux has sockets that keep messages apart and tell
        of the other end's death; elsewhere every shim is started on its own."""
        if self._socket is not None or sys.platform != "linux":
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-S", str(HERE / "launcher.py"), str(theirs.fileno())]
        try:
            with theirs:
                self._process = _detached(command, theirs.fileno())
        except OSError:
            ours.close()
            raise
        ours.setblocking(False)
        self._socket = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear)

    def _hear(self) -> None:
        if self._socket is None:
            return
        try:
            message = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._lose()
            return
        with contextlib.suppress(msgspec.DecodeError):
            answer = msgspec.json.decode(message, type=Answer)
            waiting = self._waiting.get(answer.folder)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)

    def _lose(self) -> None:
        """The launcher has died: whoever waits is told, the next request starts another one."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(_LauncherGone())
        self.close()


class _LauncherGone(Exception):
    pass


def _detached(command: list[str], *fds: int) -> subprocess.Popen[bytes]:
    """Start a process that shares no terminal, pipe or descriptor with this one, except `fds`."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        command,
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
        pass_fds=fds,
        start_new_session=True,
        cwd="/",
        env=dict(os.environ),
    )


def _start_alone(folder: Path) -> None:
    """Start a shim without the launcher. It steps out of the way itself, so this soon returns."""
    command = [sys.executable, "-I", "-S", str(HERE / "shim.py"), str(folder)]
    try:
        code = _detached(command).wait(timeout=ANSWER_WITHIN)
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise EngineError(f"a job could not be started: {trouble}", f"run {command[0]} by hand") from trouble
    if code != 0:
        raise EngineError(f"a job could not be started: its shim ended with exit code {code}")
