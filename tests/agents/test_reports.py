"""What an agent's lines say is read field by field, and no line can do harm."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agents import reports
from engine.core.gauged import ErrorType
from engine.core.outcomes import Report


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            '::wavetree progress=40 says="testing" tests=12/15 milestone="schema done" step=2 cost_usd=0.12',
            Report(
                progress=40.0,
                says="testing",
                tests="12/15",
                milestones=("schema done",),
                step=2,
                cost_usd=0.12,
            ),
        ),
        ('  ::wavetree question="Which port?"\n', Report(question="Which port?")),
        (
            "PROGRESS 80 Implementation done, testing",
            Report(progress=80.0, says="Implementation done, testing"),
        ),
        ("PROGRESS 80%", Report(progress=80.0)),
        ("TESTS 12/15", Report(tests="12/15")),
        ('{"type":"progress","progress":40,"message":"halfway"}', Report(progress=40.0, says="halfway")),
        ('{"type":"status","text":"reading","step":3}', Report(says="reading", step=3)),
        ('{"type":"milestone","name":"API ready"}', Report(milestones=("API ready",))),
        ('{"type":"question","text":"Which port?"}', Report(question="Which port?")),
        ('::wavetree says="a \\"b\\" c"', Report(says='a "b" c')),
        ("::wavetree milestone=one milestone=two milestone=one", Report(milestones=("one", "two"))),
    ],
)
def test_a_line_that_reports_is_understood(line: str, expected: Report) -> None:
    assert reports.parse(line) == expected


SENSELESS = [
    "",
    "plain output",
    "PROGRESSION 80",
    "PROGRESS soon",
    "TESTS all fine",
    "TESTS 16/15",
    "::wavetreeprogress=4",
    "::wavetree",
    "::wavetree progress",
    "::wavetree progress=101",
    "::wavetree progress=-1 cost_usd=nan step=1.5",
    '{"type":"assistant","progress":40}',
    '{"type":"progress","progress":true,"says":7}',
    '{"type":["progress"]}',
    "[" * 5000 + '"type"',
    '{"type":' + "[" * 9000,
    '{"type":"progress","progress":' + "9" * 5000 + "}",
]


@pytest.mark.parametrize("line", SENSELESS, ids=range(len(SENSELESS)))
def test_a_line_without_sense_reports_nothing(line: str) -> None:
    assert reports.parse(line) is None


def test_a_field_that_makes_no_sense_does_not_spoil_the_others() -> None:
    assert reports.parse('::wavetree progress=140 tests=15/12 says="still here" step=x') == Report(
        says="still here"
    )


def test_texts_lose_what_could_fool_a_terminal_and_are_short() -> None:
    report = reports.parse(
        '{"type":"status","text":"\\u001b]52;c;aGk=\\u0007red\\u001b[31m ' + "x" * 5000 + '"}'
    )
    assert report is not None
    assert report.says is not None
    assert report.says.startswith("red x")
    assert len(report.says) == 200


def test_a_typed_failure_is_read_with_its_hints() -> None:
    line = json.dumps(
        {
            "type": "error",
            "error": {
                "type": "ValidationError",
                "message": "DATABASE_URL is not set",
                "context": "connecting",
                "recoveryHints": ["Set it", "Check the server", "three", "four", "five"],
            },
        }
    )
    error = reports.failure(line)
    assert error is not None
    assert (error.type, error.message, error.context) == (
        "ValidationError",
        "DATABASE_URL is not set",
        "connecting",
    )
    assert error.hints == ("Set it", "Check the server", "three", "four")


def test_a_failure_in_a_plain_line_is_read_with_its_hint_and_its_test() -> None:
    error = reports.failure(
        '::wavetree error="no port free" type=EnvironmentError hint="Free port 80" test=t1'
    )
    assert error is not None
    assert (error.type, error.message) == ("EnvironmentError", "no port free")
    assert (error.hints, error.test) == (("Free port 80",), "t1")


@pytest.mark.parametrize(
    ("stated", "kind", "message"),
    [
        ("test_failure", "Test Failure", "no"),
        ("Timeout", "Timeout", "no"),
        ("implementationerror", "ImplementationError", "no"),
        ("KeyError", "ImplementationError", "KeyError: no"),
    ],
)
def test_a_failure_is_of_one_of_the_classes(stated: str, kind: str, message: str) -> None:
    """M168: what is none of them is an ImplementationError, and its name is kept."""
    error = reports.failure(json.dumps({"type": "error", "error": {"type": stated, "message": "no"}}))
    assert error is not None
    assert (error.type, error.message) == (kind, message)


@pytest.mark.parametrize(
    "line",
    ["", "error: no", '{"type":"error"}', '{"type":"error","error":{}}', '{"type":"error","error":[1]}'],
)
def test_what_is_no_typed_failure_is_none(line: str) -> None:
    assert reports.failure(line) is None


_PIECES = st.one_of(
    st.text(),
    st.sampled_from(
        ["::wavetree ", "PROGRESS ", "TESTS ", '{"type":"progress",', '"error"', "=", '"', "\\", "1/2"]
    ),
    st.floats().map(str),
    st.integers().map(str),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from([*reports._READERS, "milestone", "error", "text", "message", "name", "percent"])
_OBJECTS = st.builds(
    lambda kind, rest: json.dumps({"type": kind, **rest}),
    st.sampled_from(["progress", "status", "milestone", "question", "error"]),
    st.dictionaries(_KEYS, _JSON, max_size=4),
)


@given(st.lists(_PIECES, max_size=12).map("".join) | _OBJECTS)
def test_no_text_ever_raises_and_what_is_read_is_in_range(line: str) -> None:
    report = reports.parse(line)
    if report is not None:
        assert report.progress is None or 0 <= report.progress <= 100
        assert report.cost_usd is None or math.isfinite(report.cost_usd)
        assert report.says is None or 0 < len(report.says) <= reports.SAYS_LIMIT
        assert len(report.milestones) <= reports.MOST_MILESTONES
    error = reports.failure(line)
    if error is not None:
        assert error.type in ErrorType
        assert error.message
        assert len(error.hints) <= 4
