"""The engine's own process: takes the lock, opens the journal, answers on the socket, outlives screens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

import msgspec

from engine.assemble import assemble
from engine.beside import follow
from engine.core.commands import Resume, Stop
from engine.core.errors import Refused, WavetreeError
from engine.edge import runs, wire
from engine.edge.journal import Journal
from engine.edge.lock import EngineLock
from engine.herald import Herald
from engine.keeper import Keeper
from engine.loop import Engine

log = logging.getLogger("wavetree.serve")


async def serve(project: runs.Project, run: str, resume: Resume | None) -> int:
    """Be the engine of that run until it has ended. Raises WavetreeError when it cannot begin."""
    folder = project.folder(run)
    lock = EngineLock(project.lock)
    lock.acquire(run=run)
    if lock.notice:
        log.warning("%s", lock.notice)
    created = runs.created(folder)
    try:
        with Journal(folder / runs.JOURNAL, write=True) as journal:
            keeper = Keeper(project, run)
            world, guard = await assemble(created, folder, lock.fd, keeper.look_safely)
            engine = Engine(journal, world)

            async def handle(ask: wire.Ask) -> wire.Answer:
                if ask.run not in ("", run):
                    raise Refused(f"the engine works on run {run}, not on {ask.run}", "wavetree history")
                if ask.command is None:
                    return wire.Answer(run=run, vitals=await guard.vitals(engine.state))
                return wire.Answer(run=run, text=await engine.send(ask.command))

            server = wire.Server(project.socket(), os.getuid(), handle)
            _stop_on_signal(engine)
            herald = Herald(project, run)

            async def beside() -> None:
                await asyncio.gather(follow(herald.look_safely), follow(keeper.look_safely))

            try:
                await engine.run(created, resume, [*filter(None, [lock.notice])], server.open, beside)
                await herald.look_safely()
                await keeper.look_safely()
            finally:
                herald.close()
                keeper.close()
                await server.close()
                await world.close()
    finally:
        lock.release()
    return 0


def _stop_on_signal(engine: Engine) -> None:
    """TERM stops the run in good order; INT and HUP are the terminal's affair, not the engine's."""
    loop = asyncio.get_running_loop()
    pending: set[asyncio.Task[str]] = set()

    def stop() -> None:
        task = loop.create_task(engine.send(Stop(by="SIGTERM")))
        pending.add(task)
        task.add_done_callback(pending.discard)

    loop.add_signal_handler(signal.SIGTERM, stop)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)


def main(argv: list[str]) -> int:
    """`python -m engine.serve CHECKOUT COMMON RUN [RESUME-JSON]`; started by the front door, not by hand."""
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it tells of every change
    checkout, common, run, *rest = argv
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    resume = msgspec.json.decode(rest[0], type=Resume) if rest else None
    try:
        return asyncio.run(serve(runs.Project(Path(checkout), Path(common)), run, resume))
    except WavetreeError as error:
        refusal = {"error": error.message, "remedy": error.remedy, "code": error.exit_code}
        with contextlib.suppress(BrokenPipeError):
            sys.stderr.write(f"wavetree-refusal: {msgspec.json.encode(refusal).decode()}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
