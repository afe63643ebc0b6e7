"""Every command that a page, a help text or an error names can be typed just so."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tui.cli import COMMANDS
from tui.cli.forms import plain

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
BY_NAME = {entry.name: entry for entry in COMMANDS}
NUMBER = re.compile(r"\b(N|WAVE|NUMBER)\b")
CUT = re.compile(r" (?:[|>·]|&&) | --help| prints |, then |\|")
"""Where something else than the command begins."""


NO_COMMAND = {"wavetree landing"}
"""Strings that only look like one: the reason of git's reflog."""


def of_page(text: str) -> Iterator[str]:
    """What is typed in the blocks and spans of a page, a command each."""
    parts = text.split("```")
    for block in parts[1::2]:
        for line in block.splitlines():
            yield from re.split(r"\s*[;|]\s+", line.split("  #")[0].split("   ")[0])
    for prose in parts[::2]:
        yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose))


def of_code(path: Path) -> Iterator[str]:
    """The strings of a module that are a command, such as the examples of a help text and what an error says
    to do; not those into which something is filled in."""
    tree = ast.parse(path.read_text())
    filled = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in filled:
            yield from node.value.split(", or: ")


def told() -> set[tuple[str, str]]:
    """Where a command is told of, and the command."""
    code = [path for folder in ("engine", "tui") for path in (ROOT / folder).rglob("*.py")]
    texts = [(path, of_page(path.read_text())) for path in PAGES] + [(path, of_code(path)) for path in code]
    found = {(path.name, CUT.split(text)[0].strip()) for path, said in texts for text in said}
    return {one for one in found if re.match(r"wavetree [a-z]", one[1]) and one[1] not in NO_COMMAND}


def wrong(said: str) -> str:
    """What a person would be told who types that; values that are left out are not missed."""
    name, *words = plain(shlex.split(NUMBER.sub("3", said))[1:])
    if name not in BY_NAME:
        return "no such command"
    parser = argparse.ArgumentParser(prog=name, allow_abbrev=False, exit_on_error=False)
    import_module(BY_NAME[name].module).add(parser)
    for action in parser._actions:
        action.required = False
        if action.nargs in (None, "+") and not action.option_strings:
            action.nargs = "?" if action.nargs is None else "*"
    try:
        parser.parse_args([word for word in words if word not in ("…", "...")])
    except (SystemExit, argparse.ArgumentError) as error:
        return str(error)
    return ""


def test_every_command_that_is_told_of_can_be_typed() -> None:
    """M231"""
    found = told()
    assert len(found) > 200
    assert [(where, said, why) for where, said in sorted(found) if (why := wrong(said))] == []
    assert wrong("wavetree gate 3") and wrong("wavetree gates") and wrong("wavetree logs a --follow-up")
