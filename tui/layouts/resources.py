"""What the machine has, what each thread takes of it, and what stays with the machine (M074)."""

from __future__ import annotations

from collections.abc import Iterator

from engine import BUILD, BUILDS, Plan, Supply, Task, supplies
from tui.layouts.strategy import open_tasks
from tui.layouts.wording import amount, cleaned

GIB = 2**30
_MACHINE = ("cores", "ram")


def resources(plan: Plan) -> list[str]:
    """The lines about `plan`, whose `machine` says cores and memory as given or as measured."""
    there = {BUILD: Supply(BUILDS), **supplies(plan)}
    lines = ["Resource Planning:", "", "Available:", *_available(plan, there), "", "Allocation:"]
    for number, task in enumerate(open_tasks(plan), start=1):
        lines += [f"Thread {number} ({task.id}):", *(f"- {text}" for text in _taken(task, there)), ""]
    lines += ["Reserved:", *_reserved(plan)]
    return cleaned(lines)


def _available(plan: Plan, there: dict[str, Supply]) -> Iterator[str]:
    if plan.machine.cores:
        yield f"- {amount(plan.machine.cores, 'CPU core')}"
    if plan.machine.ram:
        yield f"- {_memory(plan.machine.ram)} RAM"
    for name, supply in there.items():
        if name not in _MACHINE:
            yield f"- {amount(supply.count, f'concurrent {name}')}"


def _taken(task: Task, there: dict[str, Supply]) -> Iterator[str]:
    if cores := task.resources.get("cores"):
        yield amount(cores, "core")
    if ram := task.resources.get("ram"):
        yield f"{_memory(ram)} RAM"
    for name, much in task.resources.items():
        if name not in _MACHINE:
            shared = much == 1 and (name not in there or there[name].count == 1)
            yield f"{_title(name)} access" if shared else amount(much, name)
    if not any(task.resources.values()):
        yield "Minimal resources"
        if task.type == "docs":
            yield "Documentation only"


def _reserved(plan: Plan) -> Iterator[str]:
    machine = plan.machine
    if machine.reserved_cores:
        yield f"- {amount(machine.reserved_cores, 'core')} for IDE/tools"
    if machine.reserved_ram:
        yield f"- {_memory(machine.reserved_ram)} RAM for system"
    if not machine.reserved_cores and not machine.reserved_ram:
        yield "- nothing"


def _memory(size: float) -> str:
    """Gigabytes of 2**30 bytes, as resource plans write them."""
    return f"{size / GIB:.3g}GB"


def _title(name: str) -> str:
    return name.upper() if len(name) <= 3 else name.capitalize()
