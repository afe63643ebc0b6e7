"""Themes: YAML files become colours for Textual and styles for our own lines; all faults at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import yaml
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES
from textual.theme import Theme as TextualTheme

from engine import Fault, UsageError
from tui.person import settings_folder

KEYS = ("background", "surface", "chosen", "text", "strong", "dim", "line", "accent", "ok", "warn", "bad")
FIRST = "dark"


class Theme(msgspec.Struct, frozen=True):
    """A named set of colours; `colours` has exactly the names in KEYS: `#rrggbb`, a CSS name, or one of the
    terminal's own such as `ansi_red`, then all of them."""

    name: str
    dark: bool
    colours: dict[str, str]

    @property
    def ansi(self) -> bool:
        """Whether the colours are the terminal's own."""
        return any(value.startswith("ansi_") for value in self.colours.values())


class Themes(msgspec.Struct, frozen=True):
    """The themes that could be read, by name in their order, and what was wrong with the others."""

    themes: dict[str, Theme]
    faults: tuple[Fault, ...] = ()

    def after(self, name: str) -> str:
        """The name of the theme after `name`, round and round."""
        names = list(self.themes)
        return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def folders() -> tuple[Path, ...]:
    """Where themes are looked for: those that come with the program, then the person's own."""
    here = Path(__file__).parent
    shipped = here / "themes" if (here / "themes").is_dir() else here.parent / "themes"
    return shipped, settings_folder() / "themes"


def _files(places: Sequence[Path]) -> list[Path]:
    return [file for place in places for file in sorted(place.glob("*.yaml"))]


def load_themes(places: Sequence[Path]) -> Themes:
    """Every `*.yaml` of the folders; a later one of the same name wins. Raises UsageError, naming every
    fault of every file, when not one theme is left."""
    themes: dict[str, Theme] = {}
    faults: list[Fault] = []
    for file in _files(places):
        theme, wrong = _read(file)
        faults += wrong
        if theme is not None:
            themes[theme.name] = theme
    if not themes:
        listed = "\n".join(str(fault) for fault in faults) or f"no theme in {', '.join(map(str, places))}"
        raise UsageError(f"no theme can be used:\n{listed}", "install wavetree again, or mend the files")
    ordered = sorted(themes, key=lambda name: (name != FIRST, name))
    return Themes({name: themes[name] for name in ordered}, tuple(faults))


def _read(file: Path) -> tuple[Theme | None, list[Fault]]:
    try:
        theme = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Theme)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        return None, [Fault(" ".join(str(error).split()), file=str(file))]
    faults = [
        Fault(f"missing; a theme names {', '.join(KEYS)}", file=str(file), path=f"colours.{key}")
        for key in KEYS
        if key not in theme.colours
    ]
    for key, value in theme.colours.items():
        if key not in KEYS:
            faults.append(
                Fault(f"unknown; accepted: {', '.join(KEYS)}", file=str(file), path=f"colours.{key}")
            )
            continue
        try:
            Color.parse(value)
        except ColorParseError:
            faults.append(
                Fault(f"{value!r} is no colour; write #rrggbb", file=str(file), path=f"colours.{key}")
            )
    if theme.ansi and not all(value.startswith("ansi_") for value in theme.colours.values()):
        words = "either all of them or none are the terminal's own"
        faults.append(Fault(words, file=str(file), path="colours"))
    return (None if faults else theme), faults


def stamp(places: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    """What tells whether a theme file has changed since: the name, time and size of each."""
    found = []
    for file in _files(places):
        with suppress(OSError):
            seen = file.stat()
            found.append((str(file), seen.st_mtime_ns, seen.st_size))
    return tuple(found)


def textual_theme(theme: Theme) -> TextualTheme:
    """The theme for Textual's own widgets: borders, inputs, toasts, palette."""
    c = theme.colours
    return TextualTheme(
        name=theme.name,
        primary=c["accent"],
        secondary=c["dim"],
        accent=c["accent"],
        warning=c["warn"],
        error=c["bad"],
        success=c["ok"],
        foreground=c["text"],
        background=c["background"],
        surface=c["surface"],
        panel=c["surface"],
        dark=theme.dark,
        ansi=theme.ansi,
        variables={
            **(BUILTIN_THEMES["ansi-dark" if theme.dark else "ansi-light"].variables if theme.ansi else {}),
            "wt-line": c["line"],
            "wt-dim": c["dim"],
            "wt-chosen": c["chosen"],
            "wt-strong": c["strong"],
        },
    )


class Palette:
    """Styles by the names that lines use; `NAME+chosen` is NAME on the selected row."""

    def __init__(self, theme: Theme) -> None:
        c = {key: Color.parse(value).rich_color for key, value in theme.colours.items()}
        self._chosen = Style(bgcolor=c["chosen"], bold=True)
        self._styles = {key: Style(color=c[key]) for key in KEYS}
        self._styles |= {
            "": Style(color=c["text"]),
            "strong": Style(color=c["strong"], bold=True),
            "key": Style(color=c["accent"], bold=True),
            "brand": Style(color=c["accent"], bgcolor=c["background"], bold=True, reverse=True),
            "alarm": Style(color=c["warn"], bgcolor=c["background"], bold=True, reverse=True),
        }

    def style(self, name: str) -> Style:
        """The style of that name; an unknown name is plain text."""
        found = self._styles.get(name)
        if found is None:
            base, _, extra = name.partition("+")
            found = self._styles.get(base, self._styles[""])
            if extra == "chosen":
                found = found + self._chosen
            self._styles[name] = found
        return found
