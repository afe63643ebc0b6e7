"""Finds in the output of a gate which test failed, and how (M170)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.agents import reports
from engine.core.clean import clean

TAIL = 256 * 1024
"""Bytes of the output in which to look."""
MOST = 300
_NAMED = (
    re.compile(r"FAILED (?P<test>\S.*?)(?: - (?P<error>.+))?$"),  # pytest
    re.compile(r"\s*● (?P<test>.+)$"),  # jest
    re.compile(r"not ok \d+ (?:- )?(?P<test>.+)$"),  # TAP
    re.compile(r"\s*--- FAIL: (?P<test>\S+)"),  # go
    re.compile(r"(?:FAIL|ERROR): (?P<test>test\S*.*)$"),  # unittest
)
_EXPECTED = re.compile(r"\s*Expected(?: \w+)*: *(?P<expected>.+)$")
_GOT = re.compile(r"\s*Received(?: \w+)*: *(?P<got>.+)$")


def failing_test(log: Path) -> tuple[str, str]:
    """The first failing test and its error, as far as the output tells; empty texts where it does not."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return "", ""
    for place, line in enumerate(lines):
        if (stated := reports.failure(line)) is not None and stated.test:
            return stated.test, clean(stated.message, MOST)
        for pattern in _NAMED:
            if match := pattern.match(line):
                found = match.groupdict()
                error = found.get("error") or _below(lines[place + 1 : place + 40])
                return clean(found["test"], MOST).strip(), clean(error, MOST).strip()
    return "", ""


def _below(lines: list[str]) -> str:
    """What is said of a test below its name: what was expected and what came, else the first line."""
    expected = next((match["expected"] for line in lines if (match := _EXPECTED.match(line))), "")
    got = next((match["got"] for line in lines if (match := _GOT.match(line))), "")
    if expected and got:
        return f"Expected {expected.strip()}, got {got.strip()}"
    return next((line.strip() for line in lines if line.strip(" -=")), "")
