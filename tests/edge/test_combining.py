"""Data files combined key by key, where nothing has to be chosen (M140)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.edge.combining import combined


def text(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def test_keys_that_both_added_are_both_there_in_ours_form() -> None:
    ours, theirs = {"a": 1, "x": {"one": 1}}, {"a": 1, "x": {"two": 2}, "z": [1]}
    found = combined("m.json", text({"a": 1, "x": {}}), text(ours), text(theirs))
    assert found == text({"a": 1, "x": {"one": 1, "two": 2}, "z": [1]})


@pytest.mark.parametrize(
    ("file", "base", "ours", "theirs"),
    [
        ("m.json", {"a": 1}, {"a": 2}, {"a": 3}),
        ("m.json", {"a": [1]}, {"a": [2]}, {"a": [3]}),
        ("m.json", {"a": {"b": 1}}, {"a": {}}, {"a": {"b": 2}}),
        ("m.txt", {}, {"a": 1}, {"b": 1}),
        ("m.json", {}, {"a": 1}, {"a": True}),
    ],
)
def test_what_would_have_to_be_chosen_is_left_to_a_person(file, base, ours, theirs) -> None:
    assert combined(file, text(base), text(ours), text(theirs)) is None


def test_what_is_no_data_is_left_to_a_person() -> None:
    assert combined("m.json", b"{", b"{}", b"{}") is None
    assert combined("m.yaml", b"a: 1", b"a: 1\nb: 2 # why", b"a: 1\nc: 3") is None
    assert combined("m.yaml", b"a: 1\n", b"a: 1\nb: 2\n", b"a: 1\nc: 3\n") == b"a: 1\nb: 2\nc: 3\n"


def test_lists_that_both_extended_hold_both_additions() -> None:
    assert json.loads(combined("m.json", text([1]), text([1, 2]), text([1, 3])) or b"") == [1, 2, 3]


def deeper(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from("abc"), inner, max_size=3)


DATA = deeper(st.recursive(st.integers(0, 3), deeper))


@given(DATA, DATA)
def test_what_only_one_side_changed_is_as_that_side_has_it(base: object, changed: object) -> None:
    assert json.loads(combined("m.json", text(base), text(changed), text(base)) or b"") == changed
    assert json.loads(combined("m.json", text(base), text(base), text(changed)) or b"") == changed
