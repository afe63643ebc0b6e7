"""Bytes become a tree strictly and within bounds, whatever the bytes are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
import tracemalloc
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import PlanError
from engine.importers import texts
from engine.importers.nodes import MAX_DEPTH, MAX_ITEMS, Broken, Builder, Entries, Items, Node, Scalar
from engine.importers.texts import MAX_BYTES, MAX_YAML, read, tree

PARSERS = [
    pytest.param(loader, id=loader.__name__) for loader in dict.fromkeys((yaml.SafeLoader, texts._FAST))
]


def plain(node: Node | None) -> object:
    """The tree as JSON-like data; plain scalars become pairs so that they differ from quoted ones."""
    match node:
        case Scalar():
            return node.text if node.quoted else (node.text,)
        case Items():
            return [plain(item) for item in node.items]
        case Entries():
            return {key.text: plain(inner) for key, inner in node.entries}
        case _:
            return None


def said(data: bytes | str, name: str = "plan.yaml") -> list[str]:
    """Every fault of the text, in words."""
    try:
        _, faults = tree(data.encode() if isinstance(data, str) else data, name)
    except PlanError as error:
        return [str(fault) for fault in error.faults]
    return [str(fault) for fault in faults]


def test_scalars_keep_the_text_that_was_typed() -> None:
    root, faults = tree(b"a: no\nb: 12:30:45\nc: '012'\nd: 1_000\ne: 0x1f\nf: ~\n", "plan.yaml")
    assert faults == []
    assert plain(root) == {
        "a": ("no",),
        "b": ("12:30:45",),
        "c": "012",
        "d": ("1_000",),
        "e": ("0x1f",),
        "f": ("~",),
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "plan.yaml: is empty; a plan starts with `wavetree: 1`"),
        (" \n\n", "plan.yaml: is empty; a plan starts with `wavetree: 1`"),
        ("# only words\n", "plan.yaml:1: has no content; a plan starts with `wavetree: 1`"),
        ("a: 1\na: 2\n", "plan.yaml:2: the key 'a' is given twice, first in line 1"),
        ("a:\n  b: 1\n  b: 2\n", "plan.yaml:3: a: the key 'b' is given twice, first in line 2"),
        ("a: &x 1\nb: 2\n", "plan.yaml:1: a: the anchor &x is not accepted; write the value out"),
        ("b: *x\n", "plan.yaml:1: b: the alias *x is not accepted; write the value out"),
        ("b:\n  <<: {c: 1}\n", "plan.yaml:2: b: merge keys (<<) are not accepted; write the keys out"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            "plan.yaml:1: a: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not accepted; "
            "leave it out",
        ),
        ("a: !!str 1\n", "plan.yaml:1: a: the tag 'tag:yaml.org,2002:str' is not accepted; leave it out"),
        ("[a, b]: 1\n", "plan.yaml:1: found a list or a mapping as a key; accepted: text"),
        ("? {a: 1}\n: 2\n", "plan.yaml:1: found a list or a mapping as a key; accepted: text"),
        ("~: 1\n", "plan.yaml:1: found a key without a name; accepted: text"),
        ("a: [x, &b y]\n", "plan.yaml:1: a[1]: the anchor &b is not accepted; write the value out"),
        (
            "a:\n- {b: [{c: *x}]}\n",
            "plan.yaml:2: a[0].b[0].c: the alias *x is not accepted; write the value out",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "plan.yaml:2: a second document (---) starts here; accepted: one plan in a file",
        ),
        ("a: 1\n\x00\n", "plan.yaml:2: has the control character U+0000"),
        ("a: \x1b[31m\n", "plan.yaml:1: has the control character U+001B"),
    ],
)
def test_what_a_plan_must_not_have_is_named_with_its_line(text: str, fault: str) -> None:
    assert said(text) == [fault]


def test_bytes_that_are_not_utf_8_are_named_with_their_line() -> None:
    assert said(b"a: 1\nb: \xff\n") == ["plan.yaml:2: is not UTF-8: byte 0xff"]
    assert said("a: 1".encode("utf-16")) == ["plan.yaml:1: is not UTF-8: byte 0xff"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble() -> None:
    root, faults = tree(b"\xef\xbb\xbfa: 1\r\nb: x\r\n", "plan.yaml")
    assert (plain(root), faults) == ({"a": ("1",), "b": ("x",)}, [])


@pytest.mark.parametrize(
    "text", ["a: [1, 2", "a: 'x", "\ta: 1", "a: b: c", "a: @x", "- a\nb: 1", "{a: 1", "%X\n"]
)
def test_broken_yaml_names_the_line_where_it_broke(text: str) -> None:
    (fault,) = said(text)
    assert fault.startswith(("plan.yaml:1: is not YAML: ", "plan.yaml:2: is not YAML: "))


def test_several_faults_of_one_file_are_told_together() -> None:
    assert len(said("a: &x 1\nb: *x\na: 2\nc: !t 3\n")) == 4


@pytest.mark.parametrize("loader", PARSERS)
def test_both_yaml_parsers_make_the_same_tree(loader: type) -> None:
    builder = Builder("plan.yaml")
    texts._yaml('a: [1, "2", {c: ""}]\nb: |\n  text\n  more\nd:\n- e\n- f: no\n', builder, loader)
    assert plain(builder.root) == {
        "a": [("1",), "2", {"c": ""}],
        "b": "text\nmore\n",
        "d": [("e",), {"f": ("no",)}],
    }


BOMBS = {
    "nested lists": "[" * 100_000,
    "nested blocks": "- " * 100_000,
    "nested maps": "{a: " * 50_000,
    "nested keys": "? " * 50_000,
    "nested json": '{"a":' * 50_000,
    "alias bomb": "a: &a [x,x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)),
    "merge bomb": "a: &a {x: 1}\n" + "b: {<<: [*a, *a]}\n" * 1000,
    "many values": "a: [" + "1," * 600_000 + "]",
    "many values in yaml": "a:\n" + ("- [" + "1," * 15_000 + "1]\n") * 34,
    "many values in json": "[" + "1," * 600_000 + "1]",
    "many keys": "".join(f"k{n}: 1\n" for n in range(300_000)),
    "the same key": "a: 1\n" * 100_000,
    "open quote": 'a: "' + "x" * 5_000_000,
    "tags": "!" * 100_000,
    "anchors": "&a " * 10_000,
    "too large": "#" * (MAX_BYTES + 1),
    "no value": ": " * 100_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_is_refused_soon_and_in_bounded_memory(name: str) -> None:
    data = BOMBS[name].encode()
    began = time.process_time()
    faults = said(data)
    seconds = time.process_time() - began
    assert faults
    assert all(len(fault) < 400 for fault in faults)
    assert seconds < 3  # alone on a machine it takes well under one


def test_the_tree_of_a_bomb_stays_small() -> None:
    tracemalloc.start()
    said(BOMBS["alias bomb"])
    said(BOMBS["nested lists"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20


def test_a_list_may_have_20_000_entries_and_no_more() -> None:
    full = "- 1\n" * MAX_ITEMS
    assert said(full) == []
    (fault,) = said(f"tasks:\n{full}- 1\n")
    assert fault.startswith(
        f"plan.yaml:{MAX_ITEMS + 2}: tasks: more than 20,000 entries; split it into several plans"
    )
    (fault,) = said("{" + ",".join(f'"k{n}":1' for n in range(MAX_ITEMS + 1)) + "}", "plan.json")
    assert fault.startswith("plan.json:1: more than 20,000 entries; ")


def test_commas_and_colons_inside_text_are_no_values() -> None:
    assert said(json.dumps(['a,b:c\\",' * 200_000]), "plan.json") == []


def test_yaml_has_a_smaller_limit_because_it_is_read_slowly() -> None:
    text = "a: |\n" + "  words\n" * (MAX_YAML // 8)
    assert said(text) == ["plan.yaml: is larger than 4 MB; write it as JSON"]
    assert said(json.dumps({"a": text}), "plan.json") == []


def test_json_that_is_too_large_for_yaml_is_told_as_the_json_it_nearly_is() -> None:
    text = '{"a": "' + "x" * MAX_YAML + '", }'
    (fault,) = said(text, "<stdin>")
    assert "is not JSON" in fault


def test_nesting_is_counted_to_the_limit_exactly() -> None:
    assert said("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    deeper = MAX_DEPTH + 1
    assert said("[" * deeper + "]" * deeper) == [f"plan.yaml:1: nested deeper than {MAX_DEPTH} levels"]


@pytest.mark.parametrize(
    "text",
    ["[1,]", "[,1]", '{"a" 1}', '{"a": 1,}', "{a: 1}", '{"a": 01}', '["\\x"]', "[1 2]", "[1]x", "nul", "",
     "[tru]", '{"a": }', "]", '["a', "[1}", "[1.]", "[-]", "['a']"],
)  # fmt: skip
def test_what_is_not_json_is_refused_in_a_json_file(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        json.loads(text)
    (fault,) = said(text, "plan.json")
    assert "is not JSON" in fault or "is empty" in fault


def test_json_faults_name_line_and_what_is_accepted() -> None:
    assert said('{\n "a": 1,\n "b" 2\n}', "plan.json") == [
        "plan.json:3: is not JSON: found '2\\n}'; accepted here: a colon"
    ]


def test_flow_yaml_that_only_looks_like_json_is_still_yaml() -> None:
    root, faults = tree(b"{a: 1, b: [x, y]}", "plan.yaml")
    assert (plain(root), faults) == ({"a": ("1",), "b": [("x",), ("y",)]}, [])


def test_json_may_have_tabs_and_surrogate_pairs() -> None:
    root, _ = tree(b'{\n\t"a": "\\ud83d\\ude00\\/"\n}', "plan.json")
    assert plain(root) == {"a": "\U0001f600/"}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _typed(value: object) -> object:
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    return value if isinstance(value, str) else (json.dumps(value),)


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_json_reader_reads_what_python_writes(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps([value], indent=indent, ensure_ascii=ascii_only)
    if texts._CONTROL.search(text):
        return
    root, faults = tree(text.encode(), "plan.json")
    assert (plain(root), faults) == (_typed([value]), [])


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{},&*!|>'\"#%@?~ \n\t", max_size=80).map(str.encode))
def test_any_bytes_give_a_tree_or_faults(data: bytes) -> None:
    for name in ("plan.yaml", "plan.json"):
        try:
            root, faults = tree(data, name)
        except PlanError as error:
            assert error.faults
        else:
            assert isinstance(root, Scalar | Items | Entries | Broken)
            assert all(fault.file == name for fault in faults)


def test_folders_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path, "is a folder"),
        (Path("/dev/null"), "is not a file"),
        (tmp_path / "nothing.yaml", "cannot be read: No such file or directory"),
        (Path("a\0b"), "cannot be read: "),
    ]:
        with pytest.raises(PlanError) as caught:
            read(path)
        assert reason in caught.value.faults[0].message


def test_what_another_command_writes_into_a_pipe_is_read(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"wavetree: 1\n")
    os.close(theirs)
    try:
        assert read(Path(f"/dev/fd/{ours}")) == (f"/dev/fd/{ours}", b"wavetree: 1\n")
    finally:
        os.close(ours)
    named = tmp_path / "pipe"
    os.mkfifo(named)
    with subprocess.Popen(["bash", "-c", f"echo 'a: 1' > {named}"]):
        assert read(named) == (str(named), b"a: 1\n")


@pytest.mark.parametrize(("path", "name"), [("-", "<stdin>"), ("/dev/stdin", "/dev/stdin")])
def test_standard_input_is_read_up_to_the_limit(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * (MAX_BYTES + 10))))
    assert read(Path(path)) == (name, b"x" * (MAX_BYTES + 1))
