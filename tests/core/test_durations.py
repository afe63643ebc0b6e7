"""Every duration text of the documents, what is refused, and what the screen shows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.durations import DAY, HOUR, MINUTE, PATTERN, WEEK, parse, show, show_span, text, ticks
from engine.core.errors import PlanError
from engine.core.plan import Span

TEXTS = [
    ("10-15 minutes", 600, 900),
    ("10 - 15 minutes", 600, 900),
    ("10–15 minutes", 600, 900),
    ("10 to 15 minutes", 600, 900),
    ("18 minutes", 1080, 1080),
    ("3 weeks", 3 * WEEK, 3 * WEEK),
    ("1 day", DAY, DAY),
    ("1.5 days", 1.5 * DAY, 1.5 * DAY),
    ("1.5 hours", 5400, 5400),
    ("30m", 1800, 1800),
    ("10m", 600, 600),
    ("30 seconds", 30, 30),
    ("24-hour", DAY, DAY),
    ("2 hours", 7200, 7200),
    ("immediate", 0, 0),
    ("Immediate", 0, 0),
    ("3s", 3, 3),
    ("0.5s", 0.5, 0.5),
    ("250ms", 0.25, 0.25),
    ("1h30m", 5400, 5400),
    ("1 h 20 min", 4800, 4800),
    ("1h-2h", HOUR, 2 * HOUR),
    ("45 minutes - 1 hour 30 minutes", 2700, 5400),
    (" 12 MINUTES ", 720, 720),
]


@pytest.mark.parametrize(("text", "least", "most"), TEXTS)
def test_every_text_of_the_documents_becomes_seconds(text: str, least: float, most: float) -> None:
    assert parse(text) == Span(least, most)


@pytest.mark.parametrize(
    "text",
    ["soon", "", "15", "-5 minutes", "5 parsecs", "10-15", "1e3 s", "5 m\n1", "9" * 400 + " s", "١٠ minutes"],
)
def test_any_other_text_is_an_error_that_names_its_key(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse(text, "tasks[2].estimate")
    fault = caught.value.faults[0]
    assert fault.path == "tasks[2].estimate"
    assert "accepted: a duration such as" in fault.message


def test_a_plain_number_is_seconds_only_where_the_key_says_so() -> None:
    assert parse("90", bare=True) == Span(90, 90)
    with pytest.raises(PlanError):
        parse("90")


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(PlanError, match="smaller number first"):
        parse("15-10 minutes")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.4, "0.4 s"),
        (4.0, "4 s"),
        (9.96, "10 s"),
        (45, "45 s"),
        (59.7, "1 min"),
        (90, "1 min 30 s"),
        (599.6, "10 min"),
        (719.9, "12 min"),
        (4800, "1 h 20 min"),
        (3600, "1 h"),
        (86399, "1 d"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (-5, "0 s"),
        (float("inf"), "?"),
        (float("nan"), "?"),
    ],
)
def test_seconds_fit_a_narrow_column(seconds: float, shown: str) -> None:
    assert show(seconds) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span(600, 900), "10-15 min"),
        (Span(60, 60), "1 min"),
        (Span(90, 120), "1 min 30 s-2 min"),
        (Span(60, 7200), "1 min-2 h"),
    ],
)
def test_a_span_names_its_unit_once_when_it_can(span: Span, shown: str) -> None:
    assert show_span(span) == shown


@given(st.floats(min_value=0, max_value=100 * DAY))
def test_what_is_shown_reads_back_as_nearly_the_same(seconds: float) -> None:
    back = parse(show(seconds)).most
    off = 0.06 if seconds < 10 else 0.51 if seconds < 10 * MINUTE else 31 if seconds < DAY else HOUR / 2 + 31
    assert abs(back - seconds) <= off


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(["s", "min", " hours", "d"]))
def test_a_range_keeps_its_ends_in_order(one: float, two: float, unit: str) -> None:
    least, most = sorted((round(one, 3), round(two, 3)))
    span = parse(f"{least:.3f}-{most:.3f}{unit}")
    assert 0 <= span.least <= span.most
    assert span.most == pytest.approx(most * parse(f"1{unit}").most)


@given(st.text(alphabet="0123456789.-– smhdinutes\n,toimedia", max_size=30))
def test_the_pattern_and_the_parser_agree_on_any_text(text: str) -> None:
    try:
        parse(text)
        accepted = True
    except PlanError as error:
        accepted = "smaller number first" in error.message
    assert accepted == bool(re.search(PATTERN, text.strip()))


@pytest.mark.parametrize(
    "said",
    [
        *("10-15 minutes", "18 minutes", "3 weeks", "1 day", "1.5 days", "1.5 hours", "30 minutes"),
        *("30 seconds", "24 hours", "2 hours", "1 week", "90 minutes", "0.5 hours", "250 milliseconds"),
    ],
)
def test_a_duration_is_written_back_in_its_own_unit(said: str) -> None:
    """M004"""
    assert text(parse(said)) == said


def test_a_duration_without_a_unit_is_written_in_the_largest_that_is_tidy() -> None:
    assert [text(Span(seconds, seconds)) for seconds in (0, 45, 5400, 1080, 129600, 86400, 61.25)] == [
        "0 seconds",
        "45 seconds",
        "1.5 hours",
        "18 minutes",
        "1.5 days",
        "1 day",
        "61.25 seconds",
    ]
    assert parse(text(Span(0.1, 7200))) == Span(0.1, 7200)


@pytest.mark.parametrize(
    ("seconds", "most", "marks"),
    [(20.4, 8, [0, 5, 10, 15, 20]), (0.4, 8, [0]), (80, 3, [0, 30, 60]), (40 * 86_400, 5, [0, 8 * 86_400])],
)
def test_the_marks_of_an_axis_are_round_and_few(seconds: float, most: int, marks: list[float]) -> None:
    found = ticks(seconds, most)
    assert found[: len(marks)] == marks
    assert len(found) <= most + 1
