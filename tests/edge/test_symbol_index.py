"""Names of a repository: looked up at a commit, and found in the text of a task."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from real_repository import Repo

from engine.core.parts import Grade, Part, grade, parse
from engine.edge.symbol_index import COMMON, SymbolIndex, places

API = "class Users:\n    def get(self): ...\n\n    def put(self): ...\n\n\ndef load(): ...\n"


@pytest.fixture
def index(repo: Repo) -> SymbolIndex:
    repo.commit(
        {
            "src/api.py": API,
            "src/other.py": "import api\n\ndef load(): ...\n\napi.Users.get()\n",
            "src/pkg/__init__.py": "def start(): ...\n",
            "web/user store.ts": "export class UserStore {\n  find(id: number) { return id }\n}\n",
            "web/use.ts": "const found = new UserStore().find(3);\n",
            "docs/a.md": "# Users\n\n## Set up\nUserStore\n",
        }
    )
    return SymbolIndex(repo.root)


def spots(parts: tuple[Part, ...]) -> list[str]:
    return [f"{part.path}:{part.first}-{part.last} {part.symbol}" for part in parts]


def test_a_name_is_found_where_it_is_defined_and_not_where_it_is_used(index: SymbolIndex) -> None:
    found = index.lookup(["UserStore", "Users.get", "get", "load", "find", "nobody", "no name", "-e"])
    assert {name: spots(parts) for name, parts in found.items()} == {
        "UserStore": ["web/user store.ts:1-3 UserStore"],
        "Users.get": ["src/api.py:2-2 Users.get"],
        "get": ["src/api.py:2-2 Users.get"],
        "load": ["src/api.py:7-7 load", "src/other.py:3-3 load"],
        "find": ["web/user store.ts:2-2 UserStore.find"],
    }


def test_a_name_may_begin_with_its_module(index: SymbolIndex) -> None:
    found = index.lookup(["other.load", "src.api.Users.put", "pkg.start", "wrong.load"])
    assert {name: spots(parts) for name, parts in found.items()} == {
        "other.load": ["src/other.py:3-3 load"],
        "src.api.Users.put": ["src/api.py:4-4 Users.put"],
        "pkg.start": ["src/pkg/__init__.py:1-1 start"],
    }


def test_a_text_gives_the_symbols_that_it_names_the_unambiguous_ones_first(index: SymbolIndex) -> None:
    text = "Let `load` of the UserStore be as quick as Users.put() is; see all_else."
    assert spots(places(text, index)) == [
        "web/user store.ts:1-3 UserStore",
        "src/api.py:4-4 Users.put",
        "src/api.py:7-7 load",
        "src/other.py:3-3 load",
    ]
    assert len(places(text, index, most=3)) == 3
    assert places("Nothing that looks like code, find or load.", index) == ()


def test_a_name_of_many_places_says_nothing(repo: Repo) -> None:
    repo.commit({f"m{number}.py": "def run(): ...\n" for number in range(6)})
    index = SymbolIndex(repo.root)
    assert len(index.lookup(["run"])["run"]) == 6
    assert places("call run()", index) == ()


def test_a_name_used_everywhere_is_still_found_where_a_keyword_defines_it(repo: Repo) -> None:
    files = {f"m{number}.js": f"new Users().get({number});\n" for number in range(COMMON + 1)}
    repo.commit({**files, "users.js": "export class Users {\n  get(id) { return id }\n}\n"})
    index = SymbolIndex(repo.root)
    assert {name: spots(parts) for name, parts in index.lookup(["Users", "get"]).items()} == {
        "Users": ["users.js:1-3 Users"]
    }


def test_a_name_that_would_take_too_much_reading_is_not_answered(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.py": "def one(): ...\n", "b.py": "def two(): ...\n" + "# much\n" * 99})
    monkeypatch.setattr("engine.edge.symbol_index.PARSED", 100)
    assert list(SymbolIndex(repo.root).lookup(["one", "two"])) == ["one"]


def test_the_commit_is_searched_and_not_what_lies_in_the_checkout(repo: Repo, index: SymbolIndex) -> None:
    repo.write("src/api.py", "def unsaved(): ...\n")
    assert index.lookup(["unsaved"]) == {}
    assert "load" in index.lookup(["load"])
    assert SymbolIndex(repo.root, "HEAD~1").lookup(["load"]) == {}


def test_parts_get_the_lines_of_their_symbols(index: SymbolIndex) -> None:
    entries = [
        "src/api.py::put",
        "docs/a.md#set-up",
        "src/api.py::new",
        "src/api.py#L9",
        "src/api.py",
        "a.txt::x",
    ]
    assert [(part.first, part.last) for part in map(index.located, map(parse, entries))] == [
        (4, 4),
        (3, 4),
        (7, 7),
        (9, 9),
        (0, 0),
        (0, 0),
    ]


def test_symbols_of_a_file_that_is_yet_to_be_made_touch(index: SymbolIndex) -> None:
    one, two = (index.located(parse(f"src/new.py::{name}")) for name in ("a", "b"))
    assert grade(one, two) is Grade.TOUCH
    assert index.located(parse("src/*.py::a")) == parse("src/*.py::a")


def test_a_repository_without_a_commit_has_no_names(tmp_path: Path, config: Path) -> None:
    root = tmp_path / "-empty"
    subprocess.run(["git", "init", "-q", "./-empty"], cwd=tmp_path, check=True)
    index = SymbolIndex(root)
    assert index.lookup(["load"]) == {} and not index.files
    assert index.located(parse("a.py::load")).first == 1


@pytest.mark.parametrize("commit", ["--all", "--output=x", "no-such-branch", "HEAD:src", ""])
def test_what_is_no_commit_is_never_an_option(repo: Repo, commit: str) -> None:
    assert SymbolIndex(repo.root, commit).commit == ""
    assert repo.status() == ""


def test_names_of_files_and_links_do_no_harm(repo: Repo) -> None:
    repo.commit({"-e.py": "def dash(): ...\n", 'a\n"b":é.py': "def odd(): ...\n"}, "odd")
    (repo.root / "link.py").symlink_to("-e.py")
    repo.commit({})
    found = SymbolIndex(repo.root).lookup(["dash", "odd"])
    assert [part.path for parts in found.values() for part in parts] == ["-e.py", 'a\n"b":é.py']


def test_no_program_named_by_the_repository_is_run(repo: Repo) -> None:
    repo.commit({"a.py": "def load(): ...\n", ".gitattributes": "*.py diff=evil filter=evil\n"})
    evil = f"touch {repo.root}/ran; cat"
    for key in ("core.fsmonitor", "core.pager", "pager.grep", "diff.evil.textconv", "filter.evil.smudge"):
        repo.git("config", key, evil)
    assert "load" in SymbolIndex(repo.root).lookup(["load"])
    assert not (repo.root / "ran").exists()


def test_two_thousand_files_are_searched_within_a_second(repo: Repo) -> None:
    body = "".join(
        f"def f{{n}}_{number}(users):\n    return users.get({number})\n\n\n" for number in range(60)
    )
    stream = ["commit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 1\nx\n"]
    for n in range(2000):
        text = body.replace("{n}", str(n)) + f"class Kind{n}:\n    def get(self): ...\n"
        stream.append(f"M 644 inline src/d{n % 40}/m{n}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        input="".join(stream).encode(),
        cwd=repo.root,
        check=True,
    )
    start = time.process_time()
    index = SymbolIndex(repo.root)
    found = places("Users of `Kind7`, Kind1999.get() and `f30_5` `get` `users`, see m77.Kind77", index)
    assert time.process_time() - start < 2
    assert {"Kind7", "Kind1999.get", "f30_5", "Kind77"} == {part.symbol for part in found}
