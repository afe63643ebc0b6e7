"""Schedules keep precedence and capacities, are never shorter than possible, and are the same every time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import permutations
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.projects import random_project
from engine.core.graph import CycleError
from engine.core.scheduling import Problem, Schedule, dispatch, solve
from engine.core.scheduling.bounds import lower_bound
from engine.core.scheduling.chance import Chance
from engine.core.scheduling.network import RARE, Network
from engine.core.scheduling.serial import Events, Grid

ROUNDING = 1e-9


def faults(problem: Problem, starts: Sequence[float]) -> list[str]:
    """What is wrong with a schedule, found without any code of the product; times may be off by rounding."""
    ends = [start + takes for start, takes in zip(starts, problem.durations, strict=True)]
    little = ROUNDING * (1 + max(ends, default=0))
    found = [f"job {job} starts before 0" for job, start in enumerate(starts) if start < 0]
    for job, before in enumerate(problem.predecessors):
        found += [f"{job} before {other} ends" for other in before if starts[job] < ends[other] - little]
    for moment in starts:
        running = [job for job in range(len(starts)) if starts[job] <= moment + little < ends[job] - little]
        for resource, capacity in enumerate(problem.capacities):
            if sum(problem.demands[job].get(resource, 0) for job in running) > capacity:
                found.append(f"too much of {resource} at {moment}")
    return found


def serial(problem: Problem, order: Sequence[int]) -> float:
    """The makespan when jobs are placed in this order, by trying 0 and every end as a start."""
    starts: dict[int, float] = {}
    for job in order:
        ends = [starts[other] + problem.durations[other] for other in starts]
        least = max(
            [starts[other] + problem.durations[other] for other in problem.predecessors[job]], default=0
        )
        for start in sorted({least, *(end for end in ends if end > least)}):
            part = {**starts, job: start}
            placed = Problem(
                [problem.durations[other] for other in part],
                [()] * len(part),
                [problem.demands[other] for other in part],
                problem.capacities,
            )
            if not faults(placed, list(part.values())):
                starts[job] = start
                break
    return max([starts[job] + problem.durations[job] for job in starts], default=0)


def optimum(problem: Problem) -> float:
    """The shortest makespan of all orders: one of them makes an optimal schedule."""
    count = len(problem.durations)
    return min(
        serial(problem, order)
        for order in permutations(range(count))
        if all(
            order.index(other) < order.index(job)
            for job in range(count)
            for other in problem.predecessors[job]
        )
    )


@st.composite
def problems(draw: st.DrawFn, most: int = 12, whole: bool = False) -> Problem:
    """Any problem: no jobs, no resources, jobs that need nothing, that take no time, that take odd times."""
    count = draw(st.integers(0, most))
    capacities = draw(st.lists(st.integers(0, 5), max_size=4))
    takes = st.integers(0, 6) if whole else st.integers(0, 6) | st.floats(0, 1e4, width=32) | st.just(0.1)
    demands = st.fixed_dictionaries(
        {}, optional={resource: st.integers(0, most) for resource, most in enumerate(capacities)}
    )
    # edges run along a drawn order, so that numbers and precedence have nothing to do with each other
    names = draw(st.permutations(range(count)))
    before: list[list[int]] = [[] for _ in names]
    for place in range(1, count):
        for other in draw(st.lists(st.integers(0, place - 1), max_size=3)):
            before[names[place]].append(names[other])
    return Problem([draw(takes) for _ in names], before, [draw(demands) for _ in names], capacities)


@st.composite
def locked(draw: st.DrawFn) -> Problem:
    """Jobs that share slots, and many resources of which few jobs hold any."""
    count = draw(st.integers(17, 40))
    capacities = [draw(st.integers(1, 4)), *draw(st.lists(st.integers(1, 3), min_size=1, max_size=8))]
    demands = [{0: draw(st.integers(0, 1))} for _ in range(count)]
    for resource, most in list(enumerate(capacities))[1:]:
        for job in draw(st.sets(st.integers(0, count - 1), max_size=count // RARE + 1)):
            demands[job][resource] = draw(st.integers(1, most))
    before = [draw(st.lists(st.integers(0, job - 1), max_size=1)) if job else [] for job in range(count)]
    return Problem([draw(st.integers(0, 3)) for _ in range(count)], before, demands, capacities)


def started_in_turn(problem: Problem, priority: Sequence[float]) -> tuple[float, ...]:
    """What a dispatch is: at each moment all ready jobs are tried, one by one, the highest priority first."""
    takes, starts = problem.durations, dict[int, float]()
    moments = {0.0}
    while moments:
        now = min(moments)
        moments.remove(now)
        for timed in (False, True):
            for job in sorted(range(len(takes)), key=lambda job: -priority[job] if timed else job):
                ended = [job for job, start in starts.items() if start + takes[job] <= now]
                if job in starts or bool(takes[job]) != timed or set(problem.predecessors[job]) - {*ended}:
                    continue
                running = starts.keys() - {*ended}
                if not timed or all(
                    amount + sum(problem.demands[other].get(resource, 0) for other in running)
                    <= problem.capacities[resource]
                    for resource, amount in problem.demands[job].items()
                ):
                    starts[job] = now
                    moments |= {now + takes[job]} - {now}
    return tuple(starts[job] for job in range(len(takes)))


def chain_of(count: int, takes: float = 1) -> Problem:
    """Jobs one after the other that need nothing."""
    return Problem([takes] * count, [[job - 1] if job else [] for job in range(count)], [{}] * count, [])


def wide(jobs: int, slots: int) -> Problem:
    """Jobs of different lengths, every third after another, that share slots and now and then a lock."""
    return Problem(
        [1 + job * 7 % 11 for job in range(jobs)],
        [[job - 2] if job % 3 == 2 else [] for job in range(jobs)],
        [{0: 1, 1: 1} if job % 4 == 0 else {0: 1} for job in range(jobs)],
        [slots, 1],
    )


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(1, 80))
def test_every_schedule_keeps_precedence_and_capacities(problem: Problem, effort: int) -> None:
    found = solve(problem, effort)
    assert faults(problem, found.starts) == []
    ends = [start + takes for start, takes in zip(found.starts, problem.durations, strict=True)]
    assert found.makespan == pytest.approx(max(ends, default=0), rel=ROUNDING)
    assert found.lower_bound <= found.makespan
    assert found.schedules <= effort


@settings(max_examples=25, deadline=None)
@given(problems(most=5, whole=True))
def test_the_bound_is_never_above_the_optimum_and_the_search_finds_it(problem: Problem) -> None:
    best = optimum(problem)
    found = solve(problem, 100)
    assert found.lower_bound <= best == found.makespan


@settings(max_examples=100, deadline=None)
@given(problems())
def test_a_dispatch_keeps_precedence_and_capacities(problem: Problem) -> None:
    priority = [job * 7 % 5 for job in range(len(problem.durations))]
    assert faults(problem, dispatch(problem, priority)) == []


@settings(max_examples=60, deadline=None)
@given(locked(), st.integers(1, 7))
def test_a_dispatch_tries_every_ready_job_in_turn_however_rare_what_it_waits_for(
    problem: Problem, factor: int
) -> None:
    priority = [job * factor % 5 for job in range(len(problem.durations))]
    assert dispatch(problem, priority) == started_in_turn(problem, priority)


@settings(max_examples=100, deadline=None)
@given(problems(whole=True), st.booleans())
def test_both_profiles_place_every_job_at_the_same_time(problem: Problem, back: bool) -> None:
    network = Network(problem)
    grid, events = Grid(network), Events(network)
    before, _ = network.edges(back)
    order = network.order[::-1] if back else network.order
    assert [end // grid.step for end in grid.place(order, before)] == events.place(order, before)


@settings(max_examples=50, deadline=None)
@given(problems(most=8), st.integers(0, 2**70))
def test_the_same_seed_gives_the_same_schedule(problem: Problem, seed: int) -> None:
    assert solve(problem, 60, seed=seed) == solve(problem, 60, seed=seed)


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(1, 60), st.integers(1, 400), st.integers(0, 9))
def test_more_effort_never_makes_a_longer_schedule(
    problem: Problem, effort: int, more: int, seed: int
) -> None:
    found = solve(problem, effort, seed=seed)
    longer = solve(problem, effort + more, seed=seed)
    assert longer.makespan <= found.makespan
    assert longer.schedules >= found.schedules


@pytest.mark.parametrize("seed", range(3))
def test_a_search_goes_on_where_a_shorter_one_ended_through_all_its_rounds(seed: int) -> None:
    # the bound is out of reach, so that every effort is spent
    problem = random_project(25, 4)
    found = [solve(problem, effort, seed=seed) for effort in (1, 5, 30, 300, 310, 1000, 1500)]
    assert [one.schedules for one in found] == [1, 5, 30, 300, 310, 1000, 1500]
    assert [one.makespan for one in found] == sorted((one.makespan for one in found), reverse=True)
    assert found[0].makespan > found[-1].makespan


def test_a_limit_of_placements_holds_only_where_there_is_one() -> None:
    problem = random_project(25, 4)
    assert solve(problem, 70, placements=259).schedules == 10
    assert solve(problem, 70, placements=None).schedules == 70
    assert solve(problem, 70, placements=0).schedules == 1


def test_long_times_are_scheduled_as_short_ones_are() -> None:
    short = wide(30, 3)
    parts = (short.predecessors, short.demands, short.capacities)
    found = solve(short)
    thousandfold = solve(Problem([takes * 86_400 for takes in short.durations], *parts))
    assert [start * 86_400 for start in found.starts] == list(thousandfold.starts)


def test_more_schedules_are_never_made_than_allowed_and_help_where_a_dispatch_falls_short() -> None:
    # by latest finish time job 0 goes first, with which job 1 does not fit, so that job 2 comes too late
    problem = Problem([5, 1, 4], [[], [], [1]], [{0: 1}, {0: 2}, {0: 1}], [2])
    assert (solve(problem, 1).schedules, solve(problem, 1).makespan) == (1, 10)
    assert solve(problem, 50).makespan == optimum(problem) == 6


def test_a_schedule_as_short_as_the_bound_ends_the_search() -> None:
    found = solve(chain_of(5, 2.5))
    assert (found.makespan, found.proven, found.schedules) == (12.5, True, 1)
    assert not solve(Problem([3, 3, 3], [[], [], []], [{0: 2}] * 3, [3]), 5).makespan < 9


def test_jobs_that_exclude_each_other_count_in_full() -> None:
    network = Network(Problem([3, 3, 3], [[], [], []], [{0: 3}] * 3, [5]))
    assert lower_bound(network) == 3
    assert network.seconds(lower_bound(network)) == 9.0


def test_a_resource_that_is_never_free_bounds_the_time_between_what_comes_before_and_after() -> None:
    # job 0 comes before and job 5 after four jobs of 2 s that share two slots
    problem = Problem([1, 2, 2, 2, 2, 4], [[], [0], [0], [0], [0], [1, 2, 3, 4]], [{0: 1}] * 6, [2])
    assert solve(problem).lower_bound == 9 == solve(problem).makespan


def test_no_jobs_take_no_time() -> None:
    assert solve(Problem([], [], [], [3])) == Schedule((), 0.0, 0.0, 1)
    assert dispatch(Problem([], [], [], []), []) == ()


def test_a_job_that_takes_no_time_holds_nothing_and_frees_its_followers_at_once() -> None:
    problem = Problem([5, 0, 5], [[], [], [1]], [{0: 1}, {0: 1}, {}], [1])
    assert solve(problem).starts == (0.0, 0.0, 0.0)
    assert dispatch(problem, [0, 0, 0]) == (0.0, 0.0, 0.0)


def test_a_dispatch_starts_by_priority_and_passes_over_what_does_not_fit() -> None:
    problem = Problem([2, 2, 1, 1], [[]] * 4, [{0: 2}, {0: 2}, {0: 1}, {0: 1}], [3])
    assert dispatch(problem, [1, 2, 0, 0]) == (2.0, 0.0, 0.0, 1.0)
    assert dispatch(problem, [0, 0, 0, 0]) == (0.0, 2.0, 0.0, 1.0)


def test_a_dispatch_needs_one_priority_for_each_job() -> None:
    with pytest.raises(ValueError, match="1 priorities for 2 jobs"):
        dispatch(chain_of(2), [1])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (([1, 1], [[], []], [{}, {1: 4}], [9, 3]), "job 1 demands 4 of resource 1, which has only 3"),
        (([1], [[]], [{2: 1}], [9]), "job 0 demands resource 2, which does not exist"),
        (([1], [[]], [{0: -1}], [9]), "job 0 demands -1 of resource 0: less than nothing"),
        (([1, -2], [[], []], [{}, {}], []), "job 1 takes -2: a duration is a number from 0 up"),
        (([float("nan")], [[]], [{}], []), "job 0 takes nan"),
        (([float("inf")], [[]], [{}], []), "job 0 takes inf"),
        (([1], [[1]], [{}], []), "job 0 comes after job 1, which does not exist"),
        (([1, 1], [[]], [{}], []), "2 durations, 1 lists of predecessors and 1 demands"),
    ],
)
def test_what_is_wrong_with_a_problem_is_named(parts: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Problem(*parts)  # type: ignore[arg-type]


def test_jobs_without_an_order_are_named_along_the_cycle() -> None:
    with pytest.raises(CycleError, match=r"^cycle: 1 -> 3 -> 2 -> 1$") as raised:
        Problem([1] * 5, [[], [2], [3, 0], [1], [3]], [{}] * 5, [])
    assert raised.value.members == ("1", "3", "2", "1")


def test_an_effort_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one schedule"):
        solve(chain_of(1), 0)


def test_many_resources_fit_into_one_check() -> None:
    problem = Problem([1] * 40, [[]] * 40, [{job: 1, (job + 1) % 40: 1} for job in range(40)], [1] * 40)
    found = solve(problem)
    assert faults(problem, found.starts) == []
    assert found.makespan == 2


def test_chance_follows_the_published_generator() -> None:
    # the first numbers of the reference implementation in C from seed 1234567
    chance = Chance(1234567)
    assert [chance.bits() for _ in range(2)] == [6457827717110365317, 3203168211198807973]
    assert all(0 <= chance.below(3) < 3 and 0 <= chance.share() < 1 for _ in range(100))


def test_ten_thousand_jobs_are_scheduled_in_little_time() -> None:
    count = 10_000
    problem = Problem(
        [60 + job * 37 % 3541 for job in range(count)],
        [[job * 7 % (job or 1), job // 2] if job > 20 else [] for job in range(count)],
        [{0: 1, 1: job % 3} for job in range(count)],
        [16, 20],
    )
    begun = process_time()
    found = solve(problem)
    assert process_time() - begun < (10 if sys.gettrace() is None else 100)
    assert found.makespan <= 1.05 * found.lower_bound


def test_a_thousand_locks_cost_little_more_than_none() -> None:
    count, locks = 5_000, 1_000
    before = [[job // 2, job - 3] if job > 10 else [] for job in range(count)]
    took = []
    for held in (0, locks):
        demands = [{0: 1, 1: job % 2} for job in range(count)]
        for lock in range(held):
            demands[lock * 17 % count][2 + lock] = demands[lock * 17 % count + 1][2 + lock] = 1
        problem = Problem(
            [60 + job * 37 % 3541 for job in range(count)], before, demands, [8, 3] + [1] * held
        )
        begun = process_time()
        dispatch(problem, [0] * count)
        lower_bound(Network(problem))
        took.append(process_time() - begun)
    assert took[1] < 10 * took[0], "a hundred times as much without an index of who holds what"
