"""`parallel_execution` alone: a settings file, which may also be given beside a plan (M198)."""

from __future__ import annotations

from engine.importers.making import Maker
from engine.importers.nodes import Node

KIND = "settings"
KEYS: tuple[str, ...] = ("parallel_execution",)


def translate(root: Node, make: Maker) -> Node:
    """The same: a plan has that key too."""
    return root
