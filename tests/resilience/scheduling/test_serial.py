"""Plans without a solver are possible for whatever is accepted, and moving up makes nothing worse."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.resilience.scheduling import (
    Crews,
    Mode,
    RecoveryJob,
    RecoveryProblem,
    check_problem,
    check_schedule,
    need_all,
)
from eendracht.resilience.scheduling.bounds import find_bound
from eendracht.resilience.scheduling.bundles import build_bundled_plan
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.coding import decode_problem, encode_problem
from eendracht.resilience.scheduling.heads import find_heads
from eendracht.resilience.scheduling.instance import write_plan
from eendracht.resilience.scheduling.serial import build_serial_plan, rank_jobs, tighten
from tests.resilience.scheduling.drawing import draw_recovery, draw_tiny


@settings(max_examples=300)
@given(seed=st.integers(0, 10**9), jobs=st.integers(2, 7), makespan=st.booleans())
def test_every_rule_gives_a_possible_plan(seed: int, jobs: int, makespan: bool) -> None:
    problem = draw_tiny(seed, jobs, makespan)
    if check_problem(problem):
        return
    instance = require_valid(problem)
    serial = build_serial_plan(instance, rank_jobs(instance))
    moved = tighten(instance, serial)
    for placement in (serial, moved, build_bundled_plan(instance)):
        plan = write_plan(instance, placement)
        verified = check_schedule(problem, plan)
        assert verified.faults == ()
        assert verified.value_of(problem) == instance.value_of(placement)
        ends = instance.list_ends(placement)
        assert all(head <= end for head, end in zip(find_heads(instance).ends, ends, strict=True))
        assert max(ends) <= instance.find_horizon()
        assert find_bound(instance, 0.0) <= instance.value_of(placement)
    assert all(later <= before for later, before in zip(moved.starts, serial.starts, strict=True))


def test_the_serial_rule_takes_most_citizens_for_each_minute_first() -> None:
    def job(name: str, minutes: int, citizens: int, *needs: str) -> RecoveryJob:
        modes = (Mode("restore", minutes, {"net": 1}),)
        return RecoveryJob(name, modes, (need_all(*needs),) if needs else (), citizens_per_hour=citizens)

    # road: 600 wait for it, 10 a minute; near: 300 in 20 minutes, 15 a minute; slow: 500 in 100 minutes, 5 a minute.
    problem = RecoveryProblem(
        (job("slow", 100, 500), job("road", 60, 0), job("far", 10, 600, "road"), job("near", 20, 300)),
        (Crews("net", ((0, 1),)),),
    )
    instance = require_valid(problem)
    plan = write_plan(instance, build_serial_plan(instance, rank_jobs(instance)))
    assert [entry.job for entry in plan.jobs] == ["near", "road", "far", "slow"]


def test_a_bundle_sees_the_service_at_the_end_of_the_road() -> None:
    hidden = [RecoveryJob("s0", (Mode("restore", 50, {"net": 1}),))]
    for number in range(1, 4):
        weight = 9_000 if number == 3 else 0
        needs = (need_all(f"s{number - 1}"),)
        hidden.append(RecoveryJob(f"s{number}", (Mode("restore", 50, {"net": 1}),), needs, citizens_per_hour=weight))
    near = RecoveryJob("near", (Mode("restore", 200, {"net": 1}),), citizens_per_hour=8_000)
    instance = require_valid(RecoveryProblem((near, *hidden), (Crews("net", ((0, 1),)),)))
    plan = write_plan(instance, build_bundled_plan(instance))
    assert [entry.job for entry in plan.jobs] == ["s0", "s1", "s2", "s3", "near"]


def test_a_problem_goes_over_the_pipe_and_back() -> None:
    for seed in range(20):
        for problem in (draw_tiny(seed), draw_recovery(10, seed, True)):
            assert decode_problem(encode_problem(problem)) == problem
