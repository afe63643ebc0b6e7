"""A file in conflict before the person's own merge tool (M129): real git, a real tool that is a script."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import git
import pytest

from engine.core.errors import Refused
from engine.core.hunks import Part
from engine.edge.git_sides import Sides
from engine.edge.mergetool import lay_out, taken

PARTS = (Part("a\n"), Part("", "b\n", "ours\n", "theirs\n", True))
ONE = Sides("src/it's.py", "a", "b", ("0", "1", "2"), b"a\nb\n", b"a\nours\n", b"a\ntheirs\n", PARTS)


JOIN = "import sys; one, two, out = sys.argv[1:]; open(out, 'w').write(open(one).read() + open(two).read())"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository whose merge tool joins what both sides have."""
    place = tmp_path / "checkout"
    git.Repo.init(place).close()
    use(place, f'{sys.executable} -c {shlex.quote(JOIN)} "$LOCAL" "$REMOTE" "$MERGED"')
    return place


def use(place: Path, tool: str) -> None:
    settings = git.Repo(place).git
    settings.config("merge.tool", "mine")
    settings.config("mergetool.mine.cmd", tool)
    settings.config("mergetool.mine.trustExitCode", "true")


def opened(checkout: Path, one: Sides, folder: Path, typed: str = "") -> int:
    folder.mkdir()
    words = lay_out(checkout, one, folder)
    return subprocess.run(words, capture_output=True, input=typed.encode(), check=False).returncode


def test_the_tool_gets_both_sides_and_what_it_writes_is_taken(checkout: Path, tmp_path: Path) -> None:
    assert opened(checkout, ONE, tmp_path / "ground") == 0
    assert taken(ONE, tmp_path / "ground") == b"a\nours\na\ntheirs\n"


def test_a_tool_that_fails_or_leaves_a_mark_settles_nothing(checkout: Path, tmp_path: Path) -> None:
    use(checkout, "false")
    assert opened(checkout, ONE, tmp_path / "one") != 0
    with pytest.raises(Refused, match="left the conflict as it was"):
        taken(ONE, tmp_path / "one")
    use(checkout, "true")
    assert opened(checkout, ONE, tmp_path / "two") == 0
    with pytest.raises(Refused, match="line 2: a conflict mark is left"):
        taken(ONE, tmp_path / "two")


def test_a_file_that_one_side_deleted_is_kept_or_deleted_as_the_person_answers(
    checkout: Path, tmp_path: Path
) -> None:
    one = Sides("src/a.py", "a", "b", ("0", "1", "2"), b"a\n", b"b\n", None)
    assert opened(checkout, one, tmp_path / "kept", "m\n") == 0
    assert taken(one, tmp_path / "kept") == b"b\n"
    assert opened(checkout, one, tmp_path / "gone", "d\n") == 0
    assert taken(one, tmp_path / "gone") is None
