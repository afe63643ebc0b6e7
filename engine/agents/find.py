"""Finds a kind of agent by its file in this folder: adding one edits no list."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any, cast

from engine.agents.contract import Kind
from engine.core.errors import UsageError

_VERBS = ("launch", "report", "failure")


def find(kind: str) -> Kind:
    """The kind of that name. Raises UsageError naming those there are, nearest first."""
    known = _kinds()
    if kind in known:
        return cast(Kind, known[kind])
    near = difflib.get_close_matches(kind, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
    raise UsageError(f"no kind of agent is called {kind!r}", hint)


def names() -> tuple[str, ...]:
    """The names of all kinds, sorted."""
    return tuple(sorted(_kinds()))


@cache
def _kinds() -> dict[str, ModuleType]:
    folder = importlib.import_module("engine.agents").__path__
    modules = (
        importlib.import_module(f"engine.agents.{found.name}") for found in pkgutil.iter_modules(folder)
    )
    return {module.__name__.rpartition(".")[2]: module for module in modules if _is_kind(module)}


def _is_kind(module: Any) -> bool:
    return all(callable(getattr(module, verb, None)) for verb in _VERBS)
