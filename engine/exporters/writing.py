"""The one place where documents reach the disk: whole files, inside the folder that was given."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from engine.core.errors import UsageError


def write(folder: Path, documents: Mapping[str, str], *, force: bool = False) -> tuple[Path, ...]:
    """Write documents, by file name, into `folder`, which is made when it is not there; the paths written.

    Each file is written under another name in the same folder and then renamed, so nobody ever reads half a
    document; one that is there with the same content counts as written and is left as it is. Raises
    UsageError before anything is written: for a name that leads out of the folder or to something that is no
    file, and, without `force`, naming all files that are there with another content. An OSError of the disk
    becomes a UsageError too."""
    paths = {_inside(folder, name): text.encode() for name, text in documents.items()}
    try:
        new = {path: data for path, data in paths.items() if not _holds(path, data)}
        if not force and (there := [path for path in new if path.exists()]):
            names = ", ".join(str(path) for path in there)
            are = "is" if len(there) == 1 else "are"
            raise UsageError(
                f"{names}: {are} there already with another content; nothing was written",
                f"--force writes over {'it' if len(there) == 1 else 'them'}",
            )
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in new.items():
            _replace(path, data)
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return tuple(paths)


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if Path(name).name != name or name in ("", ".", "..") or "\0" in name:
        raise UsageError(f"{name!r} is not the name of a file in {folder}")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError(f"{path} is not an ordinary file; it is left as it is")
    return path


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file is there with just this content."""
    return path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
