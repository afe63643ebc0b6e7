"""A job that does all it can to escape: child, setsid child, double-forked daemon, and a bounded fork storm.

Every process adds a byte to the file `beats` in the working folder every few milliseconds. The storm keeps
replacing itself: each process forks a successor in a session of its own and ends, so that most pids are
milliseconds old and nobody's child.
"""

import contextlib
import os
import sys
import time

WIDTH, LIFE = int(sys.argv[1]), float(sys.argv[2])
end = time.monotonic() + LIFE
beats = os.open("beats", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def beat() -> None:
    while time.monotonic() < end:
        os.write(beats, b".")
        time.sleep(0.005)
    os._exit(0)


def storm(generations: int) -> None:
    for _ in range(generations):
        os.write(beats, b"s")
        time.sleep(0.004)
        if os.fork():
            os._exit(0)
        os.setsid()
    beat()


if os.fork() == 0:
    beat()
if os.fork() == 0:
    os.setsid()
    beat()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        beat()
    os._exit(0)
for _ in range(WIDTH):
    if os.fork() == 0:
        storm(400)
os.close(os.open("up", os.O_CREAT))
while time.monotonic() < end:
    os.write(beats, b"m")
    time.sleep(0.005)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
