"""Who is at the keys: their name, and the role that they have chosen for themselves (M150)."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path

from engine import UsageError, clean

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def settings_folder() -> Path:
    """Where a person's own themes, keys and role are."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "wavetree"


def name() -> str:
    """The name that decisions are signed with: WAVETREE_USER, else that of the login."""
    return clean(os.environ.get("WAVETREE_USER", "") or _login(), 60)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "person"


def role_file() -> Path:
    """`role` in the person's settings folder: one line with its name."""
    return settings_folder() / "role"


def role() -> str:
    """The role in WAVETREE_ROLE, else the one that was chosen; empty when there is none. Raises UsageError
    for what is no role's name."""
    said = os.environ.get("WAVETREE_ROLE", "").strip()
    source = "WAVETREE_ROLE"
    if not said:
        source = str(role_file())
        try:
            said = role_file().read_text("utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{source} cannot be read: {error}", "wavetree config role none") from error
    if said and not _NAME.fullmatch(said):
        raise UsageError(f"{source}: found {said[:40]!r}; accepted: a name", "wavetree config role ROLE")
    return said


def choose(name: str) -> None:
    """Keep that role for this person; an empty name takes it back. Raises UsageError for what is no name."""
    if not name:
        role_file().unlink(missing_ok=True)
        return
    if not _NAME.fullmatch(name):
        words = f"found {name[:40]!r}; accepted: the name of a role"
        raise UsageError(words, "wavetree config role architect")
    role_file().parent.mkdir(parents=True, exist_ok=True)
    role_file().write_text(f"{name}\n", "utf-8")
