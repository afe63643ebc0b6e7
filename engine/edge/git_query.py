"""Asks git about a repository for a command that soon ends, by GitPython; a running engine never does."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.errors import GitError

NO_PROGRAMS = ("core.fsmonitor=false", "log.showSignature=false", "core.pager=cat")
"""Settings with which no program that a repository's configuration names is ever run by a question."""

SURROUNDINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
}


def ask(checkout: Path, arguments: Sequence[str], given: bytes = b"", fine: Sequence[int] = (0,)) -> bytes:
    """What `git <arguments>` prints in the working tree `checkout`, with `given` as its input. Raises
    GitError when it ends with a code that is not `fine`. The path is where git starts, never an option."""
    import git

    settings = [word for setting in NO_PROGRAMS for word in ("-c", setting)]
    with tempfile.TemporaryFile() as standard_input:
        standard_input.write(given)
        standard_input.seek(0)
        try:
            code, out, err = git.Git(str(checkout.absolute())).execute(
                ["git", "--no-pager", *settings, *arguments],
                istream=standard_input,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env={**SURROUNDINGS, "GIT_DIR": str(checkout.absolute() / ".git")},
            )
        except git.GitCommandNotFound as error:
            raise GitError(arguments, 127, str(error)) from error
    if code not in fine:
        raise GitError(arguments, code, os.fsdecode(err))
    assert isinstance(out, bytes)
    return out


def commit_of(checkout: Path, name: str) -> str:
    """The sha of the commit that `name` (a branch, `HEAD`, …) stands for, "" when there is none."""
    given = ["rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}"]
    return os.fsdecode(ask(checkout, given, fine=(0, 1, 128))).strip()


def blobs(checkout: Path, shas: Sequence[str]) -> Iterator[bytes]:
    """The contents of these blobs, in their order; b"" for one that is not here."""
    answer = ask(checkout, ["cat-file", "--batch"], "".join(f"{sha}\n" for sha in shas).encode())
    place = 0
    for _ in shas:
        newline = answer.index(b"\n", place)
        head = answer[place:newline].split(b" ")
        place = newline + 1
        if len(head) < 3 or not head[2].isdigit():
            yield b""
            continue
        size = int(head[2])
        yield answer[place : place + size]
        place += size + 1
