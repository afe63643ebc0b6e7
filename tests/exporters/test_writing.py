"""Documents reach the disk whole, inside their folder, and never over others unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.errors import UsageError
from engine.exporters.writing import write


def test_documents_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "deep"
    assert write(folder, {"a.md": "ä\n", "b.md": "b"}) == (folder / "a.md", folder / "b.md")
    assert (folder / "a.md").read_bytes() == "ä\n".encode()
    assert sorted(path.name for path in folder.iterdir()) == ["a.md", "b.md"]


def test_a_file_that_is_there_stops_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("mine")
    with pytest.raises(UsageError, match=r"b\.md: is there already with another content; nothing was"):
        write(tmp_path, {"a.md": "a", "b.md": "b"})
    assert [path.name for path in tmp_path.iterdir()] == ["b.md"]
    write(tmp_path, {"a.md": "a", "b.md": "b"}, force=True)
    assert (tmp_path / "b.md").read_text() == "b"


def test_only_what_differs_stops_the_rest_and_all_of_it_is_named(tmp_path: Path) -> None:
    for name in ("same.md", "b.md", "c.md"):
        (tmp_path / name).write_text(name)
    before = (tmp_path / "same.md").stat().st_ino
    with pytest.raises(UsageError) as caught:
        write(tmp_path, {"new.md": "n", "same.md": "same.md", "b.md": "1.md", "c.md": "longer"})
    assert str(caught.value).startswith(f"{tmp_path / 'b.md'}, {tmp_path / 'c.md'}: are there already")
    assert not (tmp_path / "new.md").exists()
    written = write(tmp_path, {"new.md": "n", "same.md": "same.md"})
    assert [path.name for path in written] == ["new.md", "same.md"]
    assert (tmp_path / "same.md").stat().st_ino == before


@pytest.mark.parametrize("name", ["../a", "/a", "a/b", "", ".", "..", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is not the name of a file"):
        write(tmp_path / "in", {"good.md": "x", name: "x"}, force=True)
    assert list(tmp_path.iterdir()) == []


def test_a_link_and_a_folder_are_left_as_they_are(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    folder = tmp_path / "in"
    (folder / "folder.md").mkdir(parents=True)
    (folder / "link.md").symlink_to(target)
    for name in ("folder.md", "link.md"):
        with pytest.raises(UsageError, match="not an ordinary file"):
            write(folder, {name: "x"}, force=True)
    assert target.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "file" / "in", {"a.md": "x"})
