"""What the benchmarks run on: plans of layers, and repositories with many files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from engine import Land, Need, Plan, Settings, StartPolicy, Task, Wave


def layered(tasks: int, layers: int, *, policy: StartPolicy = StartPolicy.WAVE, run: str = "true") -> Plan:
    """A plan of `tasks` in `layers` waves; each task needs one or two of the layer before. In `run`, `{task}`
    stands for the task's name."""
    width = max(1, tasks // layers)
    made: list[Task] = []
    waves: list[Wave] = []
    for number in range(tasks):
        layer, place = divmod(number, width)
        layer = min(layer, layers - 1)
        name = f"t{number:04d}"
        needs = () if layer == 0 else needed(layer, place, width)
        made.append(Task(name, run=run.replace("{task}", name), needs=tuple(Need(need) for need in needs)))
        if len(waves) <= layer:
            waves.append(Wave(layer + 1, f"layer {layer + 1}", ()))
        waves[layer] = msgspec.structs.replace(waves[layer], tasks=(*waves[layer].tasks, name))
    settings = Settings(land=Land.WAVE)
    return Plan(
        "layered", tuple(made), tuple(waves), base="main", slots=2, start_policy=policy, settings=settings
    )


def needed(layer: int, place: int, width: int) -> tuple[str, ...]:
    """The names of the tasks of the layer before that the one at `place` needs."""
    before = (layer - 1) * width
    return tuple(f"t{before + other:04d}" for other in sorted({place % width, (place * 3 + 1) % width}))


def as_file(plan: Plan, path: Path) -> Path:
    """The plan as a file that `wavetree run` takes."""
    content = {
        "wavetree": 1,
        "name": plan.name,
        "slots": plan.slots,
        "start_policy": plan.start_policy.value,
        "tasks": [
            {"id": task.id, "agent": "shell", "run": task.run, "needs": [need.task for need in task.needs]}
            for task in plan.tasks
        ],
        "waves": [{"name": wave.name, "tasks": list(wave.tasks)} for wave in plan.waves],
    }
    path.write_bytes(msgspec.json.encode(content))
    return path


def repository(path: Path, files: int) -> Path:
    """A git repository with one commit of `files` small files in folders of fifty."""
    for number in range(files):
        folder = path / f"part{number // 50:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number:05d}.py").write_text(f'"""File {number}."""\n\n' + f"X = {number}\n" * 20)
    for args in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "bench"),
        ("config", "user.email", "bench@localhost"),
        ("add", "-A"),
        ("commit", "-q", "-m", "begin"),
        ("gc", "-q"),
    ):
        subprocess.run(["git", *args], cwd=path, check=True)
    return path
