"""One Line-API widget for everything we draw: it paints lines of bits and says what was clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.glyphs import to_ascii
from tui.lines import Bit, LazyLines, Line, width_of

if TYPE_CHECKING:
    from tui.theme import Palette


class Clicked(Message):
    """A bit with an action was clicked; `action` is the bit's `click`, `twice` a double click."""

    def __init__(self, action: str, twice: bool) -> None:
        super().__init__()
        self.action = action
        self.twice = twice


class Painted(ScrollView):
    """Lines given by `paint`; only lines that changed are drawn again. Foreign text is data here: bits
    become segments, never markup."""

    can_focus = False
    DEFAULT_CSS = "Painted { scrollbar-size: 1 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._looks: dict[str, Style] = {}
        self.lines: Sequence[Line] = ()
        self.palette: Palette | None = None
        self.ascii = False
        self._named = ("", "", False)

    def paint(self, lines: Sequence[Line], width: int = 0) -> None:
        """Show `lines`; `width` is their width in cells when they may be wider than the widget."""
        new = lines if isinstance(lines, LazyLines) else tuple(lines)
        old, self.lines = self.lines, new
        size = Size(width if width > self.size.width else 0, len(new))
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh()
            return
        offset = round(self.scroll_offset.y)
        changed = [
            Region(0, y - offset, self.size.width, 1)
            for y in range(offset, min(len(new), offset + self.size.height))
            if old[y] != new[y]
        ]
        if changed:
            self.refresh(*changed)

    def paint_long(self, lines: Sequence[Line], width: int) -> None:
        """Show lines that are made when they are looked at; `width` as in `paint`."""
        self.lines = lines
        self.virtual_size = Size(width if width > self.size.width else 0, len(lines))
        self.refresh()

    def wear(self, palette: Palette, *, ascii_only: bool) -> None:
        """Take the colours of a theme, and whether only ASCII may be shown."""
        if palette is not self.palette or ascii_only is not self.ascii:
            self.palette, self.ascii = palette, ascii_only
            self._looks.clear()
            self.refresh()

    def entitle(self, title: str, caption: str = "") -> None:
        """Write the title into the upper border and the caption into the lower one, as plain text."""
        if self._named != (title, caption, self.ascii):
            self._named = (title, caption, self.ascii)
            self.border_title = Content(to_ascii(title) if self.ascii else title)
            self.border_subtitle = Content(to_ascii(caption) if self.ascii else caption)

    def render_line(self, y: int) -> Strip:
        """The strip of the visible line `y`."""
        scroll_x, scroll_y = (round(value) for value in self.scroll_offset)
        width = self.size.width
        index = y + scroll_y
        line = self.lines[index] if index < len(self.lines) else ()
        strip = Strip(self._segments(line), width_of(line)).crop(scroll_x, scroll_x + width)
        chosen = bool(line) and line[0].style.endswith("+chosen")
        strip = strip.extend_cell_length(width, self._look("text+chosen" if chosen else ""))
        return self._marked(strip, index, scroll_x).apply_offsets(scroll_x, index)

    def _segments(self, line: Line) -> list[Segment]:
        """The bits as segments; neighbours of one style become one."""
        found: list[Segment] = []
        style, text = "", ""
        for bit in line:
            if bit.style != style and text:
                found.append(Segment(text, self._look(style)))
                text = ""
            style = bit.style
            text += to_ascii(bit.text) if self.ascii else bit.text
        return [*found, Segment(text, self._look(style))] if text else found

    def _look(self, name: str) -> Style:
        """The style of that name on the widget's own background."""
        look = self._looks.get(name)
        if look is None:
            own = self.palette.style(name) if self.palette else Style.null()
            look = self._looks[name] = self.rich_style + own
        return look

    def notify_style_update(self) -> None:
        """Colours changed: forget what was worked out from them."""
        self._looks.clear()
        super().notify_style_update()

    def _marked(self, strip: Strip, index: int, scroll_x: int) -> Strip:
        """The strip with what the person selected by mouse made visible."""
        span = self.text_selection.get_span(index) if self.text_selection else None
        if span is None:
            return strip
        end = strip.cell_length if span[1] == -1 else max(0, span[1] - scroll_x)
        begin = min(max(0, span[0] - scroll_x), end)
        marked = self.screen.get_component_rich_style("screen--selection")
        return Strip.join(
            [
                strip.crop(0, begin),
                strip.crop(begin, end).apply_style(marked),
                strip.crop(end, strip.cell_length),
            ]
        )

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, for copying."""
        text = "\n".join("".join(bit.text for bit in line).rstrip() for line in self.lines)
        return selection.extract(text), "\n"

    def bit_at(self, x: int, y: int) -> Bit | None:
        """The bit under a cell of the widget."""
        index = y + round(self.scroll_offset.y)
        if not 0 <= index < len(self.lines):
            return None
        at = -round(self.scroll_offset.x)
        for bit in self.lines[index]:
            at += width_of((bit,))
            if x < at:
                return bit
        return None

    def on_click(self, event: events.Click) -> None:
        """Tell the screen what was clicked."""
        offset = event.get_content_offset(self)
        bit = self.bit_at(offset.x, offset.y) if offset else None
        if bit is not None and bit.click:
            self.post_message(Clicked(bit.click, event.chain > 1))
