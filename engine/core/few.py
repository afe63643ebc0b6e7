"""A list in a sentence: the first few of many."""

from __future__ import annotations

from collections.abc import Iterable


def few(words: Iterable[str], most: int = 3, between: str = ", ") -> str:
    """`a, b, c and 4 more`: the first `most` words, and how many are left out."""
    words = list(words)
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join(words[:most]) + more
