"""What a person chose for a file in conflict: for exactly these two texts, never for others (M129)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

Stages = tuple[str, str, str]
"""The blobs of a file in conflict: of the merge base, of the first side, of the second; empty for none."""


class Settled(Struct, frozen=True):
    """Where `ours` and `theirs` meet in `file`, both come from `base`, it becomes `blob`; each is an object's
    name, empty where there is no file. `conflict` is the id of the record that it answers."""

    file: str
    base: str
    ours: str
    theirs: str
    blob: str
    conflict: str = ""


def answer_to(settled: Iterable[Settled], file: str, stages: Sequence[str]) -> Settled | None:
    """The newest answer for these blobs, whichever of the two sides is the first."""
    base, one, two = stages
    found = None
    for each in settled:
        if (each.file, each.base) == (file, base) and {each.ours, each.theirs} == {one, two}:
            found = each
    return found


def placed(settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """The same answers, for when the answer itself stands in the place of the second side already."""
    return tuple(
        Settled(each.file, each.base, each.ours, each.blob, each.blob, each.conflict) for each in settled
    )
