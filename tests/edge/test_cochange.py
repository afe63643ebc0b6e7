"""Companions of files, learned from the commits of a real repository."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from real_repository import Repo

from engine.core.companions import Companion
from engine.core.errors import GitError
from engine.edge.cochange import companions


def change(repo: Repo, *names: str, times: int = 1) -> None:
    for _ in range(times):
        repo.commit({name: f"{len(repo.git('log', '--format=%H'))}\n" for name in names}, "work")


def test_files_that_were_committed_together_three_times_are_companions(repo: Repo) -> None:
    change(repo, "api.py", "schema.sql", times=3)
    change(repo, "api.py")
    assert companions(repo.root, ["api.py::load"]) == (Companion("api.py", "schema.sql", 3, 4, 0.75),)
    assert companions(repo.root, ["*.sql"]) == (Companion("schema.sql", "api.py", 3, 3, 1.0),)
    assert companions(repo.root, ["api.py"], confidence=0.8) == ()
    assert companions(repo.root, ["api.py"], support=4) == ()
    assert companions(repo.root, ["new.py"]) == ()


def test_only_the_newest_commits_up_to_the_given_one_are_looked_at(repo: Repo) -> None:
    change(repo, "api.py", "schema.sql", times=3)
    repo.git("branch", "old", "HEAD~1")
    assert companions(repo.root, ["api.py"], commit="old") == ()
    assert companions(repo.root, ["api.py"], newest=2) == ()
    assert len(companions(repo.root, ["api.py"], newest=3)) == 1


def test_a_merge_is_not_counted_a_second_time(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    change(repo, "api.py", "schema.sql", times=2)
    repo.git("switch", "-q", "main")
    change(repo, "c.txt")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    (rule,) = companions(repo.root, ["api.py"], support=2)
    assert (rule.together, rule.of) == (2, 2)


def test_a_companion_that_is_gone_or_renamed_is_left_out_and_its_new_name_begins_anew(repo: Repo) -> None:
    change(repo, "api.py", "gone.py", "moved.py", times=3)
    repo.git("rm", "-q", "gone.py")
    repo.git("mv", "moved.py", "new.py")
    repo.commit({}, "tidy")
    assert companions(repo.root, ["api.py"]) == ()
    change(repo, "api.py", "new.py", times=3)
    assert companions(repo.root, ["api.py"]) == (Companion("api.py", "new.py", 3, 6, 0.5),)


def test_any_name_of_a_file_is_read_as_it_is(repo: Repo) -> None:
    odd = ["-p", 'a\n"b"\tc', "é ü", "M", "0" * 40, "[x]*?"]
    change(repo, "api.py", *odd, times=3)
    assert {rule.other for rule in companions(repo.root, ["api.py"])} == set(odd)
    assert {rule.other for rule in companions(repo.root, ["-p"])} == {"api.py", *odd} - {"-p"}


@pytest.mark.parametrize("commit", ["--output=made", "--all", "no-such-branch", "--"])
def test_what_is_no_commit_has_no_companions_and_is_no_option(repo: Repo, commit: str) -> None:
    change(repo, "api.py", "schema.sql", times=3)
    assert companions(repo.root, ["api.py"], commit=commit) == ()
    assert repo.status() == ""


def test_a_repository_named_like_an_option_is_read_and_an_empty_one_has_none(
    tmp_path: Path, config: Path
) -> None:
    root = tmp_path / "--help"
    root.mkdir()
    repo = Repo(root)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    assert companions(root, ["api.py"]) == ()
    repo.commit({"x": "x"}, "start")
    change(repo, "api.py", "schema.sql", times=3)
    assert len(companions(root, ["api.py"])) == 1


def test_a_repository_that_can_not_be_read_is_an_error(repo: Repo) -> None:
    change(repo, "api.py", "schema.sql", times=3)
    lost = repo.git("rev-parse", "HEAD~1")
    (repo.common / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(GitError, match="log"):
        companions(repo.root, ["api.py"])


def test_settings_of_the_user_change_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    change(repo, "src/api.py", "src/schema.sql", times=3)
    before = companions(repo.root, ["src/"])
    for key, value in {
        "log.showSignature": "true",
        "gpg.program": f"{repo.root}/none",
        "diff.renames": "copies",
        "diff.relative": "true",
        "diff.external": f"{repo.root}/none",
        "diff.mnemonicPrefix": "true",
        "log.diffMerges": "on",
        "format.pretty": "raw",
        "core.quotePath": "true",
        "core.pager": f"{repo.root}/none",
        "log.follow": "true",
        "color.ui": "always",
    }.items():
        repo.git("config", key, value)
    monkeypatch.setenv("GIT_DIR", str(repo.root / "elsewhere"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert companions(repo.root, ["src/"]) == before != ()


def test_two_thousand_commits_are_read_in_a_moment(repo: Repo) -> None:
    stream = []
    for n in range(2000):
        files = [f"src/d{(n + step) % 40}/m{(n * 7 + step) % 60}.py" for step in range(5)]
        changes = "".join(f"M 644 inline {file}\ndata {len(str(n))}\n{n}\n" for file in files)
        stream.append(f"commit refs/heads/main\ncommitter a <a@b> {n} +0000\ndata 1\nx\n{changes}\n")
    text = "".join(stream).encode()
    subprocess.run(["git", "fast-import", "--quiet", "--force"], input=text, cwd=repo.root, check=True)
    start = time.monotonic()
    assert companions(repo.root, ["src/**"])
    assert time.monotonic() - start < 3
