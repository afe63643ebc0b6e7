"""The native plan: what is accepted, and what each mistake is called."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import PlanError
from engine.core.plan import (
    Gate,
    Handling,
    Land,
    MergeOrder,
    Mode,
    Need,
    Plan,
    Span,
    StartPolicy,
)
from engine.core.simulation import Replace, SimulatedError, Write
from engine.importers.loading import load, loads, validate, validate_texts
from engine.importers.nodes import MAX_FAULTS, MAX_ITEMS, TOO_MANY

FULL = """
wavetree: 1
name: avatar-week
base: release/2.1
slots: 2
start_policy: dependency
agents:
  coder: {command: ["my-agent", "-p", "{prompt}"]}
  quick: {kind: claude, env: {MODEL: small, RETRIES: 3}}
setup: {copy: [.env], link: [node_modules], run: "npm ci", timeout: 5m}
tasks:
  - id: PROJ-123
    title: Add user avatar upload
    type: feature
    run: |
      printf 'x\\n' > src/avatar.ts
    files: [src/avatar.ts, "api/*.py"]
    reads: ["doctype/**/*.json"]
    estimate: 10-15 minutes
    resources: {build: 1, ram: 4GB, disk: 1.5 MB}
    steps: [Create branch, Write tests]
    timeout: 1h
  - id: 65
    agent: simulated
    needs: [PROJ-123, {task: no, milestone: schema done}]
    simulate:
      duration: 3s
      do:
        - {at: 0.5s, write: {path: src/config.ts, text: "a\\nb\\n"}}
        - {at: 1, replace: {path: src/config.ts, old: "b", new: ""}}
        - {at: 1.2s, progress: 40, says: testing, tests: 12/15, milestone: m, step: 2, cost_usd: 0.12}
        - {at: 1.5s, spawn: 30s, output: 12:30, commit: yes, delete: src/config.ts}
      exit: 3
      error: {type: ValidationError, message: bad, recoveryHints: [look]}
  - {id: no, agent: coder, title: 2024, complete: true}
waves:
  - {name: Foundation, tasks: [PROJ-123, no], mode: serial}
  - {tasks: [65]}
gates:
  task: [{name: unit, run: make test, timeout: 10m}]
conflicts: {handling: escalation_to_orchestrator, ignore: ["*.lock"]}
settings: {land: end, auto_merge: no, merge_order: plan, poll_interval: 2s, scan_interval: 5, stop_grace: 0,
  log_limit: 1MB, quiet_after: 2 minutes, link_speed: 1Gbit/s, resource_limits: {start_cpu_percent: 50.5},
  max_cpu_percent: 80}
