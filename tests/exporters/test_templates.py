"""Templates are filled so that YAML stays YAML and Markdown shows what was put in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import PlanError
from engine.exporters.markdown import Markdown
from engine.exporters.templates import fill, names

TRICKY = 'a: "b" # c'
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029\x85"))


def read(template: str, **values: Any) -> Any:
    return yaml.safe_load(fill(template, values))


def test_a_placeholder_without_a_value_is_named_with_its_line() -> None:
    with pytest.raises(PlanError) as caught:
        fill("a: ${A}\nb: ${B}\nc: ${C} ${B}\n", {"A": 1}, file="story.yaml")
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [
        ("story.yaml", 2),
        ("story.yaml", 3),
        ("story.yaml", 3),
    ]
    assert "${B} has no value; there are A" in caught.value.faults[0].message


@pytest.mark.parametrize("broken", ["a: ${}", "a: ${A", "a: ${1}", "a: ${A B}"])
def test_a_placeholder_that_is_none_is_an_error(broken: str) -> None:
    with pytest.raises(PlanError, match=r"accepted: \$\{NAME\}"):
        fill(broken, {"A": 1})


def test_data_alone_on_a_line_becomes_a_block_at_its_column() -> None:
    value = {"block_1": {"name": "x: y", "tasks": ["a", "b"]}, "block_2": {"name": "z", "tasks": []}}
    assert read("top:\n  blocks:\n    ${B}\n  after: 1\n", B=value) == {"top": {"blocks": value, "after": 1}}


def test_a_text_of_many_lines_keeps_them_indented() -> None:
    assert read("top:\n    ${B}\n", B="a: 1\nb:\n- 2") == {"top": {"a": 1, "b": [2]}}


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("k: ${V}", ["a: b", 1], ["a: b", 1]),
        ("k: ${V} # note", {"a": [1]}, {"a": [1]}),
        ("k: ${V}", 6, 6),
        ("k: ${V}", "6", 6),
        ("k: ${V}", TRICKY, TRICKY),
        ("k: ${V}", "no", "no"),
        ("k: ${V}", "two\nlines", "two\nlines"),
        ("k: ${V}", "", ""),
        ('k: "${V} minutes"', "58", "58 minutes"),
        ('k: "${V} minutes"', TRICKY, f"{TRICKY} minutes"),
        ("k: '${V}'", "it's\n two", "it's\n two"),
        ("k: Story ${V}", TRICKY, f"Story {TRICKY}"),
        ("k: ${V} and more", "[x]", "[x] and more"),
        ("- ${V}", TRICKY, [TRICKY]),
        ("- k: ${V}", TRICKY, [{"k": TRICKY}]),
        ('k: [${V}, "a ${V}"]', TRICKY, [TRICKY, f"a {TRICKY}"]),
        ("k: |\n  say ${V}\n", TRICKY, f"say {TRICKY}\n"),
        ("k: |\n  ${V}\nz: 1\n", "two\n\n  more: 'x'\n# lines", "two\n\n  more: 'x'\n# lines\n"),
        ("k: |\n  say ${V}.\n", "two\nlines", "say two\nlines.\n"),
        ("k: |-\n    ${V}\n    end\n", " first\n\tsecond\x85third", "first\n\tsecond\nthird\nend"),
        ("k: >\n  ${V}\n", "two\nlines", "two lines\n"),
        ("k: |\n  ${V}\n", ["a", "b"], "a, b\n"),
        ("k: 1 # ${V}", "x\ny: 2", 1),
        ("# ${V}\nk: 1", "x\ny: 2", 1),
        ("k: ${V}", "${V}", "${V}"),
    ],
)
def test_a_value_reads_back_as_what_it_was(template: str, value: object, expected: object) -> None:
    found = read(template, V=value)
    assert (found["k"] if isinstance(found, dict) else found) == expected


@given(TEXTS)
@settings(max_examples=25)
def test_any_text_reads_back_from_any_place(text: str) -> None:
    found = read("a: \"x ${V}\"\nb: 'x ${V}'\nc: ['${V}', ${V}]\nd: x${V}\n", V=text)
    assert found["a"] == found["b"] == f"x {text}"
    assert found["c"] == [text, text]
    assert str(found["d"]) == f"x{text}"


def test_a_template_that_is_no_yaml_once_filled_is_an_error() -> None:
    with pytest.raises(PlanError, match=r"t\.yaml:2: is no YAML once it is filled"):
        fill("a: 1\n${B}\n", {"B": "- ]"}, file="t.yaml")


def test_markdown_escapes_text_and_keeps_what_is_markdown() -> None:
    template = "# Plan: ${TITLE}\n\n${BODY}\n\n${LIST}\n- makes ${LIST} of ${N}\n"
    values = {"TITLE": "x\n# y [a](b)", "BODY": Markdown("### Block\n- a"), "LIST": ["a*", "b"], "N": 3}
    assert fill(template, values, markdown=True) == (
        "# Plan: x # y \\[a\\](b)\n\n### Block\n- a\n\n- a\\*\n- b\n- makes a\\*, b of 3\n"
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("aim: ${V}", "aim: > 30%"),
        ("**Aim**: ${V}", "**Aim**: > 30%"),
        ("${V} is the aim", "\\> 30% is the aim"),
        ("- ${V}", "- \\> 30%"),
        ("1. ${V}", "1. \\> 30%"),
    ],
)
def test_a_block_mark_is_escaped_only_where_it_would_open_a_block(line: str, shown: str) -> None:
    assert fill(line, {"V": "> 30%"}, markdown=True) == shown


def test_a_value_that_the_plan_does_not_say_is_told_with_where_it_would_come_from() -> None:
    with pytest.raises(
        PlanError, match=r"\$\{ROLE\} has no value; the plan does not say it; story\.role does"
    ):
        fill("As a ${ROLE}", {}, markdown=True, sources={"ROLE": "story.role"})


def test_the_placeholders_of_a_template_are_listed_once() -> None:
    assert names("${A} ${B}\n${A}") == ("A", "B")
