"""Nothing that could steer a terminal or mislead a reader leaves `clean`."""

from __future__ import annotations

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.clean import clean

PIECES = st.sampled_from(
    [
        "\x1b]52;c;cGFzdGU=\x07",
        "\x1b]8;;http://evil\x1b\\",
        "\x1b]0;title",
        "\x1bP1$r\x1b\\",
        "\x1b_apc\x9c",
        "\x9d0;t\x9c",
        "\x9b2J",
        "\x1b[31m",
        "\x1b[6n",
        "\x1b[?1049",
        "\x1bc",
        "\x1b(B",
        "\x1b",
        "\u202eabc\u2066",
        "\u200b\u2060\ufeff",
        "\U000e0041",
        "\ud800",
        "\r\n",
        "\r",
        "\t",
        "\x00",
        "\x85",
        "[@click=app.quit]x[/]",
        "plain",
        "日本",
    ]
)
HOSTILE = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join)


@given(HOSTILE)
def test_no_control_or_invisible_character_ever_gets_through(text: str) -> None:
    assert not {c for c in clean(text) if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


def test_every_single_character_of_unicode_leaves_as_something_visible() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = clean(everything, len(everything))
    assert not {c for c in left if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert "ሴ" in left


@given(HOSTILE)
def test_with_lines_the_only_control_left_is_the_line_end(text: str) -> None:
    assert {c for c in clean(text, lines=True) if unicodedata.category(c) == "Cc"} <= {"\n"}


@given(HOSTILE, st.integers(0, 40))
def test_the_result_is_never_longer_than_the_limit_and_cleaning_twice_changes_nothing(
    text: str, limit: int
) -> None:
    once = clean(text, limit)
    assert len(once) <= limit
    assert clean(once, limit) == once


@given(st.text(alphabet=st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Po", "Sm")), max_size=60))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("a\x1b]52;c;cGFzdGU=\x07b", "ab"),
        ("a\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\x1b]0;never ended", "a0;never ended"),
        ("\x1b\x1b[31m[31mx", "[31mx"),
        ("a\u202eb", "a\ufffdb"),
        ("a\r\nb\tc\nd", "a b c d"),
        ("✔\ufe0f done", "✔ done"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ],
)
def test_what_becomes_of_a_known_payload(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


def test_lines_are_kept_on_request_and_a_long_text_ends_with_an_ellipsis() -> None:
    assert clean("a\r\nb\tc", lines=True) == "a\nb    c"
    assert clean("abcdef", 4) == "abc…"


def test_a_hostile_text_of_a_megabyte_takes_about_as_long_as_a_harmless_one() -> None:
    def seconds(piece: str) -> float:
        text = piece * (1_000_000 // len(piece))
        begin = time.perf_counter()
        clean(text, 2_000_000)
        return time.perf_counter() - begin

    harmless = seconds("é plain ")
    for piece in ("\x1b]", "\x1b[", "\x1b[1;", "\x1bP", "\x9d\x1b", "\x1b ", "\x1b]x\x1b"):
        assert seconds(piece) < 50 * harmless + 1.0, repr(piece)
