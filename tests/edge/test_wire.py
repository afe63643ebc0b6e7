"""The control socket answers whoever may ask, in one line, whatever was sent."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.commands import Approve, Pause, Retry, Stop
from engine.core.errors import EngineError, EngineGone, JournalError, Refused
from engine.core.vitals import Vitals
from engine.edge.wire import LIMIT, VERSION, Answer, Ask, Server, ask, listening, peer_uid

Handle = Callable[[Ask], Awaitable[Answer]]


@pytest.fixture
def path() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="wire-", dir="/tmp"))
    yield folder / "engine.sock"
    shutil.rmtree(folder)


async def echo(asked: Ask) -> Answer:
    """Says back what was asked, as it was understood."""
    if asked.command is None:
        return Answer(vitals=Vitals(cpu=12.5))
    return Answer(text=repr(asked.command), run=asked.run)


@asynccontextmanager
async def serving(path: Path, handle: Handle = echo, uid: int | None = None) -> AsyncIterator[Server]:
    server = Server(path, os.getuid() if uid is None else uid, handle)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


async def raw(path: Path, line: bytes) -> bytes:
    """What comes back for these very bytes, until the connection is closed."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        async with asyncio.timeout(10):
            writer.write(line)
            writer.write_eof()
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_command_arrives_as_it_was_sent_and_no_command_asks_for_the_vitals(path: Path) -> None:
    async with serving(path):
        for command in (Approve(2, by="ada", digest="abc"), Pause(("a", "b")), Retry("ä\n"), Stop()):
            assert (await ask(path, command, "r3")).text == repr(command)
        assert (await ask(path)).vitals == Vitals(cpu=12.5)


async def test_only_the_owner_can_open_the_socket_and_it_is_gone_afterwards(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    assert not listening(path)
    async with serving(path):
        assert listening(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert (await ask(path)).kind == ""
    assert not path.exists()
    with pytest.raises(EngineGone, match="no engine is running"):
        await ask(path, Stop())


async def test_another_users_process_gets_no_answer_and_its_command_is_not_carried_out(path: Path) -> None:
    heard: list[Ask] = []

    async def listen(asked: Ask) -> Answer:
        heard.append(asked)
        return Answer(text="done")

    async with serving(path, listen, uid=os.getuid() + 1):
        with pytest.raises(EngineGone):
            await ask(path, Stop())
        assert await raw(path, msgspec.json.encode(Ask(command=Stop())) + b"\n") == b""
    assert heard == []


def test_the_kernel_tells_whose_process_is_at_the_other_end() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_uid(ours) == os.getuid()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_the_kernel_tells_that_another_user_has_connected(path: Path) -> None:
    path.parent.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        pid = os.fork()
        if pid == 0:
            try:
                os.setresuid(65534, 65534, 65534)
                with socket.socket(socket.AF_UNIX) as other:
                    other.connect(str(path))
                    other.recv(1)
            finally:
                os._exit(0)
        connection, _ = listener.accept()
        with connection:
            assert peer_uid(connection) == 65534
        os.waitpid(pid, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"garbage\n", "not understood"),
        (b"\n", "not understood"),
        (b"[]\n", "not understood"),
        (b'{"command": {"type": "Explode"}}\n', "not understood"),
        (b'{"command": {"type": "Retry"}}\n', "not understood"),
        (b'{"command": {"type": "Retry", "task": 7}}\n', "not understood"),
        (b"\xff\xfe\x00\n", "not understood"),
        (b'{"v": 99}\n', f"speaks protocol {VERSION}, not 99"),
    ],
)
async def test_what_is_not_understood_is_said_so_and_the_next_is_answered(
    path: Path, line: bytes, said: str
) -> None:
    async with serving(path):
        answer = msgspec.json.decode(await raw(path, line), type=Answer)
        assert answer.kind == "refused"
        assert said in answer.error
        assert (await ask(path, Stop())).text == repr(Stop())


async def test_a_line_without_end_or_beyond_the_limit_harms_nobody(path: Path) -> None:
    async with serving(path):
        assert await raw(path, b"x" * (LIMIT + 70_000)) == b""
        assert await raw(path, b"") == b""
        assert b"not understood" in await raw(path, b'{"v": 1')
        assert (await ask(path)).vitals is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_bring_the_server_down(path: Path, line: bytes) -> None:
    async def scene() -> None:
        async with serving(path):
            for answer in (await raw(path, line)).splitlines():
                msgspec.json.decode(answer, type=Answer)
            assert (await ask(path)).vitals is not None

    asyncio.run(scene())


@pytest.mark.parametrize("error", [Refused("no", "do that"), JournalError("disk full", "free some")])
async def test_an_error_reaches_who_asked_in_its_own_words(path: Path, error: EngineError | Refused) -> None:
    async def refuse(asked: Ask) -> Answer:
        raise error

    async with serving(path, refuse):
        with pytest.raises(Refused if isinstance(error, Refused) else EngineError) as caught:
            await ask(path, Stop())
        assert (caught.value.message, caught.value.remedy) == (error.message, error.remedy)


async def test_an_unforeseen_error_is_an_answer_too(path: Path) -> None:
    async def stumble(asked: Ask) -> Answer:
        raise KeyError("task-9")

    async with serving(path, stumble):
        with pytest.raises(EngineError, match=r"KeyError.*task-9"):
            await ask(path, Stop())


async def test_clients_are_answered_side_by_side(path: Path) -> None:
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def slowly(asked: Ask) -> Answer:
        if isinstance(asked.command, Pause):
            begun.set()
            await go_on.wait()
        return Answer(text=repr(asked.command))

    async with serving(path, slowly), asyncio.timeout(10):
        first = asyncio.ensure_future(ask(path, Pause()))
        await begun.wait()
        assert (await ask(path, Stop())).text == repr(Stop())
        assert not first.done()
        go_on.set()
        assert (await first).text == repr(Pause())


async def test_a_server_that_closes_answers_what_was_asked_and_does_not_wait_for_the_silent(
    path: Path,
) -> None:
    go_on = asyncio.Event()
    begun = asyncio.Event()

    async def slowly(asked: Ask) -> Answer:
        begun.set()
        await go_on.wait()
        return Answer(text="done")

    async with asyncio.timeout(10):
        async with serving(path, slowly):
            _, silent = await asyncio.open_unix_connection(str(path))
            asked = asyncio.ensure_future(ask(path, Stop()))
            await begun.wait()
            asyncio.get_running_loop().call_soon(go_on.set)
        assert (await asked).text == "done"
        silent.close()
