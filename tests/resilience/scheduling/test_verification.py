"""The checker finds each planted breach, and agrees with walking minute by minute."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from eendracht.resilience.scheduling import (
    Crews,
    Mode,
    PlannedJob,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
    check_schedule,
    need_all,
    need_any,
)
from tests.resilience.scheduling.brute_force import is_possible, list_plans, value_of
from tests.resilience.scheduling.drawing import draw_tiny

PROBLEM = RecoveryProblem(
    (
        RecoveryJob("dns", (Mode("restore", 60, {"network": 1}),), citizens_per_hour=10),
        RecoveryJob(
            "portal",
            (Mode("restore", 30, {"network": 1}), Mode("failover", 10)),
            (need_all("dns"),),
            due_minute=80,
            breach_penalty_citizen_hours=7,
            citizens_per_hour=100,
        ),
        RecoveryJob("archive", (Mode("restore", 20, {"network": 1}),), earliest_start_minute=5),
    ),
    (Crews("network", ((0, 1), (110, 0)), 120),),
)
PLAN = RecoveryPlan(
    (
        PlannedJob("dns", "restore", 0, 60),
        PlannedJob("portal", "restore", 60, 90),
        PlannedJob("archive", "restore", 90, 110),
    )
)


def test_a_good_plan_is_counted_anew() -> None:
    found = check_schedule(PROBLEM, PLAN)
    assert found.faults == ()
    assert found.is_possible
    assert (found.makespan_minutes, found.breaches) == (110, ("portal",))
    assert (found.citizen_minutes, found.penalty_citizen_minutes) == (10 * 60 + 100 * 90, 7 * 60)
    assert found.value_of(PROBLEM) == 10 * 60 + 100 * 90 + 7 * 60
    assert found.value_of(replace(PROBLEM, objective="makespan")) == 110


@pytest.mark.parametrize(
    ("number", "entry", "code"),
    [
        (2, PlannedJob("archive", "restore", 91, 111), "over-capacity"),
        (2, PlannedJob("archive", "restore", 89, 109), "over-capacity"),
        (2, PlannedJob("archive", "restore", 90, 109), "other-duration"),
        (2, PlannedJob("archive", "rebuild", 90, 110), "no-such-mode"),
        (2, PlannedJob("archives", "restore", 90, 110), "not-planned"),
        (2, PlannedJob("dns", "restore", 90, 150), "planned-twice"),
        (1, PlannedJob("portal", "failover", 59, 69), "need-not-met"),
    ],
)
def test_each_breach_is_found(number: int, entry: PlannedJob, code: str) -> None:
    jobs = list(PLAN.jobs)
    jobs[number] = entry
    assert code in {fault.code for fault in check_schedule(PROBLEM, RecoveryPlan(tuple(jobs))).faults}


def test_nothing_starts_before_its_moment_and_facts_stay() -> None:
    early = RecoveryPlan((PlannedJob("archive", "restore", 4, 24), PLAN.jobs[0], PLAN.jobs[1]))
    assert "too-early" in {fault.code for fault in check_schedule(PROBLEM, early).faults}
    later = replace(PROBLEM, now_minute=10)
    assert {fault.code for fault in check_schedule(later, PLAN).faults} == {"too-early"}
    running = replace(PROBLEM.jobs[0], started_minute=0)
    assert check_schedule(replace(later, jobs=(running, *PROBLEM.jobs[1:])), PLAN).faults == ()
    moved = replace(running, started_minute=3)
    codes = {fault.code for fault in check_schedule(replace(later, jobs=(moved, *PROBLEM.jobs[1:])), PLAN).faults}
    assert codes == {"moved"}


def test_jobs_without_duration_cannot_be_the_reason_of_one_another() -> None:
    jobs = (
        RecoveryJob("a", (Mode("restore", 0),), (need_any("b", "c"),)),
        RecoveryJob("b", (Mode("restore", 0),), (need_all("a"),)),
        RecoveryJob("c", (Mode("restore", 5),)),
    )
    circle = RecoveryPlan(
        (PlannedJob("a", "restore", 0, 0), PlannedJob("b", "restore", 0, 0), PlannedJob("c", "restore", 0, 5))
    )
    assert {fault.code for fault in check_schedule(RecoveryProblem(jobs), circle).faults} == {"need-not-met"}
    after = RecoveryPlan(
        (PlannedJob("c", "restore", 0, 5), PlannedJob("a", "restore", 5, 5), PlannedJob("b", "restore", 5, 5))
    )
    assert check_schedule(RecoveryProblem(jobs), after).faults == ()


def test_it_agrees_with_walking_minute_by_minute() -> None:
    draw = random.Random(5)
    possible = 0
    for seed in range(300, 340):
        problem = draw_tiny(seed)
        for plan in draw.sample(list(list_plans(problem, 6)), 60):
            found = check_schedule(problem, plan)
            assert found.is_possible == is_possible(problem, plan), (seed, plan, found.faults)
            assert found.value_of(problem) == value_of(problem, plan)
            possible += found.is_possible
    assert possible > 100
