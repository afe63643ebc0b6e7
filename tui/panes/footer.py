"""The footer: as many keys as fit whole; those of the dashboard by importance, leaving at the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.keys import ACTIONS, BY_ID, Action, Context, key_of
from tui.lines import Bit, Line, flowing, spread, width_of


def footer_line(context: Context, width: int, only: tuple[str, ...] = ()) -> Line:
    """Keys by importance, of all actions or of those named (then without leaving). One that cannot be used
    now is dim, and gives way to those that can; none is ever cut off."""
    wanted = [action for action in ACTIONS if action.footer and action.id != "leave"]
    ranked = sorted((a for a in wanted if not only or a.id in only), key=lambda action: action.footer)
    leave = () if only else (*_bits(BY_ID["leave"], context), Bit(" "))
    room = width - width_of(leave) - 1
    chosen: list[Action] = []
    for action in sorted(ranked, key=lambda action: bool(action.why_not(context))):
        size = width_of(_bits(action, context)) + 2
        if size <= room:
            chosen.append(action)
            room -= size
    left: list[Bit] = [Bit(" ")]
    for action in sorted(chosen, key=ranked.index):
        left += [*_bits(action, context), Bit("  ")]
    return spread(left[:-1], leave, width)


def _bits(action: Action, context: Context) -> tuple[Bit, ...]:
    click = f"do:{action.id}"
    possible = not action.why_not(context)
    return (
        Bit(key_of(context.frame, action.id), "key" if possible else "dim", click),
        Bit(f" {action.label(context)}", "text" if possible else "dim", click),
    )


Keys = Sequence[tuple[str, str, str]]
"""Keys of a page: key, word, and what a click does (`do:` is put before it)."""


def keys_line(width: int, keys: Keys) -> Line:
    """Keys with their words, as many as fit whole."""
    bits: list[Bit] = []
    for bit in _worded(keys):
        if width_of((*bits, *bit)) <= width:
            bits += bit
    return tuple(bits)


def keys_lines(width: int, keys: Keys) -> list[Line]:
    """All of the keys, in as many lines as they need."""
    return flowing(Bit(""), _worded(keys), width)


def _worded(keys: Keys) -> Iterator[tuple[Bit, ...]]:
    for key, label, action in keys:
        click = f"do:{action}" if action else ""
        yield (Bit(" "), Bit(key, "key", click), Bit(f" {label} ", "text", click))
