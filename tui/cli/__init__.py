"""The commands of `wavetree`: one row each; a command's module is imported when the command is typed."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command: what is typed, what it does in one line, and the module with its `add` and `run`.

    `add(parser)` puts the arguments and an example in the epilog on an argparse parser;
    `run(args)` carries the command out and returns the exit code.
    """

    name: str
    about: str
    module: str


COMMANDS: tuple[Entry, ...] = (
    Entry("validate", "check plans and name every error with its line", "tui.cli.validate"),
    Entry("config", "the settings in force, or the plan format as a JSON Schema", "tui.cli.config"),
)
