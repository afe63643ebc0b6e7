"""Text from outside as Markdown: shown as it was typed, never read as a heading, a link or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.core.clean import clean

_SPECIAL = re.compile(
    r"[\\`*\[\]|~@]|<(?=[A-Za-z/!?])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#A-Za-z])|:(?=//)"
)
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
_AT_START = re.compile(r"^(?:[#+=>-]|[0-9]{1,9}(?=[.)](?:\s|$)))")
_AT_END = re.compile(r"#+$")


class Markdown(str):
    """Text that is Markdown already: nothing in it is escaped again."""

    __slots__ = ()


def plain(text: object) -> str:
    """One line that a Markdown reader shows as `text` (CommonMark and GitHub's extensions): no emphasis, no
    links, also not those made of bare addresses, no HTML, no block at its start."""
    line = inline(text)
    if found := _AT_START.match(line):
        at = found.end() if found[0].isdigit() else 0
        line = f"{line[:at]}\\{line[at:]}"
    return line


def inline(text: object) -> str:
    """The same for a place in the middle of a line, where `- ` or `> ` open no block."""
    line = " ".join(clean(str(text)).split())
    line = _WWW.sub(r"\1\\.", _SPECIAL.sub(r"\\\g<0>", line))
    return _AT_END.sub(lambda hashes: hashes[0].replace("#", "\\#"), line)


def code(text: object) -> str:
    """`text` as a code span, its fence longer than any run of backticks in it."""
    line = " ".join(clean(str(text)).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    gap = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{gap}{line}{gap}{fence}" if line else ""


def bullets(items: Iterable[str], otherwise: str) -> list[str]:
    """Lines of a list of what is Markdown already; one line that says `otherwise` when there are none."""
    return [f"- {item}" for item in items] or [f"- {otherwise}"]


def paragraphs(*blocks: Iterable[str]) -> str:
    """Blocks of lines with an empty line between each two, as one text."""
    texts = ["\n".join(block) for block in blocks]
    return "\n\n".join(text for text in texts if text) + "\n"
