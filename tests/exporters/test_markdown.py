"""Text from outside is shown by a Markdown reader as it was typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exporters.markdown import bullets, code, inline, paragraphs, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Create DocType schemas", "Create DocType schemas"),
        ("api_developer makes user_id", "api_developer makes user_id"),
        ("_so_ *so* `so`", "\\_so\\_ \\*so\\* \\`so\\`"),
        ("# Heading\n## Another", "\\# Heading ## Another"),
        ("- item", "\\- item"),
        ("> quote", "\\> quote"),
        ("< 5% and > 30%", "< 5% and > 30%"),
        ("44.8% of it", "44.8% of it"),
        ("1. item", "1\\. item"),
        ("[text](http://evil)", "\\[text\\](http\\://evil)"),
        ("see www.evil.example", "see www\\.evil.example"),
        ("mail me@evil.example", "mail me\\@evil.example"),
        ("<script>x</script>", "\\<script>x\\</script>"),
        ("&lt; A & B", "\\&lt; A & B"),
        ("a | b ~~c~~", "a \\| b \\~\\~c\\~\\~"),
        ("title #", "title \\#"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_what_means_something_in_markdown_is_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["- item", "> 30%", "# x", "1. item"])
def test_in_the_middle_of_a_line_no_block_can_start(text: str) -> None:
    assert inline(text) == text
    assert plain(text) != text


@given(st.text())
@settings(max_examples=25)
def test_any_text_stays_one_line_without_open_marks(text: str) -> None:
    line = plain(text)
    assert "\n" not in line
    assert not re.search(r"[\[\]`*|]|<[A-Za-z/!?]|^[#>]", re.sub(r"\\[\\\[\]`*|<#>]", "x", line))


@pytest.mark.parametrize(
    ("text", "shown"), [("api/*.py", "`api/*.py`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("", "")]
)
def test_a_code_span_holds_any_text(text: str, shown: str) -> None:
    assert code(text) == shown


def test_an_empty_list_says_so_and_blocks_have_an_empty_line_between_them() -> None:
    assert bullets([], "none") == ["- none"]
    assert paragraphs(["# A"], [], ["b", "c"]) == "# A\n\nb\nc\n"
