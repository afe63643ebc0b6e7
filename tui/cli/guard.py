"""Runs one command and turns what goes wrong into words for a person and an exit code for a script."""

from __future__ import annotations

import errno
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable

from engine import Fault, PlanError, PreflightError, WavetreeError, clean, gauged

INTERRUPTED = 130
VALIDATION = gauged.Cause.VALIDATION.value


def guarded(run: Callable[[Namespace], int], args: Namespace) -> int:
    """The exit code of `run(args)`; every WavetreeError is printed here and nowhere else.

    The words go to stderr; with `--json` an object with the key `error` goes to stdout instead.
    """
    try:
        code = run(args)
        sys.stdout.flush()
    except WavetreeError as error:
        _tell(error, as_json=bool(getattr(args, "json", False)), begins=hasattr(args, "auto_approve"))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _forget_stdout()
        print("error: there is no room for what is printed", file=sys.stderr)
        return 1
    return code


def as_data(fault: Fault) -> dict[str, object]:
    """A fault as the object that `--json` prints."""
    return {"file": fault.file, "line": fault.line, "path": fault.path, "message": fault.message}


def _tell(error: WavetreeError, *, as_json: bool, begins: bool) -> None:
    """`begins`: the command would have begun a run, which has failed by that (M176)."""
    faults = error.faults if isinstance(error, PlanError | PreflightError) else ()
    if as_json:
        said: dict[str, object] = {"error": error.message, "remedy": error.remedy}
        if begins and isinstance(error, PlanError):
            said["success"], said["failure"] = False, VALIDATION
            said["error"] = f"{VALIDATION}: {error.message}"
        if faults:
            said["errors"] = [as_data(fault) for fault in faults]
        print(json.dumps(said))
        return
    for line in [str(fault) for fault in faults] or [error.message]:
        print(f"error: {clean(line)}", file=sys.stderr)
    if error.remedy:
        print(f"  {clean(error.remedy, lines=True)}", file=sys.stderr)


def _forget_stdout() -> None:
    """Keep the interpreter from a second complaint when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
