"""Names in files: what is found in each language, and what a file can not do to the reader."""

from __future__ import annotations

import sys
import time

import pytest

from engine.edge import grammars
from engine.edge.symbols import CODE, LARGEST, symbols, symbols_supported

PYTHON = b'''"""A module."""

LIMIT: int = 3

# Who comes and goes.
# In two lines.
@frozen
@final(
    True)
class Users:
    size = 1

    def get(self):
        def inner(): ...

    async def put(self): ...

if LIMIT:
    def load():
        return "\\d"
'''

MARKDOWN = b"""---
title: x
---
# The [plan](plan.md), `v2`!
text
## Set up
```
# no heading
```
Underlined
----------
## Set up ##
# End
"""

PROGRAMS: dict[str, tuple[bytes, list[tuple[str, int, int]]]] = {
    "a.ts": (
        b"// Who.\nexport class A<T> {\n  @x()\n  get(): void { const no = 1 }\n  put = () => 2;\n}\n"
        b"export const f = () => 1, LIMIT = 3;\nnamespace N { export interface I { m(): void } }\n"
        b"import {a as b} from 'x';\ntype T = string;\nenum E { a }\n",
        [
            ("A", 1, 6),
            ("A.get", 3, 4),
            ("A.put", 5, 5),
            ("LIMIT", 7, 7),
            ("f", 7, 7),
            ("N", 8, 8),
            ("N.I", 8, 8),
            ("N.I.m", 8, 8),
            ("T", 10, 10),
            ("E", 11, 11),
        ],
    ),
    "a.tsx": (b"export default function Page() { return <b>x</b> }\n", [("Page", 1, 1)]),
    "a.js": (
        b"const api = { get() {} };\nfunction* walk() { let no = 1 }\nclass B { constructor() {} }\n",
        [("api", 1, 1), ("api.get", 1, 1), ("walk", 2, 2), ("B", 3, 3), ("B.constructor", 3, 3)],
    ),
    "a.go": (
        b"package m\n// Users are.\ntype Users struct { a int }\nfunc (u *Users) Get(id int) int {\n x := 1\n"
        b" return x\n}\nfunc (l List[T]) Len() int { return 0 }\nconst (\n A = 1\n B = 2\n)\n",
        [("Users", 2, 3), ("Users.Get", 4, 7), ("List.Len", 8, 8), ("A", 10, 10), ("B", 11, 11)],
    ),
    "a.rs": (
        b"/// Who.\n#[derive(Debug)]\npub struct U<T> { a: T }\nimpl<T> U<T> {\n  pub fn get(&self) {}\n}\n"
        b"impl Show for U<i32> { fn show(&self) {} }\nmod m { fn inner() {} }\nuse a::b as c;\n",
        [("U", 1, 3), ("U.get", 5, 5), ("U.show", 7, 7), ("m", 8, 8), ("m.inner", 8, 8)],
    ),
    "A.java": (
        b"package x;\nimport a.B;\n/** Who. */\npublic class A {\n  private int no;\n  A() {}\n  @Override\n"
        b"  public int get(int q) { int no = 1; return no; }\n  interface J { void m(); }\n}\n",
        [("A", 3, 10), ("A.A", 6, 6), ("A.get", 7, 8), ("A.J", 9, 9), ("A.J.m", 9, 9)],
    ),
    "a.c": (
        b"#define MAX(a) a\n/* Who. */\nstatic int *get(struct foo *no) { int no = 0; return no; }\n"
        b"struct foo { int no; };\ntypedef struct { int b; } bar_t;\nint proto(int);\n",
        [("MAX", 1, 1), ("get", 2, 3), ("foo", 4, 4), ("bar_t", 5, 5), ("proto", 6, 6)],
    ),
    "a.cpp": (
        b"namespace n {\ntemplate<class T>\nclass A {\n  int get();\n  int no;\n};\n}\n"
        b"int n::A<int>::get() {\n  return 1;\n}\nint &ref(int a) { return a; }\nclass Later;\n",
        [("n", 1, 7), ("n.A", 2, 6), ("n.A.get", 4, 4), ("n.A.get", 8, 10), ("ref", 11, 11)],
    ),
    "a.rb": (
        b"# Who.\nmodule M\n  class U\n    def get(x)\n    end\n    def self.all; end\n  end\nend\n",
        [("M", 1, 8), ("M.U", 3, 7), ("M.U.get", 4, 5), ("M.U.all", 6, 6)],
    ),
}


