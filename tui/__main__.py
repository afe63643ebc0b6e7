"""`wavetree`: finds the command that was typed and hands over to its module."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from tui.cli import COMMANDS, Entry
from tui.cli.forms import plain

USAGE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 failures, 2 usage or plan, 3 waits for an approval,
    4 preflight refused, 130 interrupted. `argv` is what follows the program's name; default: sys.argv."""
    words = plain(sys.argv[1:] if argv is None else argv)
    if not words and sys.stdin.isatty() and sys.stdout.isatty():
        words = ["tui"]
    name = words[0] if words else ""
    if name == "help" and len(words) > 1:
        return main([words[1], "--help"])
    if name in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0
    if name in ("-V", "--version"):
        sys.stdout.write(f"wavetree {_version()}\n")
        return 0
    if not name:
        sys.stderr.write(_overview())
        return USAGE
    for entry in COMMANDS:
        if entry.name == name:
            try:
                return _carry_out(entry, words[1:])
            except KeyboardInterrupt:  # while modules were loaded; the guard sees all later ones
                return INTERRUPTED
    _tell(*_unknown(name), as_json="--json" in words)
    return USAGE


class _Parser(argparse.ArgumentParser):
    """Tells what was typed wrong like every other error: in words, or as JSON when that was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        if not self.as_json:
            self.print_usage(sys.stderr)
        _tell(message, f"{self.prog} --help", as_json=self.as_json)
        sys.exit(USAGE)


def _tell(message: str, remedy: str, *, as_json: bool) -> None:
    if as_json:
        json = import_module("json")
        sys.stdout.write(json.dumps({"error": message, "remedy": remedy}) + "\n")
        return
    sys.stderr.write(f"error: {message}\n  {remedy}\n")


def _carry_out(entry: Entry, words: list[str]) -> int:
    command = import_module(entry.module)
    parser = _Parser(
        prog=f"wavetree {entry.name}",
        description=f"{entry.about[0].upper()}{entry.about[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.as_json = "--json" in words
    command.add(parser)
    try:
        args = parser.parse_args(words)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else USAGE
    code: int = import_module("tui.cli.guard").guarded(command.run, args)
    return code


def _overview() -> str:
    width = max(len(entry.name) for entry in COMMANDS)
    rows = [f"  {entry.name:<{width}}  {entry.about}" for entry in COMMANDS]
    return "\n".join(
        [
            "usage: wavetree COMMAND [OPTIONS]",
            "",
            "Runs many coding agents in parallel on one git repository and keeps a person in charge.",
            "",
            *rows,
            "",
            "wavetree COMMAND --help shows a command's options and an example.",
            "",
        ]
    )


def _version() -> str:
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("wavetree"))
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _unknown(name: str) -> tuple[str, str]:
    close = import_module("difflib").get_close_matches(name, [entry.name for entry in COMMANDS], n=1)
    near = f"did you mean `wavetree {close[0]}`?" if close else "`wavetree --help` lists the commands."
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:60])
    return f"there is no command {shown!r}; {near}", " ".join(["wavetree", *close, "--help"])


if __name__ == "__main__":
    sys.exit(main())
