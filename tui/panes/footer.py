"""The footer: as many keys as fit whole, leaving at the right."""

from __future__ import annotations

from tui.keys import ACTIONS, BY_ID, Action, Context, key_of
from tui.lines import Bit, Line, spread, width_of


def footer_line(context: Context, width: int, only: tuple[str, ...] = ()) -> Line:
    """Keys by importance, of all actions or of those named (then without leaving); one that cannot be used
    now is dim; none is ever cut off."""
    wanted = [action for action in ACTIONS if action.footer and action.id != "leave"]
    ranked = sorted((a for a in wanted if not only or a.id in only), key=lambda action: action.footer)
    leave = () if only else (*_bits(BY_ID["leave"], context), Bit(" "))
    room = width - width_of(leave) - 1
    chosen: list[Action] = []
    for action in ranked:
        size = width_of(_bits(action, context)) + 2
        if size <= room:
            chosen.append(action)
            room -= size
    left: list[Bit] = [Bit(" ")]
    for action in chosen:
        left += [*_bits(action, context), Bit("  ")]
    return spread(left[:-1], leave, width)


def _bits(action: Action, context: Context) -> tuple[Bit, ...]:
    click = f"do:{action.id}"
    possible = not action.why_not(context)
    return (
        Bit(key_of(context.frame, action.id), "key" if possible else "dim", click),
        Bit(f" {action.label(context)}", "text" if possible else "dim", click),
    )
