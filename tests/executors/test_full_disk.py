"""A job that fills the disk still ends with a record, and the next one is refused in words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = """
import asyncio, json, sys
from pathlib import Path
import msgspec
from engine.core.errors import EngineError
from engine.executors.contract import Job
from engine.executors.local import LocalExecutor

async def main():
    base = Path(sys.argv[1])
    executor = LocalExecutor()
    script = f"dd if=/dev/zero of={base}/big bs=4k 2> /dev/null; echo lost; exit 3"
    filling = Job(mark=f"fill-{base}", argv=("bash", "-c", script), cwd=Path("/"), folder=base / "first")
    await executor.start(filling)
    ending = await executor.wait(filling.folder)
    try:
        await executor.start(Job(mark=f"next-{base}", argv=("true",), cwd=Path("/"), folder=base / "second"))
        refused = ""
    except EngineError as error:
        refused = str(error)
    executor.close()
    print(json.dumps([ending.code, ending.error, refused]))

asyncio.run(main())
"""


def test_a_full_disk_costs_no_exit_record(tmp_path: Path) -> None:
    private = ["unshare", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=200k none {tmp_path}"
    if subprocess.run([*private, mount], check=False, capture_output=True).returncode:
        pytest.skip("no small file system can be made here")
    done = subprocess.run(
        [*private, f'{mount} && exec "$0" -c "$1" "$2"', sys.executable, ENGINE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    code, error, refused = json.loads(done.stdout)
    assert (code, error) == (3, "")
    assert "No space left on device" in refused
    assert str(tmp_path / "second") in refused
