"""The simpler plan that is offered beside one with too much risk or too little to run together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from six_agents import crowded, story

from engine.core.analysis.risk import wave_risks
from engine.core.analysis.simplify import offer, reasons, simplified
from engine.core.clashes import clashes
from engine.core.forecast import forecast
from engine.core.plan import FileRule, Level, Mode, Need, Plan, Resolution, Span, StartPolicy, Task, Wave
from engine.core.waves import planned


def chain(count: int) -> Plan:
    tasks = [Task("t0", estimate=Span(0, 60))]
    tasks += [Task(f"t{n}", needs=(Need(f"t{n - 1}"),), estimate=Span(0, 60)) for n in range(1, count)]
    plan = Plan("p", tuple(tasks), ())
    return replace(plan, waves=planned(plan))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Waves by the needs, with files of high and medium rules spread over the tasks."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 9)))]
    tasks = []
    for number, name in enumerate(names):
        before = sorted(draw(st.sets(st.sampled_from(names[:number]), max_size=2))) if number else []
        needs = tuple(Need(need, draw(st.sampled_from([None, None, "half"]))) for need in before)
        files = tuple(sorted(draw(st.sets(st.sampled_from("abc"), max_size=2))))
        tasks.append(Task(name, needs=needs, files=files, estimate=Span(0, draw(st.integers(1, 9)))))
    rules = (FileRule("a", Resolution.DEPENDENCY_ORDER), FileRule("b", Resolution.PARALLEL_SAFE))
    plan = Plan("p", tuple(tasks), (), file_rules=rules, start_policy=draw(st.sampled_from(StartPolicy)))
    levels: dict[str, int] = {}
    for task in tasks:
        least = max((levels[n.task] + (n.milestone is None) for n in task.needs), default=0)
        levels[task.id] = least + draw(st.integers(0, 1))
    rows = [tuple(n for n in names if levels[n] == level) for level in sorted(set(levels.values()))]
    return replace(plan, waves=tuple(Wave(n, f"w{n}", row) for n, row in enumerate(rows, start=1)))


def assert_valid(plan: Plan) -> None:
    """What the importer demands of waves (M057)."""
    assert [wave.number for wave in plan.waves] == list(range(1, len(plan.waves) + 1))
    spot = {name: (w.number, place) for w in plan.waves for place, name in enumerate(w.tasks)}
    assert sorted(spot) == sorted(task.id for task in plan.tasks)
    assert sum(len(wave.tasks) for wave in plan.waves) == len(plan.tasks)
    for wave in plan.waves:
        assert wave.tasks
        assert all(need < wave.number for need in wave.needs)
    for task in plan.tasks:
        wave = plan.waves[spot[task.id][0] - 1]
        for need in task.needs:
            assert spot[need.task] < spot[task.id] or (need.milestone and wave.mode is Mode.PARALLEL)
            if spot[need.task][0] == wave.number:
                assert need.milestone or wave.mode is Mode.SEQUENTIAL


@settings(max_examples=60)
@given(plans())
def test_a_simpler_plan_is_valid_and_has_no_wave_of_high_risk(plan: Plan) -> None:
    assert_valid(plan)
    simpler = simplified(plan, clashes(plan))
    if simpler is None:
        assert all(one.level is not Level.HIGH for one in wave_risks(plan, clashes(plan)))
        return
    assert_valid(simpler)
    assert all(one.level is not Level.HIGH for one in wave_risks(simpler, clashes(simpler)))
    assert simpler.tasks == plan.tasks


def test_the_crowded_story_gets_its_last_agent_back_into_a_sequential_wave() -> None:
    found = offer(crowded(), clashes(crowded()), forecast(crowded(), 3))
    assert found is not None
    assert [(wave.tasks, wave.mode) for wave in found.plan.waves[1:]] == [
        (("api-developer", "vue-spa-architect"), Mode.PARALLEL),
        (("workflow-specialist",), Mode.SEQUENTIAL),
    ]
    assert found.reasons == ("wave 2 is of high risk: hooks.py",)
    assert (found.seconds / 60, found.seconds_before / 60) == (58, 53)
    assert found.plan.waves[1].extra == {}


def test_a_plan_with_wide_and_safe_waves_is_offered_nothing() -> None:
    assert reasons(story(), clashes(story())) == ()
    assert simplified(story(), clashes(story())) is None


def test_a_chain_becomes_one_sequential_wave_that_takes_as_long() -> None:
    found = offer(chain(3), (), forecast(chain(3), 3))
    assert found is not None
    assert [(wave.tasks, wave.mode) for wave in found.plan.waves] == [(("t0", "t1", "t2"), Mode.SEQUENTIAL)]
    assert found.reasons == ("waves have 1.0 tasks on average, fewer than 1.5",)
    assert found.seconds == found.seconds_before == 180


def test_waves_behind_keep_coming_after_all_of_what_they_waited_for() -> None:
    tasks = tuple(Task(name, files=("x",) if name in "ab" else (name,)) for name in "abcd")
    waves = (Wave(1, "w", ("a", "b", "c")), Wave(2, "end", ("d",), Mode.INTEGRATION, needs=(1,)))
    plan = Plan("p", tasks, waves, file_rules=(FileRule("x", Resolution.DEPENDENCY_ORDER),))
    simpler = simplified(plan, clashes(plan))
    assert simpler is not None
    assert [(wave.tasks, wave.needs) for wave in simpler.waves] == [
        (("a", "c"), ()),
        (("b",), (1,)),
        (("d",), (1, 2)),
    ]