x-note: {anything: [goes, here]}
"""


def plan_with(text: str) -> str:
    """A small good plan with more lines at its end."""
    return f"wavetree: 1\ntasks:\n  - {{id: a, run: x}}\n  - {{id: b, run: x}}\n{text}"


def errors(text: str) -> list[str]:
    return [str(fault) for fault in validate_texts([("plan.yaml", text.encode())]).errors]


def warnings(text: str) -> list[str]:
    found = validate_texts([("plan.yaml", text.encode())])
    assert found.errors == ()
    return [str(fault) for fault in found.warnings]


def test_every_key_of_the_format_arrives_in_the_plan() -> None:
    plan = loads(FULL)
    first, second, third = plan.tasks
    assert (plan.name, plan.base, plan.slots, plan.start_policy) == (
        "avatar-week",
        "release/2.1",
        2,
        StartPolicy.DEPENDENCY,
    )
    assert plan.agents["coder"].command == ("my-agent", "-p", "{prompt}")
    assert (plan.agents["coder"].kind, plan.agents["quick"].kind) == ("command", "claude")
    assert plan.agents["quick"].env == {"MODEL": "small", "RETRIES": "3"}
    assert (plan.setup.copy, plan.setup.link, plan.setup.run, plan.setup.timeout) == (
        (".env",),
        ("node_modules",),
        "npm ci",
        300.0,
    )
    assert first.run == "printf 'x\\n' > src/avatar.ts\n"
    assert first.estimate == Span(600, 900)
    assert first.resources == {"build": 1.0, "ram": 4.0 * 2**30, "disk": 1.5 * 2**20}
    assert (first.files, first.reads) == (("src/avatar.ts", "api/*.py"), ("doctype/**/*.json",))
    assert (first.steps, first.timeout) == (("Create branch", "Write tests"), 3600.0)
    assert second.needs == (Need("PROJ-123"), Need("no", "schema done"))
    assert (third.id, third.title, third.agent, third.complete) == ("no", "2024", "coder", True)
    assert [(wave.number, wave.name, wave.tasks, wave.mode) for wave in plan.waves] == [
        (1, "Foundation", ("PROJ-123", "no"), Mode.SEQUENTIAL),
        (2, "Wave 2", ("65",), Mode.PARALLEL),
    ]
    assert plan.gates.task == (Gate("unit", "make test", 600.0),)
    assert (plan.conflicts.handling, plan.conflicts.ignore) == (Handling.ESCALATE, ("*.lock",))


def test_the_simulation_and_the_settings_arrive_in_the_plan() -> None:
    plan = loads(FULL)
    simulate = plan.tasks[1].simulate
    assert simulate is not None
    assert (simulate.duration, simulate.exit, simulate.hang) == (3.0, 3, False)
    assert simulate.do[0].write == Write("src/config.ts", "a\nb\n")
    assert (simulate.do[1].at, simulate.do[1].replace) == (1.0, Replace("src/config.ts", "b", ""))
    assert (simulate.do[2].progress, simulate.do[2].tests, simulate.do[2].step) == (40.0, "12/15", 2)
    last = simulate.do[3]
    assert (last.spawn, last.output, last.commit, last.delete) == (30.0, "12:30", "yes", "src/config.ts")
    assert simulate.error == SimulatedError("ValidationError", "bad", "", ("look",))
    settings = plan.settings
    assert (settings.land, settings.auto_merge, settings.merge_order) == (Land.END, False, MergeOrder.PLAN)
    assert (settings.poll_interval, settings.scan_interval, settings.stop_grace) == (2.0, 5.0, 0.0)
    assert (settings.log_limit, settings.quiet_after, settings.link_speed) == (2**20, 120.0, 125e6)
    assert (settings.start_cpu_percent, settings.max_cpu_percent) == (50.5, 80.0)


def test_a_plan_without_waves_gets_them_from_its_needs() -> None:
    plan = loads("wavetree: 1\ntasks: [{id: b, run: x, needs: [a]}, {id: a, run: x}]", "my plan.yaml")
    assert plan.name == "my plan"
    assert [wave.tasks for wave in plan.waves] == [("a",), ("b",)]
    assert (plan.slots, plan.base) == (3, "")


def test_the_same_plan_in_json_and_in_yaml_is_the_same() -> None:
    yaml = plan_with("slots: 2\nsettings: {land: end}\n")
    json = '{"wavetree": 1, "tasks": [{"id": "a", "run": "x"}, {"id": "b", "run": "x"}],\n'
    json += '\t"slots": 2, "settings": {"land": "end"}}'
    assert loads(yaml) == loads(json)


TASKS = "wavetree: 1\ntasks:\n"
MISTAKES = [
    ("a: 1", ["plan.yaml:1: a: unknown key 'a'"]),
    ("- a", ["plan.yaml:1: found a list; accepted: a mapping with wavetree, name"]),
    ("wavetree: 2\ntasks: [{id: a, run: x}]", ["plan.yaml:1: wavetree: found '2'; accepted: 1"]),
    ("tasks: [{id: a, run: x}]", ["plan.yaml:1: the key 'wavetree' is missing"]),
    ("wavetree: 1", ["plan.yaml:1: the key 'tasks' is missing"]),
    ("wavetree: 1\ntasks: []", ["plan.yaml:2: tasks: found an empty list; accepted: at least 1"]),
    (plan_with("slts: 3"), ["plan.yaml:5: slts: unknown key 'slts'; did you mean \"slots\"?"]),
    (
        plan_with("start-policy: wave"),
        ["start-policy: unknown key 'start-policy'; did you mean \"start_policy\"?"],
    ),
    (plan_with("start_policy: waves"), ["found 'waves'; accepted: wave, dependency; did you mean \"wave\"?"]),
    (plan_with("slots: 0"), ["plan.yaml:5: slots: found '0'; accepted: a whole number from 1 to 1000"]),
    (plan_with("slots: 2.5"), ["found '2.5'; accepted: a whole number"]),
    (plan_with('slots: "3"'), ["found the text '3'; accepted: a whole number"]),
    (plan_with("slots:"), ["slots: found no value; accepted: a whole number"]),
    (plan_with("name: [a]"), ["name: found a list; accepted: one line of text"]),
    (plan_with("base: a..b"), ["base: found 'a..b'; accepted: a branch name as git takes it"]),
    (plan_with("settings: {land: now}"), ["settings.land: found 'now'; accepted: wave, end, never"]),
    (plan_with("settings: {max_cpu_percent: 180}"), ["found '180'; accepted: a number from 1 to 100"]),
    (
        plan_with("settings: {max_thread: 3}"),
        ["settings.max_thread: unknown key 'max_thread'; did you mean \"max_threads\"?"],
    ),
    (plan_with("settings: {poll_interval: soon}"), ["found 'soon'; accepted: a duration such as"]),
    (plan_with("settings: {poll_interval: 0}"), ["found '0'; accepted: a duration longer than nothing"]),
    (
        plan_with("slots: 2\nsettings: {max_threads: 3}"),
        ["plan.yaml:6: settings.max_threads: says 3, but slots says 2"],
    ),
    (
        plan_with("settings: {start_cpu_percent: 90, max_cpu_percent: 80}"),
        ["found 90; accepted: at most max_cpu_percent (80)"],
    ),
    (
        plan_with("setup: {copy: [/etc/passwd]}"),
        ["setup.copy[0]: found '/etc/passwd'; accepted: a path inside the repository"],
    ),
    (
        plan_with("setup: {link: [a/../../b, .git/hooks, ~/x, 'C:\\x']}"),
        ["setup.link[0]", "setup.link[1]", "setup.link[2]", "setup.link[3]"],
    ),
    (plan_with("agents: {shell: {command: [x]}}"), ["agents.shell: the agent 'shell' is built in"]),
    (plan_with("agents: {x: {}}"), ["agents.x: has no command; accepted: a command such as"]),
    (
        plan_with("agents: {x: {command: my-agent -p}}"),
        ["agents.x.command: found 'my-agent -p'; accepted: a list"],
    ),
    (plan_with("agents: {x: {command: []}}"), ["agents.x.command: found an empty list"]),
    (plan_with("agents: {x: {kind: claud}}"), ["found 'claud'; accepted: command, shell, simulated, claude"]),
    (
        plan_with("agents: {x: {command: [y], env: {A-B: 1}}}"),
        ["agents.x.env.A-B: found the key 'A-B'; accepted: a variable's name"],
    ),
    (
        plan_with("gates: {task: [{name: a, run: x}, {name: a, run: y}]}"),
        ["gates.task[1].name: two gates of this level are called 'a'"],
    ),
    (plan_with("gates: {task: [{run: x}]}"), ["gates.task[0]: the key 'name' is missing"]),
    (
        plan_with("waves: [{tasks: [a]}]"),
        ["plan.yaml:5: waves: no wave has b; accepted: every task in exactly one wave"],
    ),
    (
        plan_with("waves: [{tasks: [a, b]}, {tasks: [a, c]}]"),
        [
            "waves[1].tasks[0]: found 'a', which waves[0] has already",
            "waves[1].tasks[1]: found 'c'; accepted: the id of a task",
        ],
    ),
    (
        TASKS + "- {title: x}",
        ["plan.yaml:3: tasks[0]: the key 'id' is missing", "tasks[0]: the key 'run' is missing"],
    ),
    (
        TASKS + "- {id: a, run: x}\n- {id: a, run: x}",
        ["plan.yaml:4: tasks[1].id: found 'a', which tasks[0] has already"],
    ),
    (
        TASKS + "- {id: a, run: x}\n- {id: A, run: x}",
        ["tasks[1].id: found 'A', which differs from 'a' only in capital letters"],
    ),
    (TASKS + "- {id: a, agent: claud, prompt: x}", ['gemini, opencode, aider; did you mean "claude"?']),
    (
        TASKS + "- {id: a, simulate: {}}",
        ["the key 'run' is missing: the agent 'shell' runs it with bash; or give it agent: simulated"],
    ),
    (TASKS + "- {id: a, run: x, needs: [a]}", ["tasks[0].needs[0]: a task cannot need itself"]),
    (
        TASKS + "- {id: api-design, run: x}\n- {id: b, run: x, needs: [{task: api-desing, milestone: m}]}",
        ["needs[0].task: found 'api-desing'; accepted: the id of a task; did you mean \"api-design\"?"],
    ),
    (
        TASKS + "- {id: a, run: x, needs: [c]}\n- {id: b, run: x, needs: [a]}\n- {id: c, run: x, needs: [b]}",
        ["plan.yaml:3: tasks[0].needs: cycle: a -> b -> c -> a"],
    ),
    (
        TASKS + "- {id: a, run: x, estimate: 15}",
        ["tasks[0].estimate: found '15'; accepted: a duration such as", "say the unit, as in '15 minutes'"],
    ),
    (
        TASKS + "- {id: a, run: x, complete: true, status: pending}",
        ["tasks[0].status: contradicts the key 'complete'"],
    ),
    (
        TASKS + "- {id: a, run: x, resources: {ram: lots}}",
        ["resources.ram: found 'lots'; accepted: a number or a size such as \"4GB\""],
    ),
    (TASKS + "- {id: a, run: ''}", ["tasks[0].run: found the text ''; accepted: bash commands"]),
    (TASKS + '- {id: a, run: "x\\0y"}', ["tasks[0].run: found the text 'x\\x00y'; accepted: bash commands"]),
    (
        TASKS + "- {id: a, agent: simulated, simulate: {do: [{at: 1s, write: {path: ../x, text: y}}]}}",
        ["tasks[0].simulate.do[0].write.path: found '../x'"],
    ),
    (
        TASKS + "- a\n- [b]\n-",
        [
            "plan.yaml:3: tasks[0]: found 'a'; accepted: a mapping with id",
            "tasks[1]: found a list",
            "tasks[2]: the key 'id' is missing",
        ],
    ),
]


@pytest.mark.parametrize(("text", "parts"), MISTAKES)
def test_a_mistake_is_told_with_its_place_what_was_found_and_what_is_accepted(
    text: str, parts: list[str]
) -> None:
    told = "\n".join(errors(text))
    for part in parts:
        assert part in told


@pytest.mark.parametrize(
    "name",
    [
        "-a",
        ".a",
        "a..b",
        "a.",
        "a.lock",
        "A.LOCK",
        "a b",
        "a/b",
        "con",
        "NUL.txt",
        "lpt1",
        "é",
        "a" * 65,
        "",
        "$(id)",
        "a\\u202eb",
        "a\\n",
    ],
)
def test_a_name_that_git_or_a_file_system_would_trip_over_is_refused(name: str) -> None:
    assert len(errors(f'wavetree: 1\ntasks: [{{id: "{name}", run: x}}]')) == 1


@pytest.mark.parametrize(
    "name", ["a", "A-1_b.c", "65", "no", "12.30", "1e5", "null-er", "console", "a" * 64, "a.lock.b"]
)
def test_other_names_are_taken_as_they_were_typed(name: str) -> None:
    assert loads(f"wavetree: 1\ntasks: [{{id: {name}, run: x}}]").tasks[0].id == name


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "wavetree: 1\nslots: x\ntasks:\n- {id: a, run: x, needs: [zz]}\n"
    text += "- {id: b b}\n- {id: c, run: x, id: c}\nbase: '@'\n"
    lines = [fault.line for fault in validate_texts([("plan.yaml", text.encode())]).errors]
    assert lines == [2, 4, 5, 5, 6, 7]


def test_a_file_with_anchors_or_tags_is_told_of_these_alone_and_of_twenty_at_most() -> None:
    assert errors("plan: !!python/object:x {a: 1}\nslotz: 3\n") == [
        "plan.yaml:1: plan: the tag 'tag:yaml.org,2002:python/object:x' is not accepted; leave it out"
    ]
    many = errors("tasks:\n" + "- &a x\n" * 30)
    assert len(many) == 21
    assert many[-1] == "plan.yaml:22: and 10 more"


def test_a_file_that_cannot_be_read_hides_what_is_missing_without_it() -> None:
    waves = b"waves: [{tasks: [a]}]\n"
    found = validate_texts([("plan.yaml", b"wavetree: 1\ntasks: [\n"), ("waves.yaml", waves)])
    assert [fault.file for fault in found.errors] == ["plan.yaml"]


def test_every_cycle_is_named_and_an_innocent_task_is_not() -> None:
    told = errors(
        TASKS
        + "- {id: a, run: x, needs: [b]}\n- {id: b, run: x, needs: [a]}\n- {id: c, run: x, needs: [b]}\n"
        "- {id: d, run: x, needs: [e, f]}\n- {id: e, run: x, needs: [d]}\n- {id: f, run: x}\n"
    )
    assert told == [
        "plan.yaml:3: tasks[0].needs: cycle: a -> b -> a",
        "plan.yaml:6: tasks[3].needs: cycle: d -> e -> d",
    ]


WAVES = "wavetree: 1\ntasks:\n- {id: a, run: x, needs: [b]}\n- {id: b, run: x}\nwaves:\n"


@pytest.mark.parametrize(
    ("waves", "told"),
    [
        ("- {tasks: [b]}\n- {tasks: [a]}", []),
        ("- {tasks: [b, a], mode: sequential}", []),
        ("- {tasks: [a]}\n- {tasks: [b]}", ["is in a later wave; accepted: a task of an earlier wave"]),
        (
            "- {tasks: [a, b]}",
            ["is in the same wave; put it in an earlier wave, or make the wave's mode sequential"],
        ),
        (
            "- {tasks: [a, b], mode: sequential}",
            ["comes later in the same wave; accepted: one that comes earlier"],
        ),
    ],
)
def test_a_need_lies_in_an_earlier_wave_or_earlier_in_a_sequential_one(waves: str, told: list[str]) -> None:
    place = "plan.yaml:3: tasks[0].needs[0]: a needs b, which "
    assert errors(WAVES + waves) == [place + message for message in told]


def test_a_need_that_waves_of_another_file_do_not_respect_is_told_at_the_wave() -> None:
    tasks, waves = WAVES.removesuffix("waves:\n"), "waves:\n- {tasks: [a]}\n- {tasks: [b]}\n"
    found = validate_texts([("plan.yaml", tasks.encode()), ("waves.yaml", waves.encode())])
    assert [str(fault) for fault in found.errors] == [
        "waves.yaml:2: waves[0].tasks[0]: a needs b, which is in a later wave; "
        "accepted: a task of an earlier wave"
    ]


def test_a_milestone_may_be_waited_for_inside_a_parallel_wave() -> None:
    text = WAVES.replace("needs: [b]", "needs: [{task: b, milestone: half}]") + "- {tasks: [a, b]}"
    assert errors(text) == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("slots: 4", "plan.yaml:5: slots: 4 agents at once: beyond 3 the gain shrinks"),
        ("settings: {max_instances: 8}", "settings.max_instances: 8 agents at once"),
        (
            "agents: {x: {command: [y, '{promt}']}}",
            'agents.x.command[1]: {promt} is no placeholder; did you mean "prompt"?',
        ),
    ],
)
def test_what_works_but_may_surprise_is_a_warning(text: str, warning: str) -> None:
    (told,) = warnings(plan_with(text))
    assert warning in told


CODER = "agents: {coder: {command: [my-agent, '{prompt}']}}\n"


@pytest.mark.parametrize(
    ("own", "task", "words", "kind"),
    [
        ("agent: coder\n", "agent: backend-developer, title: x", "'coder' does 'a'", "command"),
        ("agent: claude\n", "agent: codr, title: x", "'claude' does 'a'; did you mean \"coder\"?", "claude"),
        ("", "agent: backend-developer, run: x", "the default agent 'shell' does 'a'", "shell"),
    ],
)
def test_a_name_that_no_agent_has_stands_for_the_default_and_that_is_said(
    own: str, task: str, words: str, kind: str
) -> None:
    """M097: with a word near the name of an agent there is."""
    text = f"wavetree: 1\n{own}{CODER}tasks:\n- {{id: a, {task}}}\n"
    (told,) = warnings(text)
    assert ".agent: no agent is called " in told and told.endswith(words)
    plan = loads(text)
    assert plan.agents[plan.tasks[0].agent].kind == kind


@pytest.mark.parametrize(("own", "task"), [("", "title: x"), ("agent: shell\n", "prompt: x")])
def test_a_name_that_no_agent_has_is_refused_where_nobody_else_can_do_the_task(own: str, task: str) -> None:
    """M097: the shell does nothing without `run`."""
    (told,) = errors(f"wavetree: 1\n{own}{CODER}tasks:\n- {{id: a, agent: codr, {task}}}\n")
    assert "found 'codr'; accepted: shell, simulated" in told and told.endswith('did you mean "coder"?')


def test_keys_that_the_agent_does_not_use_are_warned_of() -> None:
    told = warnings(TASKS + "- {id: a, agent: claude, run: x}\n- {id: b, run: x, simulate: {}}")
    assert told == [
        "plan.yaml:3: tasks[0].run: is not used: the agent 'claude' is not 'shell'",
        "plan.yaml:3: tasks[0]: the agent 'claude' is told nothing: give the task a title or a prompt",
        "plan.yaml:4: tasks[1].simulate: is not used: the agent 'shell' is not 'simulated'",
    ]


def test_the_documents_configuration_becomes_settings() -> None:
    plan = loads(
        plan_with(
            '{"parallel_execution": {"max_threads": 2, "conflict_resolution": "manual", '
            '"resource_limits": {"max_cpu_percent": 70}}}'[1:-1]
        )
    )
    assert (plan.slots, plan.conflicts.handling, plan.settings.max_cpu_percent) == (2, Handling.MANUAL, 70.0)


def test_who_settles_conflicts_may_be_said_in_one_word_at_the_top() -> None:
    """M126: as in `settings`; it was taken for a section of a document and did nothing"""
    plan = loads(plan_with("conflict_resolution: manual"))
    assert (plan.conflicts.handling, "conflict_resolution" in plan.sections) == (Handling.MANUAL, False)
    (line,) = errors(plan_with("conflict_resolution: manuel"))
    assert line.startswith("plan.yaml:5: conflict_resolution: found 'manuel'")
    assert 'did you mean "manual"?' in line


def test_a_preset_may_be_given_an_environment_or_another_command() -> None:
    plan = loads(plan_with("agents: {claude: {env: {A: b}}, codex: {command: [my-codex]}}"))
    assert (plan.agents["claude"].kind, plan.agents["codex"].kind) == ("claude", "command")


def test_several_files_make_up_one_plan(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("wavetree: 1\nname: whole\ntasks: [{id: a, run: x}]\n")
    (tmp_path / "two.yaml").write_text("wavetree: 1\nname: part\ntasks: [{id: b, run: x, needs: [a]}]\n")
    (tmp_path / "three.json").write_text('{"parallel_execution": {"max_threads": 1}}')
    plan = load(tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "three.json")
    assert (plan.name, [task.id for task in plan.tasks], plan.slots) == ("whole", ["a", "b"], 1)


def test_files_that_contradict_each_other_are_named_both(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("wavetree: 1\nslots: 1\ntasks: [{id: a, run: x}]\n")
    (tmp_path / "two.yaml").write_text("slots: 2\nbad: 1\n")
    found = validate([tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "gone.yaml"])
    assert found.plan is None
    assert [(Path(fault.file).name, fault.line) for fault in found.errors] == [
        ("two.yaml", 1),
        ("two.yaml", 2),
        ("gone.yaml", 0),
    ]
    assert f"the first is in {tmp_path / 'one.yaml'}:2" in found.errors[0].message


def test_loading_raises_what_validating_tells() -> None:
    with pytest.raises(PlanError) as caught:
        loads("wavetree: 1\nslots: 0\ntasks: [{id: a}]", "p.yaml")
    assert [str(fault) for fault in caught.value.faults] == [
        str(fault)
        for fault in validate_texts([("p.yaml", b"wavetree: 1\nslots: 0\ntasks: [{id: a}]")]).errors
    ]
    assert caught.value.exit_code == 2


def test_ten_thousand_tasks_are_loaded_and_ten_thousand_mistakes_refused() -> None:
    many = "".join(f"- {{id: t{n}, run: x, needs: [t{n // 2}]}}\n" for n in range(1, 10_000))
    began = time.process_time()
    assert len(loads(TASKS + "- {id: t0, run: x}\n" + many).tasks) == 10_000
    bad = errors(TASKS + many.replace("needs: [t", "needs: [zz"))
    seconds = time.process_time() - began
    assert len(bad) == MAX_FAULTS + 1
    assert bad[-1] == f"{MAX_FAULTS} errors so far; the rest of the file was not looked at"
    assert seconds < 6  # alone on a machine it takes well under three


KEYS = st.sampled_from(
    [
        "wavetree",
        "tasks",
        "id",
        "run",
        "needs",
        "agent",
        "simulate",
        "do",
        "write",
        "waves",
        "settings",
        "gates",
        "agents",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["a", "b", "shell", "10m"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_content_gives_a_plan_or_errors_with_a_place(content: dict[str, object]) -> None:
    found = validate_texts([("plan.json", json.dumps(content).encode())])
    assert (found.plan is None) == bool(found.errors)
    assert isinstance(found.plan, Plan | None)
    assert all(fault.line > 0 and fault.message for fault in found.errors)


def test_tasks_are_counted_through_all_files() -> None:
    half = json.dumps({"wavetree": 1, "tasks": [None] * (MAX_ITEMS // 2 + 1)}).encode()
    found = validate_texts([("one.json", half), ("two.json", half)])
    assert [str(fault) for fault in found.errors] == [f"two.json:1: tasks: {TOO_MANY}"]


@pytest.mark.parametrize(
    ("tasks", "told"), [(999, []), (1000, ["session ids get 4 digits, up to session_1000"])]
)
def test_from_1000_sessions_on_their_ids_have_four_digits(tasks: int, told: list[str]) -> None:
    """M037"""
    plan = {"wavetree": 1, "tasks": [{"id": f"t{n}", "run": "x"} for n in range(tasks)]}
    found = validate_texts([("plan.json", json.dumps(plan).encode())])
    assert [fault.message for fault in found.warnings] == told


@pytest.mark.parametrize("name", ["<stdin>", "/dev/stdin", "/dev/fd/63"])
def test_a_plan_out_of_a_pipe_is_called_plan(name: str) -> None:
    found = validate_texts([(name, b"wavetree: 1\ntasks: [{id: a, run: x}]")])
    assert found.plan is not None
    assert found.plan.name == "plan"


def test_a_command_for_a_criterion_that_there_is_not_is_warned_of() -> None:
    """M148"""
    gates = "\ngates: {criteria: {works: make it, wroks: make it}}"
    told = warnings(TASKS + "- {id: a, run: x, criteria: [works]}" + gates)
    assert len(told) == 1 and "wroks" in told[0] and "no wave, sign-off or task" in told[0]
