"""Themes are files; a bad one is left out with all its faults, and colours stay readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from engine import UsageError
from tui.glyphs import MARKS, mark, to_ascii
from tui.theme import KEYS, Palette, folders, load_themes

SHIPPED = load_themes(folders()[:1])


def test_five_themes_are_shipped_dark_first() -> None:
    """M222"""
    assert list(SHIPPED.themes) == ["dark", "colour-blind", "high-contrast", "light", "terminal"]
    assert SHIPPED.faults == ()
    assert SHIPPED.after("dark") == "colour-blind"
    assert SHIPPED.after("terminal") == "dark"


def test_the_states_of_the_colour_blind_theme_differ_for_every_kind_of_colour_vision() -> None:
    """Seen without red or without green cones (after Viénot, Brettel and Mollon), good and bad stay apart."""
    colours = SHIPPED.themes["colour-blind"].colours
    good, bad, warn = (Color.parse(colours[key]) for key in ("ok", "bad", "warn"))
    for blind in (protan, deutan):
        for one, other in ((good, bad), (good, warn)):
            distance = max(abs(a - b) for a, b in zip(blind(one), blind(other), strict=True))
            assert distance > 0.3


def _mix(colour: Color, rows: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    linear = [part**2.2 for part in colour.normalized]
    mixed = (sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in rows)
    return tuple(max(0.0, value) ** (1 / 2.2) for value in mixed)


def protan(colour: Color) -> tuple[float, ...]:
    return _mix(colour, ((0.1124, 0.8876, 0.0), (0.1124, 0.8876, 0.0), (0.004, -0.004, 1.0)))


def deutan(colour: Color) -> tuple[float, ...]:
    return _mix(colour, ((0.2927, 0.7073, 0.0), (0.2927, 0.7073, 0.0), (-0.0223, 0.0223, 1.0)))


@pytest.mark.parametrize("name", [name for name, theme in SHIPPED.themes.items() if not theme.ansi])
def test_what_must_be_read_stands_out_from_its_background(name: str) -> None:
    colours = {key: Color.parse(value) for key, value in SHIPPED.themes[name].colours.items()}
    least = 7.0 if name == "high-contrast" else 4.5
    for key in ("text", "strong", "accent", "ok", "warn", "bad"):
        assert contrast(colours[key], colours["background"]) >= least, key
    assert contrast(colours["dim"], colours["background"]) >= 4.0


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of the accessibility guidelines, 1 to 21."""

    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_fault_of_every_file_is_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\ndark: true\ncolours: {text: nocolour, glow: red}\n")
    (tmp_path / "b.yaml").write_text("name: [\n")
    (tmp_path / "c.yaml").write_text("name: c\ndark: maybe\ncolours: {}\n")
    with pytest.raises(UsageError) as caught:
        load_themes([tmp_path])
    text = str(caught.value)
    assert "a.yaml: colours.text: 'nocolour' is no colour" in text
    assert "a.yaml: colours.glow: unknown" in text
    assert "a.yaml: colours.background: missing" in text
    assert "b.yaml" in text
    assert "c.yaml" in text


def test_a_good_theme_survives_beside_a_bad_one(tmp_path: Path) -> None:
    good = "name: mine\ndark: true\ncolours: {{{}}}\n".format(", ".join(f"{key}: '#123456'" for key in KEYS))
    (tmp_path / "good.yaml").write_text(good)
    (tmp_path / "bad.yaml").write_text("42\n")
    themes = load_themes([tmp_path])
    assert list(themes.themes) == ["mine"]
    assert len(themes.faults) == 1


def test_a_chosen_row_keeps_its_colours_on_another_background() -> None:
    palette = Palette(SHIPPED.themes["dark"])
    plain, chosen = palette.style("ok"), palette.style("ok+chosen")
    assert chosen.color == plain.color
    assert chosen.bgcolor is not None
    assert palette.style("no such style") == palette.style("")


def test_states_differ_by_glyph_and_word_also_in_ascii() -> None:
    for translate in (str, to_ascii):
        assert len({translate(one.glyph) for one in MARKS.values()}) == len(MARKS)
    assert all(len(to_ascii(one.glyph)) == 1 and to_ascii(one.glyph).isascii() for one in MARKS.values())
    assert mark("never heard").word == "never heard"
