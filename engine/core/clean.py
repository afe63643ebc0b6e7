"""The one boundary between foreign text and the terminal: what leaves here is plain text."""

from __future__ import annotations

import re

ELLIPSIS = "…"
REPLACEMENT = "\ufffd"

_SEQUENCE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*+(?:\x07|\x1b\\|\x9c)"  # OSC DCS SOS PM APC
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # CSI
    r"|\x1b[ -/]*+[0-~]?"  # every other escape, and a string that is never ended: only its opening goes
    r"|[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
    r"|[\ufe00-\ufe0f\U000e0100-\U000e01ef]"  # variation selectors change a glyph's width, not its meaning
)
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)


def clean(text: str, limit: int = 10_000, *, lines: bool = False) -> str:
    """`text` without anything a terminal or a reader could be fooled by, at most `limit` characters long.

    Escape sequences (OSC, DCS, APC, CSI and the rest) and control characters are dropped; what changes the
    reading direction or shows nothing (bidi, zero-width, tag characters, lone surrogates) becomes U+FFFD.
    Line ends and tabs become one space; with `lines` a line end stays "\\n" and a tab becomes four spaces.
    What is cut off is marked by an ellipsis. Takes time linear in the length of `text`.
    """
    if not (text.isascii() and text.isprintable()):
        text = _SEQUENCE.sub("", text)
        text = _LINE_END.sub("\n", text)
        text = _INVISIBLE.sub(REPLACEMENT, text)
        text = text.replace("\t", "    ") if lines else text.replace("\n", " ").replace("\t", " ")
    if len(text) <= limit:
        return text
    return text[: max(0, limit - 1)] + ELLIPSIS if limit > 0 else ""
