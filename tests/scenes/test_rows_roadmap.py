"""M142: after a run the roadmap says what is done; what an agent left out is put right in one commit."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stagehand import Scene

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
PLACE = "docs/roadmap/ROADMAP.md"


def started(scene: Scene, content: bytes, settings: str = "", *numbers: str) -> bytes:
    """The content of the roadmap on main after a run of 65 and 66, whose agents add a file each."""
    file = scene.repo / PLACE
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    coder = "agents:\n  coder: {command: [sh, -c, 'mkdir -p src; echo {task} > src/{task}.py']}\n"
    (scene.repo / ".wavetree.yaml").write_text(coder + settings)
    scene.git("add", "-A")
    scene.git("commit", "-qm", "the roadmap")
    words = ("parallel", *(numbers or ("65", "66")), "--agent", "coder", "--headless", "--auto-approve")
    scene(*words)
    assert scene.ended()["state"] == "done", scene.status()
    assert scene.git("status", "--porcelain") == ""
    return (scene.repo / PLACE).read_bytes()


def heading(content: bytes, number: int) -> str:
    found = re.search(rb"^###? PRIORITY %d.*$" % number, content, re.MULTILINE)
    assert found
    return found[0].decode("utf-8", "replace")


@pytest.mark.parametrize("name", ["004_ROADMAP.md", "004_ROADMAP_mojibake.md"])
def test_merged_priorities_are_complete_with_the_date_and_nothing_else_has_changed(
    scene: Scene, name: str
) -> None:
    before = (DOCUMENTS / name).read_bytes()
    after = started(scene, before)
    today = datetime.now(UTC).date().isoformat()
    for number in (65, 66):
        assert heading(after, number).endswith(f"✅ Complete ({today})")
    changed = [
        (old, new) for old, new in zip(before.split(b"\n"), after.split(b"\n"), strict=True) if old != new
    ]
    assert all(old.startswith(b"###") or b"Status" in old for old, _ in changed)
    assert heading(after, 67) == heading(before, 67)
    subjects = scene.git("log", "--format=%s", "main").splitlines()
    assert [words for words in subjects if words.startswith("Mark ")] == ["Mark 65, 66 as complete"]
    assert "✅ Marked as complete in docs/roadmap/ROADMAP.md: 65, 66" in scene("attach", "--headless").out


def test_an_agent_that_did_it_itself_is_not_corrected(scene: Scene) -> None:
    today = datetime.now(UTC).date().isoformat()
    text = f"# Roadmap\n\n### PRIORITY 65: One 📝 Planned\n\n### PRIORITY 66: Two ✅ Complete ({today})\n"
    after = started(scene, text.encode(), "", "65")
    assert heading(after, 65).endswith(f"✅ Complete ({today})")
    assert heading(after, 66).endswith(f"Two ✅ Complete ({today})")
    assert scene.events("SyncMade")[-1]["data"]["unmarked"] == ["65"]


def test_a_status_line_counts_and_what_is_marked_once_is_not_marked_again(scene: Scene) -> None:
    text = "# Roadmap\n\n### PRIORITY 65: One\n**Status**: 📝 Planned\n"
    text += "\n### PRIORITY 66: Two\n**Status**: 📝 Planned\n**Dependencies**: PRIORITY 65\n"
    after = started(scene, text.encode()).decode()
    today = datetime.now(UTC).date().isoformat()
    assert after.count(f"**Status**: ✅ Complete ({today})") == 2
    assert after.replace(f"✅ Complete ({today})", "📝 Planned") == text
    subjects = scene.git("log", "--format=%s", "main").splitlines()
    assert [words for words in subjects if words.startswith("Mark ")] == [
        "Mark 66 as complete",
        "Mark 65 as complete",
    ]


def test_off_means_only_told(scene: Scene) -> None:
    before = (DOCUMENTS / "004_ROADMAP.md").read_bytes()
    assert started(scene, before, "roadmap_autofix: false\n") == before
    assert "roadmap_autofix is off" in scene("status").out