def test_python_names_come_with_their_decorators_and_the_comments_above() -> None:
    assert [(s.name, s.kind, s.first, s.last) for s in symbols("a.py", PYTHON)] == [
        ("LIMIT", "variable", 3, 3),
        ("Users", "class", 5, 16),
        ("Users.get", "method", 13, 14),
        ("Users.get.inner", "function", 14, 14),
        ("Users.put", "method", 16, 16),
        ("load", "function", 19, 20),
    ]


def test_headings_are_named_as_their_anchors_and_own_what_is_below_them() -> None:
    assert [(s.name, s.first, s.last) for s in symbols("README.md", MARKDOWN)] == [
        ("the-plan-v2", 4, 12),
        ("set-up", 6, 9),
        ("underlined", 10, 11),
        ("set-up-1", 12, 12),
        ("end", 13, 13),
    ]


@pytest.mark.parametrize("path", PROGRAMS)
def test_other_languages_are_read_by_their_grammars(path: str) -> None:
    text, expected = PROGRAMS[path]
    assert [(s.name, s.first, s.last) for s in symbols(path, text)] == expected
    assert symbols_supported(path).yes


def test_every_language_that_is_promised_can_be_read() -> None:
    assert all(symbols_supported(f"x{ending}").yes for ending in CODE)


def test_without_the_extra_other_languages_have_no_symbols_and_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    grammars._parser.cache_clear()
    assert symbols("a.go", PROGRAMS["a.go"][0]) == ()
    assert "wavetree[symbols]" in symbols_supported("a.go").why
    assert symbols_supported("a.py").yes and symbols_supported("docs/A.MD").yes


def test_a_file_of_another_kind_has_no_symbols() -> None:
    assert symbols("a.png", b"def x(): ...") == ()
    assert not symbols_supported("a.png").yes and ".png" in symbols_supported("a.png").why
    assert symbols("Makefile", b"") == () and not symbols_supported("Makefile").yes


HOSTILE = {
    "does not parse": b"def x(:\n",
    "a zero byte": b"x = 1\0",
    "not UTF-8": b"\xff\xfe = 1",
    "unknown encoding": b"# coding: nope\nx = \xff\n",
    "open brackets": b"(" * 100_000,
    "deep attributes": b"x" + b".a" * 100_000,
    "deep sums": b"1" + b"+1" * 100_000,
    "deep lambdas": b"lambda:" * 30_000 + b"1",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_can_not_be_read_has_no_symbols(text: bytes) -> None:
    assert symbols("a.py", text) == ()


def test_a_file_of_more_than_a_megabyte_has_no_symbols() -> None:
    text = b"x = 1\n"
    assert len(symbols("a.py", text)) == 1
    assert symbols("a.py", text + b"#" * LARGEST) == ()
    assert symbols("a.md", b"# x\n" + b"y" * LARGEST) == ()


def test_a_grammar_gives_up_a_file_that_takes_too_long() -> None:
    start = time.process_time()
    assert symbols("a.rs", b"def f():\n pass\n" * 60_000) == ()
    assert time.process_time() - start < 5


@pytest.mark.parametrize("ending", CODE)
def test_broken_programs_never_raise(ending: str) -> None:
    for text, _ in PROGRAMS.values():
        for cut in range(0, len(text), 7):
            for symbol in symbols(f"a{ending}", text[:cut] + b"\0\xff{" + text[cut:]):
                assert symbol.name and 1 <= symbol.first <= symbol.last
