"""Killed at any one step of its journal, and taken up again, a run ends like one left alone (M162, M163)."""

from __future__ import annotations

from pathlib import Path

import pytest
from crashes import FULL, Crashes, fresh

STRIDE = 1 if FULL else 13
SHARES = 4 if FULL else 2


def crashed(crashes: Crashes, side: str, number: int, tree: str) -> bool:
    """Whether the run got as far as write `number`; it was killed there, and ended well after that."""
    if not crashes.crash(side, number):
        return False
    crashes.finish()
    assert crashes.faults(tree) == [], f"{side} write {number}\n{crashes.log()}"
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
