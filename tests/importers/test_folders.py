"""A folder's bare name in a plan is a folder as soon as something below it is declared."""

from __future__ import annotations

import pytest

from engine.core.clashes import clashes
from engine.importers.loading import validate_texts


def plan_of(*files: str, more: str = "") -> bytes:
    tasks = "".join(f"  - {{id: t{n}, run: x, files: ['{file}']}}\n" for n, file in enumerate(files))
    return f"wavetree: 1\ntasks:\n{tasks}{more}".encode()


def test_a_folder_by_its_bare_name_clashes_with_a_file_below_it() -> None:
    found = validate_texts([("plan.yaml", plan_of("src", "src/config.ts"))])
    assert found.plan is not None
    assert [task.files for task in found.plan.tasks] == [("src/",), ("src/config.ts",)]
    assert len(clashes(found.plan)) == 1
    assert [str(fault) for fault in found.warnings] == [
        "plan.yaml:3: tasks[0].files[0]: src is a folder; written src/"
    ]


@pytest.mark.parametrize(
    ("folder", "below", "written"),
    [
        ("./src", "src/a.py", "./src/"),
        ("src/api", "./src/api/*.py", "src/api/"),
        ("conf.d", "conf.d/a.conf", "conf.d/"),
        ("src", "src/a.py::main", "src/"),
        ("docs", "docs/**", "docs/"),
        ("src", "src/", "src/"),
        ("app/[id]", "app/[id]/page.tsx", "app/[id]/"),
    ],
)
def test_what_lies_below_a_name_makes_it_a_folder(folder: str, below: str, written: str) -> None:
    found = validate_texts([("plan.yaml", plan_of(folder, below))])
    assert found.plan is not None
    assert found.plan.tasks[0].files == (written,)


@pytest.mark.parametrize("others", [("source/a.py",), ("a/src/b.py",), ("src",), ("s*/a.py",)])
def test_a_name_with_nothing_below_stays_one_path(others: tuple[str, ...]) -> None:
    found = validate_texts([("plan.yaml", plan_of("src", *others))])
    assert found.plan is not None
    assert found.plan.tasks[0].files == ("src",)
    assert found.warnings == ()


def test_reads_and_file_rules_count_too() -> None:
    more = "  - {id: r, run: x, reads: [src]}\nfile_rules: [{file: src, resolution: final_merge_step}]\n"
    found = validate_texts([("plan.yaml", plan_of("src/a.py", more=more))])
    assert found.plan is not None
    assert found.plan.task("r").reads == ("src/",)
    assert found.plan.file_rules[0].file == "src/"
    assert [fault.path for fault in found.warnings] == ["tasks[1].reads[0]", "file_rules[0].file"]
