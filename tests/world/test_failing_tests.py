"""M170: which test failed is read from the output of what usually runs tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.world.failing_tests import failing_test

PYTEST = """
=========================== short test summary info ============================
FAILED tests/test_login.py::test_redirects - AssertionError: assert '/home' == '/dashboard'
1 failed, 3 passed in 0.10s
"""
UNITTEST = """
======================================================================
FAIL: test_redirects (tests.Login.test_redirects)
----------------------------------------------------------------------
Traceback (most recent call last):
"""
STATED = '::wavetree type="Test Failure" test="redirects" error="no"\nFAILED other - later\n'


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            PYTEST,
            ("tests/test_login.py::test_redirects", "AssertionError: assert '/home' == '/dashboard'"),
        ),
        ("FAILED tests/a.py::b\n", ("tests/a.py::b", "")),
        (UNITTEST, ("test_redirects (tests.Login.test_redirects)", "Traceback (most recent call last):")),
        ("ok 1 - opens\nnot ok 2 - redirects\n  ---\n  got: no\n", ("redirects", "got: no")),
        ("--- FAIL: TestLogin (0.00s)\n    login_test.go:9: no\n", ("TestLogin", "login_test.go:9: no")),
        ("  ● Login › redirects\n\n    no such page\n", ("Login › redirects", "no such page")),
        (STATED, ("redirects", "no")),
        ("all is well\nmake: *** [test] Error 1\n", ("", "")),
        ("FAILED a\x1b[31m - red\x1b[0m\n", ("a", "red")),
    ],
)
def test_the_first_failing_test_is_found(tmp_path: Path, output: str, expected: tuple[str, str]) -> None:
    log = tmp_path / "out.log"
    log.write_text(output)
    assert failing_test(log) == expected


def test_output_that_is_not_there_or_is_no_text_says_nothing(tmp_path: Path) -> None:
    assert failing_test(tmp_path / "gone") == ("", "")
    (tmp_path / "log").write_bytes(b"\xff\xfe\x00" * 1000)
    assert failing_test(tmp_path / "log") == ("", "")
