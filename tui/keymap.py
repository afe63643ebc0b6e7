"""A person's own keys: `keys.yaml` beside the themes, checked whole before any of it holds."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from pathlib import Path

import msgspec
import yaml
from textual.binding import Binding
from textual.keys import Keys, key_to_character

from engine import Fault
from tui.keys import ACTIONS, BY_ID, KEY_NAMES
from tui.person import settings_folder

NAMED = frozenset(key.value for key in Keys if not key.value.startswith("<"))
"""Keys that have a name of several letters, such as `f2`, `ctrl+x`, `space`."""
TAKEN = frozenset({"ctrl+c", "escape"})
"""Keys that every terminal program needs."""


class Keymap(msgspec.Struct, frozen=True):
    """The keys of the actions that the file names, as Textual calls them; and what was wrong with it, then
    nothing of it holds."""

    keys: dict[str, tuple[str, ...]] = {}
    faults: tuple[Fault, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The first key of each of these actions, as it is written for people."""
        return {action: shown(keys[0]) for action, keys in self.keys.items()}


def keymap_file() -> Path:
    """`keys.yaml` in the person's settings folder."""
    return settings_folder() / "keys.yaml"


def load_keymap(file: Path) -> Keymap:
    """The keys of a file such as `pause: space` or `approve: [A, f2]`; without a file, none."""
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        return Keymap()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return Keymap(faults=(Fault(" ".join(str(error).split()), file=str(file)),))
    if data is None:
        return Keymap()
    if not isinstance(data, dict):
        return Keymap(faults=(Fault("write lines such as `pause: space`", file=str(file)),))
    faults: list[Fault] = []
    keys: dict[str, tuple[str, ...]] = {}
    for action, value in data.items():
        if action not in BY_ID:
            near = get_close_matches(str(action), BY_ID, 1)
            words = f"unknown; did you mean {near[0]}?" if near else f"unknown; accepted: {', '.join(BY_ID)}"
            faults.append(Fault(words, file=str(file), path=str(action)[:60]))
            continue
        listed = value if isinstance(value, list) else [value]
        found = [_key(str(each)) for each in listed]
        for each, key in zip(listed, found, strict=True):
            if key is None:
                faults.append(Fault(f"{str(each)[:60]!r} is no key", file=str(file), path=action))
        keys[action] = tuple(key for key in found if key)
    faults += [Fault(words, file=str(file)) for words in _doubled(keys)]
    return Keymap(faults=tuple(faults)) if faults else Keymap({name: k for name, k in keys.items() if k})


def _key(text: str) -> str | None:
    if len(text) == 1 and text.isprintable() and text != ",":
        return next(iter(Binding.make_bindings([Binding(text, "")]))).key
    return text if text in NAMED and text not in TAKEN else None


def _doubled(keys: dict[str, tuple[str, ...]]) -> list[str]:
    """Keys that would do two things."""
    all_ = {action.id: keys.get(action.id, action.keys) for action in ACTIONS}
    used = Counter(key for each in all_.values() for key in {*each})
    return [
        f"{shown(key)} would do {' and '.join(name for name, each in all_.items() if key in each)}"
        for key, times in used.items()
        if times > 1
    ]


def shown(key: str) -> str:
    """A key as it is written for people."""
    return KEY_NAMES.get(key) or (key_to_character(key) if key not in NAMED else None) or key
