"""The status vocabulary: one glyph, word and colour for each state, and ASCII for poor terminals."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from tui.boxes import BOX, Arms


class Mark(NamedTuple):
    """How a state looks: `style` names an entry of the palette."""

    glyph: str
    word: str
    style: str


MARKS = {
    mark.word: mark
    for mark in (
        Mark("○", "pending", "dim"),
        Mark("◌", "waiting", "dim"),
        Mark("●", "running", "accent"),
        Mark("‖", "paused", "warn"),
        Mark("◎", "coordinating", "warn"),
        Mark("◇", "reviewing", "warn"),
        Mark("◆", "complete", "ok"),
        Mark("✓", "merged", "ok"),
        Mark("✗", "failed", "bad"),
        Mark("⊘", "blocked", "bad"),
        Mark("■", "stopped", "warn"),
        Mark("–", "skipped", "dim"),
    )
}

_ASCII = str.maketrans(
    {
        "○": ".", "◌": "~", "●": "*", "‖": "=", "◆": "+", "✓": "v", "✗": "x", "⊘": "#", "■": "!", "◎": "@",
        "◇": "?", "▮": "#", "▯": ".", "–": "-", "…": "_", "·": "-", "▸": ">", "▶": ">", "┊": ":", "→": ">",
        "←": "<", "↑": "^", "↓": "v", "⇄": "x", "✖": "x", "╵": "|",
        **dict(zip("▁▂▃▄▅▆▇█", "__..--##", strict=True)),
    }
)  # fmt: skip


def _box_character(arms: Arms) -> str:
    """`-` and `=` for what only lies, `|` and `H` for what only stands, `+` for corners and crossings."""
    standing, lying = max(arms[:2]), max(arms[2:])
    if standing and lying:
        return "+"
    return " -="[lying] if lying else " |H"[standing]


_BOX = str.maketrans({character: _box_character(arms) for arms, character in BOX.items()})


def mark(word: str) -> Mark:
    """The mark of a state's word; an unknown word keeps itself and is shown dim."""
    return MARKS.get(word) or Mark("?", word, "dim")


def to_ascii(text: str) -> str:
    """`text` with every glyph of ours as one ASCII character of the same width; other foreign letters
    become a question mark."""
    if text.isascii():
        return text
    return text.translate(_ASCII).translate(_BOX).encode("ascii", "replace").decode()


def wants_ascii() -> bool:
    """Whether the terminal can only be trusted with ASCII: `WAVETREE_ASCII` is set, or no UTF-8."""
    chosen = os.environ.get("WAVETREE_ASCII", "")
    if chosen:
        return chosen != "0"
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    return "utf" not in encoding.lower()
