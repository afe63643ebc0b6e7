"""Forks a shim for each request, so that starting a job costs a fork and not the start of a Python.

Runs as `python -I -S launcher.py FD`. A request is one message with a job's folder; the shim answers
on the same socket. The launcher ends when the engine's end closes; the shims it made go on.
"""

# pathlib would make up a fifth of the start
# ruff: noqa: PTH120
from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from typing import Any

if __package__:
    from engine.executors import shim
else:  # run on its own, outside the package
    sys.path.append(os.path.dirname(__file__))
    import shim  # type: ignore[import-not-found,no-redef]


def serve(fd: int) -> None:
    """Read folders from the socket until it ends."""
    os.set_inheritable(fd, False)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended shims need no burial
    gc.freeze()
    while folder := os.read(fd, 65536):
        try:
            forked = os.fork()
        except OSError as trouble:
            _answer(fd, {"folder": folder.decode(), "error": f"fork: {trouble.strerror}"})
            continue
        if forked == 0:
            _be_shim(fd, folder.decode())


def _be_shim(fd: int, folder: str) -> None:
    """In the child, which must never get back into the loop."""
    try:
        os.setsid()
        shim.own(folder, lambda message: _answer_last(fd, message))
    finally:
        os._exit(0)


def _answer(fd: int, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the engine has gone; its successor reads the folder
        os.write(fd, json.dumps(message).encode())


def _answer_last(fd: int, message: dict[str, Any]) -> None:
    _answer(fd, message)
    os.close(fd)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
