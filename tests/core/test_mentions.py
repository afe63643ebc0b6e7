"""Names in a task's text: what looks like code, and what is a word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.mentions import MOST_NAMES, mentioned


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Make `get` faster", ("get",)),
        ("Make `load(path)` and `def save(x)` faster", ("load", "save")),
        ("Users.get fails after plan.Task, again Users.get", ("Users.get", "plan.Task")),
        ("see load_all, _private and __init__", ("load_all", "_private", "__init__")),
        ("the HTTPServer and the UserStore call getUser", ("HTTPServer", "UserStore", "getUser")),
        ("first run() then stop().", ("run", "stop")),
        ("config::load and Users#put", ("config.load", "Users.put")),
        ("in src/api.py::Users.get and api.py::load", ("Users.get", "load")),
        ("```py\nfoo.bar(1)\n```", ("foo.bar",)),
    ],
)
def test_what_looks_like_code_is_a_name(text: str, names: tuple[str, ...]) -> None:
    assert mentioned(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Add a page that lists all users, e.g. by name.",
        "JSON over HTTP, two APIs, and/or nothing i.e. the U.S. way",
        "edit plan.py, docs/a.md#set-up and src/user_store/api",
        "see https://example.com/Users.get?a=load_all or www.x.org/Foo_bar or example.com",
        "`git commit -m message`, `README.md`",
        "Node.js",
        "",
    ],
)
def test_words_files_and_addresses_are_no_names(text: str) -> None:
    assert mentioned(text) == ()


@given(st.text("aB_.:#(`/ \n1", max_size=60))
@settings(deadline=None)
def test_a_name_is_always_made_of_identifiers(text: str) -> None:
    for name in mentioned(text):
        assert all(part.replace("$", "_").isidentifier() for part in name.split("."))


@pytest.mark.parametrize("unit", ["a_b.", "`", "`a_b ", "a_b::", "AaAa", "(", "w://", "x_1 ", "aaaaaaaaa"])
def test_a_hostile_text_costs_little(unit: str) -> None:
    start = time.process_time()
    assert len(mentioned(unit * (2_000_000 // len(unit)))) <= MOST_NAMES
    assert time.process_time() - start < 1
