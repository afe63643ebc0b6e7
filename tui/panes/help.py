"""The help: every key with its sentence, and what the marks mean."""

from __future__ import annotations

from collections.abc import Sequence

from tui.glyphs import MARKS
from tui.keys import ACTIONS, BY_ID, GROUPS, KEY_NAMES, Context
from tui.lines import BLANK, Bit, Line, clip, wrap


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
            lines += _entry(f"   {keys:<11}", f"{action.help}{asks}", width)
            if why:
                lines += _entry(" " * 14, f"not now: {why}", width, "dim")
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
        line for keys, words in (*rows, *more) for line in _entry(f" {_named(keys):<13}", words, width)
    )


def _entry(keys: str, words: str, width: int, style: str = "text") -> list[Line]:
    """Keys, and beside them their words in as many lines as they need."""
    first, *rest = wrap(words, max(10, width - len(keys)))
    lines: list[Line] = [(Bit(keys, "key"), Bit(first, style))]
    lines += [(Bit(" " * len(keys)), Bit(part, style)) for part in rest]
    return [clip(line, width) for line in lines]


def _named(keys: str) -> str:
    return " ".join(KEY_NAMES.get(key, key) for key in keys.replace(",", " ").split())
