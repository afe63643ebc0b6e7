"""A conflict settled by hand, file by file."""

from __future__ import annotations

from test_conflicts import SHOW_ONLY, begun, clash, see

from engine.core.commands import Resolve
from engine.core.conflicts import ConflictState
from engine.core.settled import Settled


def test_a_conflict_of_which_one_file_is_settled_is_being_resolved() -> None:
    """M128, M129"""
    paper = begun("a", "b", **SHOW_ONLY)
    see(paper, clash("a", "b"), clash("a", "b", file="two.py"))

    def settle(file: str) -> ConflictState:
        paper.tell(Resolve("c1", (Settled(file, "1", "2", "3", "4"),), "ours", "kim"))
        return paper.state.conflicts["c1"].state

    assert settle("app.py") is ConflictState.RESOLVING
    see(paper, clash("a", "b"), clash("a", "b", file="two.py"))
    assert paper.state.conflicts["c1"].state is ConflictState.RESOLVING, "a look does not forget it"
    assert paper.state.conflicts["c1"].open
    assert settle("two.py") is ConflictState.RESOLVED
