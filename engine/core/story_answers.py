"""What a person's free words say: yes or no, how many, and which things by name."""

from __future__ import annotations

import re

_NO = re.compile(
    r"(?:no(?:ne|t|pe|thing)?|n|false|zero|0|n/a|-|without)\b|-$|(?:there (?:is|are) )no(?:ne)?\b",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:y|yes|yeah|yep|sure|true|of course|can|it can|they can)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:only|just|except|but)\b[: ]*(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_COUNT = re.compile(r"(?<![\w./{-])(?P<count>[0-9]{1,4})(?![\w./}-])")
_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_WORD = re.compile(rf"\b(?P<word>{'|'.join(_WORDS)})\b", re.IGNORECASE)
_AMOUNT = re.compile(rf"(?:[0-9]{{1,4}}|{'|'.join(_WORDS)})(?: \w+)?", re.IGNORECASE)
_LIST = re.compile(r"[,;\n]+|\band\b", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•]|[0-9]{1,3}[.)])\s+")
_AROUND = " \t.`'\"()"


def says_no(text: str) -> bool:
    """Whether an answer begins with a no: `no`, `none`, `0`, `not needed`."""
    return bool(_NO.match(text.strip()))


def says_yes(text: str) -> bool:
    """Whether an answer begins with a yes."""
    return bool(_YES.match(text.strip()))


def things(text: str) -> tuple[str, ...]:
    """What an answer lists: after a yes, a number or a colon, split at commas, semicolons, lines and `and`.

    A no lists nothing, except for what follows `only` or `just` in it. `yes` alone lists nothing either."""
    text = text.strip()
    if says_no(text):
        exception = _ONLY.search(text)
        text = exception["rest"] if exception else ""
    elif found := _YES.match(text):
        text = text[found.end() :].lstrip(" ,.:;-–—")
    if (opening := _opening(text)) is not None:
        text = text[opening:]
    items = (_BULLET.sub("", part.strip()).strip(_AROUND) for part in _LIST.split(text))
    listed = tuple(dict.fromkeys(item for item in items if item))
    return () if len(listed) == 1 and _AMOUNT.fullmatch(listed[0]) else listed


def count(text: str) -> int | None:
    """How many an answer says: its first number in digits or words, else how many things it lists; 0 after
    a no, None when it says neither."""
    if says_no(text) and not things(text):
        return 0
    if found := _COUNT.search(text):
        return int(found["count"])
    if word := _WORD.search(text):
        return _WORDS.index(word["word"].lower())
    return len(things(text)) or None


def lines(text: str) -> tuple[str, ...]:
    """Paths, tables and other names that hold no blanks: split at commas, semicolons, blanks and lines."""
    if says_no(text) and not _ONLY.search(text):
        return ()
    parts = re.split(r"[,;\s]+", text.strip())
    items = (part.strip(_AROUND.replace(".", "")).removeprefix("./") for part in parts)
    return tuple(dict.fromkeys(item for item in items if item and item.lower() not in ("and", "-", "*")))


def _opening(text: str) -> int | None:
    """Where the list starts in `3 endpoints: list, create`; None when there is no such opening."""
    head, colon, _ = text.partition(":")
    is_opening = (
        colon
        and len(head) <= 60
        and not re.search(r"[,;\n/]", head)
        and not text[len(head) :].startswith("://")
    )
    return len(head) + 1 if is_opening else None
