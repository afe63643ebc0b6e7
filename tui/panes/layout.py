"""How a screen is divided, its tabs, and the line that says what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from tui.frame import Frame
from tui.lines import Bit, Line, fit

WIDE = 100
"""Columns from which on the panes stand side by side; below, they are tabs."""
LEAST_TOP, LEAST_ROWS, LEAST_BOTTOM = 9, 4, 8
LINES_OUTSIDE = 3
ROOMY = 34


def heights(frame: Frame, height: int) -> tuple[int, int]:
    """Lines for graph and machine, and for the sessions, of a screen of `height` lines: what they need, as
    long as a quarter is left for alerts and log."""
    room = height - LINES_OUTSIDE
    tallest = max((len(column) for column in frame.columns), default=1)
    rows = len(frame.rows) + 3
    bottom = max(LEAST_BOTTOM, room // 4)
    airy = tallest * 3 + 3 + rows + bottom + 4 <= room
    least = LEAST_TOP + (room >= ROOMY)  # a line more, and the machine's last minutes have three
    top = max(least, tallest * (3 if airy else 2) + 3)
    top = min(top, max(least, (room - bottom) // 2, room - bottom - rows))
    return top, max(LEAST_ROWS, min(rows, room - bottom - top))


def tab_line(titles: Sequence[str], panes: Sequence[str], active: str) -> Line:
    """The tabs with the digits that open them; a click opens one too."""
    bits: list[Bit] = [Bit(" ")]
    for number, (title, pane) in enumerate(zip(titles, panes, strict=True), start=1):
        bits += [Bit(f" {number} {title} ", "brand" if pane == active else "dim", f"pane:{pane}"), Bit(" ")]
    return tuple(bits)


def next_bits(frame: Frame, width: int) -> Line:
    """What happens next, the merge queue, and how many tasks are merged."""
    queue = f"queue {len(frame.queue)} · " if frame.queue else ""
    tail = f"{queue}merged {frame.merged} of {len(frame.rows)} "
    room = max(10, width - len(tail) - 9)
    lead = Bit(" next  " if not frame.ended else " end   ", "dim")
    return (
        lead,
        Bit(fit(frame.next_line, room), "strong" if frame.offered else "text"),
        Bit(f" {tail}", "dim"),
    )
