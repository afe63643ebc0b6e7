"""A diff in order and side by side; nothing of it is lost, and only what is looked at is made."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.difference import LEAST_BESIDE, lines, read
from tui.lines import plain, width_of

DIFF = """\
diff --git a/src/app.py b/src/app.py
index 1111111..2222222 100644
--- a/src/app.py
+++ b/src/app.py
@@ -10,5 +10,6 @@ def run():
 before
-old one
-old two
+new one
+new two
+new three
 after
\\ No newline at end of file
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
"""


def test_lines_are_numbered_and_counted() -> None:
    found = read(DIFF)
    assert (found.files, found.added, found.removed) == (2, 3, 2)
    numbered = [(piece.kind, piece.old, piece.new) for piece in found.pieces if piece.kind in "+- "]
    assert numbered == [
        (" ", 10, 10),
        ("-", 11, 0),
        ("-", 12, 0),
        ("+", 0, 11),
        ("+", 0, 12),
        ("+", 0, 13),
        (" ", 13, 14),
    ]


def test_in_a_narrow_pane_the_lines_stand_in_order() -> None:
    text = plain(lines(read(DIFF), 80)).splitlines()
    assert text[0] == " src/app.py"
    assert text[1] == "   10 ⋯ def run():"
    assert text[3:6] == ["   11 - old one", "   12 - old two", "   11 + new one"]
    assert any("Binary files" in line for line in text)


def test_in_a_wide_pane_what_came_stands_beside_what_went() -> None:
    made = lines(read(DIFF), 120)
    rows = plain(made).splitlines()
    row = next(line for line in rows if "old two" in line)
    assert row.index("new two") > 59
    alone = next(line for line in rows if "new three" in line)
    assert alone.partition("│")[0].strip() == ""
    assert all(width_of(line) <= 120 for line in made)


def test_places_and_files_are_found_in_both_forms() -> None:
    for width in (80, 120):
        made = lines(read(DIFF), width)
        assert [plain([made[at]]).strip() for at in made.files] == ["src/app.py", "logo.png"]
        assert ["def run():" in plain([made[at]]) for at in made.places] == [True]


def test_only_what_is_looked_at_is_made() -> None:
    body = "\n".join(f"+line {number}" for number in range(50_000))
    made = lines(read(f"diff --git a/x b/x\n@@ -0,0 +1,50000 @@\n{body}"), 80)
    assert len(made) == 50_002
    assert "line 49999" in plain([made[-1 % len(made)]])
    assert len(made._made) == 1


texts = st.lists(st.text("ab\t é漢", max_size=8), max_size=12)


@given(texts, texts, st.integers(20, 200))
def test_every_line_of_both_sides_is_shown_whatever_the_width(
    old: list[str], new: list[str], width: int
) -> None:
    body = [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    found = read("\n".join(["diff --git a/f b/f", f"@@ -1,{len(old)} +1,{len(new)} @@", *body]))
    assert (found.removed, found.added) == (len(old), len(new))
    made = lines(found, width)
    rows = len(old) + len(new) if width < LEAST_BESIDE else max(len(old), len(new))
    assert len(made) == rows + 2
    assert all("\t" not in bit.text for line in made for bit in line)


def test_what_git_prints_is_understood(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    (tmp_path / "a b.txt").write_text("one\ntwo\n")
    (tmp_path / "gone.txt").write_text("x\n")
    git("add", "-A")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
    (tmp_path / "a b.txt").write_text("one\n--- two\n")
    (tmp_path / "gone.txt").rename(tmp_path / "moved.txt")
    git("add", "-A")
    found = read(git("diff", "--cached", "-M"))
    assert [piece.text for piece in found.pieces if piece.kind == "f"] == ["a b.txt", "gone.txt → moved.txt"]
    assert [piece.text for piece in found.pieces if piece.kind == "+"] == ["--- two"]
