"""Lines that grow into a page of text: headings, labelled facts, paragraphs."""

from __future__ import annotations

from collections.abc import Iterable

from tui.lines import BLANK, Bit, Line, wrap

LABEL = 12


class Facts:
    """A page of `width` cells; `lines` is what there is of it. Texts have to be clean already."""

    def __init__(self, width: int, label: int = LABEL) -> None:
        self.width = width
        self.lines: list[Line] = []
        self._label = label

    def heading(self, text: str, style: str = "accent") -> None:
        if self.lines:
            self.lines.append(BLANK)
        self.lines.append((Bit(f" {text}", style),))

    def fact(self, label: str, text: str, style: str = "text") -> None:
        """A label and its text, wrapped beside it."""
        for place, part in enumerate(wrap(text, self.width - self._label - 2) or ["–"]):
            self.lines.append((Bit(f" {label if not place else '':<{self._label}}", "dim"), Bit(part, style)))

    def facts(self, label: str, texts: Iterable[str], style: str = "text") -> None:
        """Several texts beneath each other, the label beside the first."""
        for place, text in enumerate(texts):
            self.fact("" if place else label, text, style)

    def text(self, text: str, style: str = "text") -> None:
        self.lines += [(Bit(f" {part}", style),) for part in wrap(text, self.width - 2)]
