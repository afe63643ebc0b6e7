"""The control socket's protocol: one JSON line asks, one JSON line answers, then the connection closes."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from engine.core.commands import Command
from engine.core.errors import EngineError, EngineGone, Refused, WavetreeError
from engine.core.vitals import Vitals

log = logging.getLogger("wavetree.wire")

VERSION = 1
LIMIT = 2**20


class Ask(Struct, frozen=True):
    """A command to carry out, or none to be told the vitals. `run` is the run that is meant; when it is
    empty, the one the engine works on."""

    v: int = VERSION
    command: Command | None = None
    run: str = ""


class Answer(Struct, frozen=True):
    """`text` acknowledges a command; `error`, `remedy` and `kind` say why not. `run` is the engine's."""

    v: int = VERSION
    run: str = ""
    text: str = ""
    vitals: Vitals | None = None
    kind: Literal["", "refused", "failed"] = ""
    error: str = ""
    remedy: str = ""


_ask = msgspec.json.Decoder(Ask).decode
_answer = msgspec.json.Decoder(Answer).decode


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end of a Unix socket."""
    if hasattr(socket, "SO_PEERCRED"):
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[1])
    # macOS: LOCAL_PEERCRED gives struct xucred {version, uid, ...}
    raw = connection.getsockopt(0, 0x001, struct.calcsize("2I"))
    return int(struct.unpack("2I", raw[:8])[1])


class Server:
    """Answers on a Unix socket, mode 0600, and only to processes of user `uid`."""

    def __init__(self, path: Path, uid: int, handle: Callable[[Ask], Awaitable[Answer]]) -> None:
        self._path = path
        self._uid = uid
        self._handle = handle
        self._open: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._answer, path=str(self._path), limit=LIMIT)
        self._path.chmod(0o600)

    async def close(self) -> None:
        """Take no new question, and see that those already asked get their answers."""
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        for silent in self._open - self._busy:
            silent.cancel()
        if self._busy:
            await asyncio.wait(self._busy, timeout=2.0)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            if peer_uid(writer.get_extra_info("socket")) != self._uid:
                return
            if line := await reader.readline():
                self._busy.add(task)
                writer.write(msgspec.json.encode(await _handled(line, self._handle)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.CancelledError):
            pass  # the client went away, sent a line beyond the limit, or said nothing until the end
        finally:
            self._open.discard(task)
            self._busy.discard(task)
            writer.close()


async def _handled(line: bytes, handle: Callable[[Ask], Awaitable[Answer]]) -> Answer:
    try:
        ask = _ask(line)
    except msgspec.MsgspecError as error:
        return Answer(kind="refused", error=f"not understood: {error}")
    if ask.v != VERSION:
        return Answer(kind="refused", error=f"the engine speaks protocol {VERSION}, not {ask.v}")
    try:
        return await handle(ask)
    except Refused as error:
        return Answer(kind="refused", error=error.message, remedy=error.remedy)
    except WavetreeError as error:
        return Answer(kind="failed", error=error.message, remedy=error.remedy)
    except Exception as error:
        log.exception("%s", ask)
        return Answer(kind="failed", error=f"{type(error).__name__}: {error}", remedy="see engine.log")


def listening(path: Path) -> bool:
    """Whether an engine takes questions there; the socket file alone may be what a killed one left."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


async def ask(path: Path, command: Command | None = None, run: str = "") -> Answer:
    """Send one command to the engine of `run`, or ask for the vitals, and return the answer.

    Raises EngineGone when nobody listens, Refused or EngineError when the answer is no."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=LIMIT)
    except OSError as error:
        raise EngineGone("no engine is running", "wavetree resume") from error
    try:
        writer.write(msgspec.json.encode(Ask(command=command, run=run)) + b"\n")
        await writer.drain()
        line = await reader.readline()
    except ConnectionError as error:
        raise EngineGone("the engine went away", "wavetree resume") from error
    finally:
        writer.close()
    if not line:
        raise EngineGone("the engine went away before it answered", "wavetree status")
    try:
        answer = _answer(line)
    except msgspec.MsgspecError as error:
        raise EngineError(f"the engine's answer is not understood: {error}", "wavetree status") from error
    match answer.kind:
        case "":
            return answer
        case "refused":
            raise Refused(answer.error, answer.remedy)
        case "failed":
            raise EngineError(answer.error, answer.remedy)
