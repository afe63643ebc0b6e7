"""Tables and trees for a terminal, and for a file where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from engine import Criterion, Plan, clean
from tui.measures import count

WIDTH = 120
"""Columns where there is no terminal to ask."""


class _Paper(Console):
    """A console that leaves it to the guard of the commands what a reader who has gone means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def show(parts: Iterable[RenderableType]) -> None:
    """Print the parts one after the other; texts have been cleaned and are never read as markup."""
    console = _Paper(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH)
    for part in parts:
        console.print(part, soft_wrap=not console.is_terminal and isinstance(part, str | Text))


def cell(value: object, style: str = "") -> Text:
    """A value as text that cannot steer the terminal."""
    return Text(clean(str(value)), style=style)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """A table without frames; columns that start with `#` hold numbers."""
    found = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        found.add_column(
            column.removeprefix("#"), justify="right" if column.startswith("#") else "left", style=""
        )
    for row in rows:
        found.add_row(*(value if isinstance(value, Text) else cell(value) for value in row))
    return found


def counted(plan: Plan) -> str:
    """`6 tasks in 3 waves`"""
    return f"{count(len(plan.tasks), 'task')} in {count(len(plan.waves), 'wave')}"


def criterion(one: Criterion) -> Text:
    """`Completeness: 100% PASS (3 of 3 phases are in waves)`"""
    measured = "" if one.percent is None else f" {one.percent:.0f}%"
    return cell(f"{one.name}:{measured} {one.verdict.value} ({one.words})")


def heading(text: str) -> Text:
    return Text(f"\n{clean(text)}", style="bold")


def risk(level: str) -> Text:
    """A level in its word and colour."""
    return cell(level, {"high": "red", "medium": "yellow", "low": "green"}.get(level, "dim"))
