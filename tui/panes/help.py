"""The help: every key with its sentence, and what the marks mean."""

from __future__ import annotations

from collections.abc import Sequence

from tui.glyphs import MARKS
from tui.keys import ACTIONS, BY_ID, GROUPS, KEY_NAMES, Context
from tui.lines import BLANK, Bit, Line, clip


def help_lines(context: Context, width: int) -> tuple[Line, ...]:
    """All actions by group; one that cannot be used now says why."""
    lines: list[Line] = []
    for group in GROUPS:
        lines += [BLANK] if lines else []
        lines.append((Bit(f" {group}", "accent"),))
        for action in (action for action in ACTIONS if action.group == group):
            usual = " ".join(KEY_NAMES.get(key, key) for key in action.keys)
            keys = context.frame.keys.get(action.id, usual)
            why = action.why_not(context)
            asks = " (asks first)" if action.asks else ""
            lines.append(clip((Bit(f"   {keys:<11}", "key"), Bit(f"{action.help}{asks}", "text")), width))
            if why:
                lines.append(clip((Bit(" " * 14), Bit(f"not now: {why}", "dim")), width))
    lines += [BLANK, (Bit(" marks", "accent"),)]
    for mark in MARKS.values():
        lines.append((Bit(f"   {mark.glyph:<11}", mark.style), Bit(mark.word, "text")))
    lines.append((Bit("   r s e      ", "dim"), Bit("progress reported, from steps, estimated", "text")))
    return tuple(lines)


def page_help_lines(rows: Sequence[tuple[str, str]], width: int) -> tuple[Line, ...]:
    """The keys of a page, each row keys and a sentence, then those that work everywhere."""
    taken = {key for keys, _ in rows for key in keys.split(",")}
    wanted = [BY_ID[name] for name in ("theme", "palette", "leave")]
    more = [(" ".join(one.keys), one.help) for one in wanted if not taken & set(one.keys)]
    return tuple(
        clip((Bit(f" {_named(keys):<13}", "key"), Bit(words, "text")), width)
        for keys, words in (*rows, *more)
    )


def _named(keys: str) -> str:
    return " ".join(KEY_NAMES.get(key, key) for key in keys.replace(",", " ").split())
