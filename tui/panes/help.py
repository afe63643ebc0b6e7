"""The help: every key with its sentence, and what the marks mean."""

from __future__ import annotations

from tui.glyphs import MARKS
from tui.keys import ACTIONS, GROUPS, KEY_NAMES, Context
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
