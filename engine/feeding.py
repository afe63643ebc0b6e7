"""Runs a person's command with a record on its standard input."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path


async def fed(command: tuple[str, ...], line: bytes, folder: Path, patience: float) -> str:
    """Run the command in `folder` with `line` on its standard input; empty when it took that, else what was
    wrong with it. When cancelled, what was begun is brought to its end first."""
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
        )
    except OSError as error:
        return str(error)
    try:
        await asyncio.wait_for(child.communicate(line), patience)
        return f"exit code {child.returncode}" if child.returncode else ""
    except asyncio.CancelledError:
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), patience)
        raise
    except TimeoutError:
        return f"it took longer than {patience:g} seconds"
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
