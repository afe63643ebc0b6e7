"""The examples and the page about the format are true to the code."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from engine.core import durations
from engine.core.graph import critical_path
from engine.core.plan import Plan, Settings, Task
from engine.importers.fields import PLAN, all_fields
from engine.importers.loading import load, validate, validate_texts

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo.yaml"
PAGE = (ROOT / "docs" / "plan-format.md").read_text()
PLANS = sorted(set((ROOT / "examples").glob("*.yaml")) - {ROOT / "examples" / "answers.yaml"})


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_an_example_has_neither_errors_nor_warnings(path: Path) -> None:
    found = validate([path])
    assert (found.errors, found.warnings) == ((), ())


def test_the_demo_is_the_story_of_six_agents_in_three_waves() -> None:
    plan = load(DEMO)
    assert [wave.tasks for wave in plan.waves] == [
        ("doctype-designer", "api-architect", "ui-layout-designer"),
        ("api-developer", "vue-spa-architect"),
        ("workflow-specialist",),
    ]
    assert critical_path(plan.tasks) == (("doctype-designer", "api-developer", "workflow-specialist"), 3000.0)


def test_the_demo_edits_apply_and_no_two_tasks_of_a_wave_touch_one_file() -> None:
    plan = load(DEMO)
    files: dict[str, str] = {}
    for wave in plan.waves:
        touched = [_play(plan.task(task_id), files) for task_id in wave.tasks]
        assert sum(map(len, touched)) == len(set().union(*touched))
    assert "raise NotImplementedError" not in files["api/endpoints.py"]
    compile(files["api/endpoints.py"] + files["hooks.py"], "api", "exec")


def _play(task: Task, files: dict[str, str]) -> set[str]:
    """Do a simulated task's edits on `files`; the paths it touched."""
    assert task.simulate is not None
    touched: set[str] = set()
    for step in task.simulate.do:
        assert step.at <= task.simulate.duration
        if step.write is not None:
            files[step.write.path] = step.write.text
            touched.add(step.write.path)
        if step.append is not None:
            files[step.append.path] += step.append.text
            touched.add(step.append.path)
        if step.replace is not None:
            assert files[step.replace.path].count(step.replace.old) == 1
            files[step.replace.path] = files[step.replace.path].replace(step.replace.old, step.replace.new)
            touched.add(step.replace.path)
    assert all(any(PurePath(path).match(pattern) for pattern in task.files) for path in touched)
    return touched


@pytest.mark.parametrize("key", all_fields(PLAN))
def test_the_page_about_the_format_mentions_every_key(key: str) -> None:
    assert f"`{key.rsplit('.', 1)[-1].removesuffix('[]')}`" in PAGE


def test_the_plans_on_the_page_are_plans() -> None:
    blocks = [block.split("```")[0] for block in PAGE.split("```yaml\n")[1:]]
    plans = [block for block in blocks if block.startswith("wavetree: 1")]
    assert len(plans) >= 2
    for block in plans:
        assert validate_texts([("page.yaml", block.encode())]).errors == ()


def test_the_defaults_in_the_table_are_those_of_the_code() -> None:
    settings, fields = Settings(), all_fields(PLAN)
    for key in ("poll_interval", "scan_interval", "stop_grace", "quiet_after"):
        assert durations.parse(fields[f"settings.{key}"].default).most == getattr(settings, key)
    for key in ("land", "merge_order"):
        assert fields[f"settings.{key}"].default == getattr(settings, key).value
    given = validate_texts(
        [
            (
                "p.yaml",
                b"wavetree: 1\ntasks: [{id: a, run: x}]\nsettings: {log_limit: 256MB, link_speed: 125MB/s}",
            )
        ]
    )
    assert given.plan is not None
    assert given.plan.settings == settings
    assert fields["slots"].default == str(Plan(name="", tasks=(), waves=()).slots)
