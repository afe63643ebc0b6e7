"""Box-drawing characters by the weight of their four arms, read from Unicode's own names."""

from __future__ import annotations

import unicodedata

Arms = tuple[int, int, int, int]
"""Weights of the arms up, down, left, right: 0 none, 1 light, 2 heavy."""

_SIDES = {"UP": (0,), "DOWN": (1,), "LEFT": (2,), "RIGHT": (3,), "VERTICAL": (0, 1), "HORIZONTAL": (2, 3)}
_WEIGHTS = {"LIGHT": 1, "HEAVY": 2}


def _arms(name: str) -> Arms | None:
    """The arms that a name such as `DOWN LIGHT AND RIGHT HEAVY` speaks of; None for dashes and doubles."""
    arms = [0, 0, 0, 0]
    weight = 0
    for part in name.removeprefix("BOX DRAWINGS ").split(" AND "):
        words = part.split()
        weight = next((_WEIGHTS[word] for word in words if word in _WEIGHTS), weight)
        for word in words:
            if word not in _SIDES and word not in _WEIGHTS:
                return None
            for side in _SIDES.get(word, ()):
                arms[side] = weight
    return arms[0], arms[1], arms[2], arms[3]


def _table() -> dict[Arms, str]:
    table: dict[Arms, str] = {(0, 0, 0, 0): " "}
    for code in range(0x2500, 0x2580):
        arms = _arms(unicodedata.name(chr(code)))
        if arms is not None:
            table.setdefault(arms, chr(code))
    return table


BOX = _table()
