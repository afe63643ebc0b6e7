"""Names in the text of one file, with their lines: functions and classes, headings of Markdown."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from engine.core.parts import MARKDOWN, Symbol
from engine.edge import grammars

LARGEST = 1_000_000
"""Bytes of a file at most: what is larger was written by a program, and nobody names its parts."""

PYTHON = (".py", ".pyi")
CODE = (*PYTHON, *grammars.LANGUAGES)
"""Endings of the files of programs that can have symbols."""

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HASHES = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_BLOCK = re.compile(r"[ \t]*(?:[>|<#`~]|[-+*][ \t]|\d+[.)][ \t])|[ \t]*$")
HEADING_LONGEST = 500


class Support(Struct, frozen=True):
    """Whether files of a kind can have symbols here, and if not why, with what to install."""

    yes: bool
    why: str = ""


def symbols_supported(path: str) -> Support:
    """Whether `symbols` knows the language of a file with this name and has what it needs to read it."""
    ending = PurePosixPath(path).suffix.lower()
    if ending in (*PYTHON, *MARKDOWN):
        return Support(True)
    if ending not in grammars.LANGUAGES:
        return Support(False, f"no symbols are known of {ending or 'such'} files")
    if not grammars.installed(ending):
        return Support(False, f"symbols of {ending} files need: pip install 'wavetree[symbols]'")
    return Support(True)


def symbols(path: str, text: bytes) -> tuple[Symbol, ...]:
    """What has a name in a file, in the order of lines: `Users.get` for a method, a slug such as GitHub makes
    for a heading, whose lines are its whole section. Decorators, and comments right above, belong to it. ()
    for a file of more than 1 MB, of an unknown language, or that does not parse; never raises."""
    ending = PurePosixPath(path).suffix.lower()
    if len(text) > LARGEST:
        return ()
    if ending in PYTHON:
        found = _python(text)
    elif ending in MARKDOWN:
        found = list(_sections(text.decode("utf-8", "replace").split("\n")))
    else:
        found = grammars.symbols(ending, text)
    return tuple(sorted(found, key=lambda symbol: (symbol.first, -symbol.last, symbol.name)))


def _python(text: bytes) -> list[Symbol]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    comments = _comment_lines(text)
    found: list[Symbol] = []
    waiting: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
    while waiting:
        node, prefix, in_class = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                is_class = isinstance(child, ast.ClassDef)
                kind = "class" if is_class else "method" if in_class else "function"
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                found.append(_symbol(prefix + child.name, kind, first, child, comments))
                waiting.append((child, f"{prefix}{child.name}.", is_class))
            elif isinstance(child, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Module):
                targets = child.targets if isinstance(child, ast.Assign) else [child.target]
                found += [
                    _symbol(target.id, "variable", child.lineno, child, comments)
                    for target in targets
                    if isinstance(target, ast.Name)
                ]
            elif not isinstance(child, ast.expr):
                waiting.append((child, prefix, in_class))
    return found


def _symbol(name: str, kind: str, first: int, node: ast.stmt, comments: set[int]) -> Symbol:
    while first - 1 in comments:
        first -= 1
    return Symbol(name, kind, first, node.end_lineno or first)


def _comment_lines(text: bytes) -> set[int]:
    """Lines that begin with `#`; inside of a string too, but those are hardly ever right above a name."""
    lines = re.split(rb"\r\n|\r|\n", text)
    return {number for number, line in enumerate(lines, 1) if line.lstrip().startswith(b"#")}


def _sections(lines: list[str]) -> Iterator[Symbol]:
    """A heading's section ends before the next heading of its level or a higher one."""
    headings = list(_headings(lines))
    ends: list[int] = []
    open_: list[tuple[int, int]] = []
    for level, _, first in reversed(headings):
        while open_ and open_[-1][0] > level:
            open_.pop()
        ends.append(open_[-1][1] - 1 if open_ else len(lines) - (not lines[-1]))
        open_.append((level, first))
    seen: dict[str, int] = {}
    for (_, title, first), last in zip(headings, reversed(ends), strict=True):
        base = slug(title)
        number = seen.get(base, 0)
        seen[base] = number + 1
        if base:
            yield Symbol(f"{base}-{number}" if number else base, "heading", first, last)


def slug(title: str) -> str:
    """The anchor that GitHub gives a heading: small letters, spaces as `-`, no other punctuation but `_`."""
    shown = _LINK.sub(r"\1", title).strip().lower()
    return re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")


def _headings(lines: list[str]) -> Iterator[tuple[int, str, int]]:
    """Level, title and line of each heading, `#` or underlined, outside of code and of the front matter."""
    start = _front_matter(lines)
    fence = ""
    for number, line in enumerate(lines[start:], start + 1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            fence = mark[1]
        elif found := _HASHES.match(line):
            title = line[found.end() :][:HEADING_LONGEST].strip()
            yield len(found[1]), re.sub(r"(?:^|[ \t])#+$", "", title), number
        elif (under := _UNDERLINE.match(line)) and number > start + 1:
            above = lines[number - 2]
            if not _BLOCK.match(above) and not _UNDERLINE.match(above):
                yield 1 if under[1][0] == "=" else 2, above[:HEADING_LONGEST], number - 1


def _front_matter(lines: list[str]) -> int:
    """How many lines a block between `---` takes at the top."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)
