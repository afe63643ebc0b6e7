"""`parallel_block_design`: blocks become waves, `sequential_agents` those that go one by one (M006)."""

from __future__ import annotations

import re

from engine.importers.making import Maker, by_word, items_of, text_of
from engine.importers.nodes import Entries, Node
from engine.importers.shapes import words_of

KIND = "block design"
KEYS = ("parallel_block_design",)

_BLOCK = re.compile(r"(?:block|batch|wave)?[-_ ]?([0-9]{1,4})", re.IGNORECASE)
_WORDS = words_of(
    {
        "name": ("title",),
        "parallel_agents": ("agents",),
        "sequential_agents": (),
        "dependencies": ("depends_on",),
        "success_criteria": ("criteria",),
        "conflict_monitoring": ("watch",),
    }
)


def translate(root: Node, make: Maker) -> Node:
    """The blocks in the order of their numbers. `estimated_duration` and `conflict_risk` are kept beside, to
    be compared with what is computed."""
    assert isinstance(root, Entries), "importers with keys are given mappings"
    design = root.entries[0][1]
    if not isinstance(design, Entries):
        make.error(design, "accepted: a mapping with block_1, block_2 and so on")
        return make.entries({}, root)
    blocks: list[tuple[int, Node]] = []
    for key, node in design.entries:
        found = _BLOCK.fullmatch(key.text)
        if found is None or not isinstance(node, Entries):
            make.error(node, f"found {key.text[:60]!r}; accepted: block_1, block_2 and so on, each a mapping")
        else:
            blocks.append((int(found[1]), node))
    numbers = {number: place for place, (number, _) in enumerate(sorted(blocks, key=_first), start=1)}
    waves = [_wave(node, numbers, make) for _, node in sorted(blocks, key=_first)]
    return make.entries({"waves": make.items(waves, design)}, root)


def _first(block: tuple[int, Node]) -> int:
    return block[0]


def _wave(block: Node, numbers: dict[int, int], make: Maker) -> Node:
    assert isinstance(block, Entries), "only mappings are blocks"
    known, unknown = by_word(block, _WORDS)
    if "parallel_agents" in known and "sequential_agents" in known:
        make.error(block, "has parallel_agents and sequential_agents; accepted: one of them")
    mode = "sequential" if "sequential_agents" in known else "parallel"
    return make.entries(
        {
            "name": known.get("name"),
            "tasks": known.get("parallel_agents") or known.get("sequential_agents"),
            "mode": make.text(mode, block),
            "needs": _needs(known.get("dependencies"), numbers, make),
            "criteria": known.get("success_criteria"),
            "watch": known.get("conflict_monitoring"),
            "extra": make.entries(unknown, block) if unknown else None,
        },
        block,
    )


def _needs(node: Node | None, numbers: dict[int, int], make: Maker) -> Node | None:
    if node is None:
        return None
    needs: list[Node] = []
    for item in items_of(node):
        found = _BLOCK.fullmatch(text_of(item))
        if found is None or int(found[1]) not in numbers:
            make.error(item, f"found {text_of(item)[:60]!r}; accepted: a block of this design")
        else:
            needs.append(make.value(numbers[int(found[1])], item))
    return make.items(needs, node)
