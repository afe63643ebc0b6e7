"""The JSON Schema says the same of single values as the checker does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.importers.fields import PLAN, all_fields
from engine.importers.loading import validate_texts
from engine.importers.schema import schema
from engine.importers.shapes import Record

EXAMPLES = Path(__file__).parents[2] / "examples"
VALIDATOR = Draft202012Validator(schema())


def both(content: object) -> tuple[bool, bool]:
    """What schema and checker say of some content."""
    found = validate_texts([("plan.json", json.dumps(content).encode())])
    return VALIDATOR.is_valid(content), not found.errors


def plan(task: dict[str, Any] | None = None, **more: object) -> dict[str, object]:
    return {"wavetree": 1, "tasks": [{"id": "a", "run": "x"} | (task or {})], **more}


def step(**keys: object) -> dict[str, Any]:
    return plan({"agent": "simulated", "simulate": {"do": [keys]}})


def test_the_schema_is_a_schema_of_the_draft_it_names() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_has_a_description() -> None:
    def described(part: Any) -> bool:
        if isinstance(part, dict):
            fields = part.get("properties", {})
            return all(field["description"] for field in fields.values()) and all(
                map(described, part.values())
            )
        return True

    assert described(schema())
    assert all(field.about and not field.about.endswith(".") for field in all_fields(PLAN).values())


@pytest.mark.parametrize(
    "path", sorted(set(EXAMPLES.glob("*.yaml")) - {EXAMPLES / "answers.yaml"}), ids=lambda path: path.name
)
def test_the_schema_accepts_the_examples(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text()))


GOOD = [
    plan(),
    plan({"id": 65, "title": 2024, "needs": []}),
    plan({"estimate": "10-15 minutes", "timeout": 5, "resources": {"ram": "4GB", "build": 1}}),
    plan({"status": "Done", "complete": True, "x-mine": [1, {"a": None}]}),
    plan({"files": ["a/*.py", ".env", "a..b"], "type": "docs"}),
    plan(slots=3.0, base="release/2.1", name="my plan", start_policy="dependency"),
    plan(settings=None, gates={"task": None}, waves=None, setup={}, conflicts={"handling": "manual"}),
    plan(waves=[{"tasks": ["a"], "mode": "serial"}]),
    plan(agents={"x": {"command": ["y", 1]}, "z": {"kind": "codex", "env": {"A": True}}}),
    plan(
        settings={"poll_interval": 1.5, "log_limit": "1 MB", "link_speed": "100MB/s", "max_cpu_percent": 80}
    ),
    plan(parallel_execution={"max_threads": 2, "enabled": True, "resource_limits": {"max_disk_io": "1GB/s"}}),
    plan(gates={"run": [{"name": "all", "run": "make", "timeout": "1h"}]}),
    step(at="immediate", progress=40.5, tests="1/2", milestone="m", cost_usd=0),
    step(write={"path": "a", "text": ""}, replace={"path": "b", "old": "x", "new": ""}, spawn="30s"),
]
BAD = [
    [],
    None,
    {},
    plan() | {"wavetree": 2},
    plan() | {"tasks": []},
    plan() | {"tasks": [None]},
    plan(slots=0),
    plan(slots="3"),
    plan(slots=None),
    plan(slots=1.5),
    plan(slts=1),
    plan(base="-x"),
    plan(base="a b"),
    plan(base="x.lock"),
    plan(base="x.lock\n"),
    plan(name=""),
    plan(name="two\nlines"),
    plan(name="line\n"),
    plan(start_policy="waves"),
    plan(settings={"land": True}),
    plan(settings={"auto_merge": "true"}),
    plan(settings={"poll_interval": "soon"}),
    plan(settings={"poll_interval": -1}),
    plan(settings={"max_cpu_percent": 101}),
    plan(settings={"link_speed": "100MB"}),
    plan(settings={"log_limit": "1 furlong"}),
    plan(settings=[]),
    plan({"id": "a b"}),
    plan({"id": "a.lock"}),
    plan({"id": "a\n"}),
    plan({"id": "nul"}),
    plan({"id": "COM7.txt"}),
    plan({"id": -5}),
    plan({"id": None}),
    plan({"title": []}),
    plan({"run": ""}),
    plan({"run": " \n"}),
    plan({"run": "a\0b"}),
    plan({"estimate": 15}),
    plan({"estimate": "15"}),
    plan({"files": ["/x"]}),
    plan({"files": ["../x"]}),
    plan({"files": ["a/.."]}),
    plan({"files": [".GIT/hooks"]}),
    plan({"files": ["x\n"]}),
    plan({"files": "x"}),
    plan({"needs": [{"milestone": "m"}]}),
    plan({"needs": [["a"]]}),
    plan({"resources": {"ram": -1}}),
    plan({"resources": {"a b": 1}}),
    plan({"simulate": {"exit": 256}}),
    plan({"simulate": {"hang": 1}}),
    plan(agents={"x": {"command": []}}),
    plan(agents={"x": {"kind": "nobody", "command": ["y"]}}),
    plan(agents={"x": {"command": ["y"], "env": {"1A": "b"}}}),
    plan(waves=[{"name": "no tasks"}]),
    plan(waves=[{"tasks": []}]),
    plan(gates={"task": [{"run": "x"}]}),
    step(progress=101),
    step(tests="12 of 15"),
    step(step=0),
    step(write={"path": "a"}),
    step(replace={"path": "a", "old": "", "new": "b"}),
    step(sings="la"),
]


@pytest.mark.parametrize("content", GOOD, ids=json.dumps)
def test_schema_and_checker_accept_the_same(content: object) -> None:
    assert both(content) == (True, True)


@pytest.mark.parametrize("content", BAD, ids=json.dumps)
def test_schema_and_checker_refuse_the_same(content: object) -> None:
    assert both(content) == (False, False)


SCALARS = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1,
        2.5,
        "",
        "a",
        "a\n",
        "10m",
        "10-15 minutes",
        "1/2",
        "4GB",
        "a b",
        "../x",
        "no",
        "wave",
    ]
)
TASK_KEYS = [field.key for field in all_fields(PLAN)["tasks"].shape.item.fields]  # type: ignore[union-attr]


@given(st.dictionaries(st.sampled_from(TASK_KEYS), SCALARS | st.lists(SCALARS, max_size=2), max_size=4))
def test_the_checker_never_accepts_what_the_schema_refuses(task: dict[str, object]) -> None:
    in_schema, in_checker = both(plan(task))
    assert in_schema or not in_checker


def test_the_table_names_each_key_once() -> None:
    def check(record: Record) -> None:
        keys = [field.key for field in record.fields]
        assert len(keys) == len(set(keys))
        for field in record.fields:
            if isinstance(field.shape, Record):
                check(field.shape)

    check(PLAN)
