"""M205: batches of priorities from Python, under the names that the documents use."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stagehand import Done, Scene

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
AGENTS = {
    "agent": "code_developer",
    "agents": {"code_developer": {"command": ["sh", "-c", "echo {task} > {task}.txt"]}},
}
BATCH = """
import json
from tui.batches import NotificationManager, ParallelExecutionCoordinator, generate_summary
coordinator = ParallelExecutionCoordinator()
"""


@pytest.fixture
def project(scene: Scene) -> Scene:
    """A repository with the documents' roadmap and an agent."""
    roadmap = (DOCUMENTS / "004_ROADMAP.md").read_text(encoding="utf-8")
    settings = AGENTS | {"notify_command": ["sh", "-c", f"cat >> {scene.folder}/told"]}
    scene.write({"docs/roadmap/ROADMAP.md": roadmap, ".wavetree.yaml": json.dumps(settings)})
    scene.git("add", "-A")
    scene.git("commit", "-qm", "the roadmap")
    return scene


def python(project: Scene, code: str) -> Done:
    """What a script prints that a person runs in the repository."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.repo,
        env=project.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def batch(project: Scene, call: str) -> Any:
    """What `coordinator.<call>` returns."""
    return python(project, f"{BATCH}print(json.dumps(coordinator.{call}))").data


def test_the_documents_example_runs_with_only_its_import_changed(project: Scene) -> None:
    """M205: success, two merges, the five stages, and what the roadmap says after it"""
    text = (DOCUMENTS / "004_example_workflow.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    theirs = "from coffee_maker.orchestrator.parallel_execution_coordinator import"
    assert theirs in code and "auto_approve=False" in code
    code = code.replace(theirs, "from tui.batches import").replace("auto_approve=False", "auto_approve=True")
    done = python(project, f"{code}\nimport json\nprint(json.dumps(result))")
    assert done.data["success"] is True
    assert done.data["merge_results"] == {"65": "merged successfully", "66": "merged successfully"}
    for stage in ("Creating worktrees", "Spawning instances", "Monitoring", "Merging", "Cleanup"):
        assert f"{stage}...\n" in done.out
    assert "✅ Completed in 0.0 hours\nVelocity increase: 100%" in done.out
    assert project.git("log", "--merges", "--format=%s", "main").count("\n") == 1


def test_the_separation_of_priorities_is_the_documents_object(project: Scene) -> None:
    """M205, M043"""
    expected = json.loads((DOCUMENTS / "004_task_separation_valid.json").read_text())
    assert batch(project, "_validate_task_separation([65, 66, 67])") == expected
    wrong = batch(project, "_validate_task_separation([65, 99])")
    assert wrong["valid"] is False and "there is no ticket '99'" in wrong["reason"]


def test_what_goes_wrong_is_in_the_result_and_nothing_is_raised(project: Scene) -> None:
    """M205: before the start, and when an agent fails"""
    call = "execute_parallel_batch(priority_ids=[65, 66], auto_approve=True)"
    project.write({"app.txt": "changed\n"})
    dirty = batch(project, call)
    assert dirty["success"] is False and "has uncommitted changes" in dirty["error"]
    assert dirty["merge_results"] == {} and project.worktrees() == [str(project.repo)]
    project.git("checkout", "-q", "app.txt")
    settings = AGENTS | {"agents": {"code_developer": {"command": ["no-such-program", "{task}"]}}}
    project.write({".wavetree.yaml": json.dumps(settings)})
    project.git("commit", "-qam", "an agent that is not there")
    done = python(project, f"{BATCH}result = coordinator.{call}\nprint(generate_summary(result))")
    assert "Parallel Execution Failed ❌" in done.out and "Success Rate: 0/2 (0%)" in done.out
    assert "65" in done.out and "no-such-program" in done.err


def test_without_auto_approve_the_batch_waits_for_a_person(project: Scene) -> None:
    """M205: the call says so and leaves the run to them"""
    result = batch(project, "execute_parallel_batch([65, 66])")
    assert (result["success"], result["error"]) == (False, "wave 1 waits for an approval")
    project("approve")
    assert project.ended()["state"] == "done"


def test_a_finished_branch_waits_without_auto_merge(project: Scene) -> None:
    """M205"""
    code = f"{BATCH}coordinator.auto_merge = False\n"
    done = python(project, f"{code}print(json.dumps(coordinator.execute_parallel_batch([65], True)))")
    assert done.data["merge_results"] == {"65": "ready to merge"}
    assert "wavetree approve 65" in done.out


def test_a_script_tells_what_it_has_to_tell(project: Scene) -> None:
    """M205, M194: in the run's file and to the command, also where an event loop runs"""
    call = "title='Done', message='both', level='warning', sound=False, agent_id='me'"
    code = f"""{BATCH}
import asyncio
coordinator.execute_parallel_batch([65], auto_approve=True)
async def main(): NotificationManager().create_notification({call})
asyncio.run(main())
try: NotificationManager().create_notification('a', 'b', level='loud')
except Exception as error: print(error)
"""
    assert python(project, code).out.splitlines()[-1] == "found the level 'loud'"
    told = {"title": "Done", "message": "both", "level": "warning", "sound": False, "agent_id": "me"}
    file = project.repo / ".git" / "wavetree" / "runs" / "r1" / "notifications.jsonl"
    assert json.loads(file.read_text().splitlines()[-1]) == told
    assert json.loads((project.folder / "told").read_text().splitlines()[-1]) == told
