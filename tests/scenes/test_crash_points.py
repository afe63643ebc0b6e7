"""Killed at any one step of its journal, and taken up again, a run ends like one left alone (M162, M163)."""

from __future__ import annotations

from pathlib import Path

import pytest
from crashes import FULL, Crashes, fresh

STRIDE = 1 if FULL else 7
SHARES = 4 if FULL else 2


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tree on the base branch after a run that nobody disturbs."""
    with fresh(tmp_path_factory.mktemp("alone") / "run") as crashes:
        assert not crashes.crash("never", 0)
        tree = crashes.tree()
        assert crashes.faults(tree) == []
        assert crashes.scene.show("four.txt") == "two\none\nmore"
        assert crashes.scene.show("app.txt") == "a\nB\nc"
    return tree


def crashed(crashes: Crashes, side: str, number: int, tree: str) -> bool:
    """Whether the run got as far as append `number`; it was killed there, and ended well after that."""
    if not crashes.crash(side, number):
        return False
    crashes.finish()
    assert crashes.faults(tree) == [], f"{side} append {number}\n{crashes.log()}"
    return True


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_run_killed_at_one_step_ends_like_one_left_alone(
    tmp_path: Path, alone: str, side: str, share: int
) -> None:
    number = 1 + share * STRIDE + (STRIDE // 2 if side == "after" else 0)
    killed = 0
    while True:
        with fresh(tmp_path / f"{side}{number}") as crashes:
            if not crashed(crashes, side, number, alone):
                break
        killed += 1
        number += STRIDE * SHARES
    assert killed >= 30 // (STRIDE * SHARES)
