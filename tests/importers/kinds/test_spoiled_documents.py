"""Whatever is wrong with a document, it is told with a place in it: no importer ever breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.importers.loading import validate_texts

DATA = Path(__file__).parents[2] / "data"
NAMES = (
    "documents/002_execution_order.yaml",
    "documents/002_implementation-log.json",
    "documents/003_epic-10.yaml",
    "documents/003_sprint-15.yaml",
    "documents/003_tickets_dependencies.yaml",
    "documents/003_tickets_trio.yaml",
    "documents/004_batch_result.json",
    "documents/004_task_separation_invalid.json",
    "documents/004_task_separation_valid.json",
    "trackers/github_issues.json",
    "trackers/jira_v3.json",
)
ROADMAPS = ("004_ROADMAP.md", "004_ROADMAP_mojibake.md")
ODD = st.sampled_from(
    [
        *(
            None,
            True,
            5,
            -1.5,
            10**20,
            "",
            " ",
            "x",
            "all",
            "a, b",
            "2 hours",
            "Done",
            "PROJ-123",
            "[b]x[/b]",
        ),
        *([], {}, [[1]], [{}], ["x", None], {"a": {"b": [1]}}, {"id": "x"}, {"name": [1]}, {"nodes": {}}),
        *("#1", "\u202eabc", "é" * 300, [{"id": {}, "milestone": 5}], {"type": "doc", "content": [5, {}]}),
    ]
)


def places(data: Any, put: Callable[[Any], None]) -> list[Callable[[Any], None]]:
    """For every value in `data`, what puts another one in its place."""
    found = [put]
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        found += places(data[key], lambda value, key=key: data.__setitem__(key, value))
    return found


def check(name: str, data: bytes) -> None:
    root = json.loads(data) if name.endswith(".json") else None
    starts = tuple(root) if isinstance(root, dict) else ("[",) if isinstance(root, list) else ("",)
    found = validate_texts([(name, data)])
    assert (found.plan is None) == bool(found.errors)
    for fault in (*found.errors, *found.warnings):
        assert fault.message
        assert not fault.path or fault.path.startswith(starts)
        assert fault.file == name
        assert 1 <= fault.line <= data.count(b"\n") + 1


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_value_of_the_wrong_kind_anywhere_is_an_error_or_harmless(name: str, data: st.DataObject) -> None:
    holder = [yaml.safe_load((DATA / name).read_text())]
    for _ in range(data.draw(st.integers(1, 3))):
        put = data.draw(st.sampled_from(places(holder[0], lambda value: holder.__setitem__(0, value))))
        put(deepcopy(data.draw(ODD)))
    check("spoiled.json", json.dumps(holder[0], indent=1).encode())


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_key_under_another_name_is_an_error_or_harmless(name: str, data: st.DataObject) -> None:
    text = json.dumps(yaml.safe_load((DATA / name).read_text()), indent=1)
    keys = sorted({line.split('"')[1] for line in text.split("\n") if '": ' in line})
    old = data.draw(st.sampled_from(keys))
    new = data.draw(st.sampled_from([*keys, "x", "id", "phase_id", "a b", "required_by"]))
    check("spoiled.json", text.replace(f'"{old}":', f'"{new}":').encode())


ODD_LINES = st.sampled_from(
    [
        *(
            "",
            "```",
            "~~~",
            "## Other",
            "### PRIORITY 65",
            "### PRIORITY 65: again ✅",
            "###### PRIORITY 7: 📝",
        ),
        *(
            "Files:",
            "- ",
            "- x",
            "- **Files**: /etc",
            "Estimate: -1",
            "Depends on: PRIORITY 65, 66",
            "Needs: [",
        ),
        *(
            "**Status**:",
            "Status: ❌",
            "Status: dunno",
            "Points: x",
            "#### Files",
            "1. [ ] y",
            "\uf8ffüìù",
            "* *",
        ),
    ]
)


@pytest.mark.parametrize("name", ROADMAPS)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_roadmap_with_strange_lines_is_an_error_or_harmless(name: str, data: st.DataObject) -> None:
    lines = (DATA / "documents" / name).read_text().split("\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place : place + data.draw(st.integers(0, 2))] = [data.draw(ODD_LINES)]
    check("ROADMAP.md", data.draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode())
