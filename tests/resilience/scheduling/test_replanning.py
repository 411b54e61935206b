"""After an event: what is done or running stays, the rest is planned again and never worse than by the serial rule."""

from __future__ import annotations

import random
import time

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.scheduling import (
    CrewLost,
    Crews,
    Event,
    JobAdded,
    JobDone,
    JobFailed,
    JobLate,
    Mode,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
    check_schedule,
    need_all,
    replan,
    schedule_recovery,
)
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.instance import write_plan
from eendracht.resilience.scheduling.serial import build_serial_plan, rank_jobs
from tests.resilience.scheduling.drawing import draw_recovery


def job(name: str, minutes: int, *needs: str, **crews: int) -> RecoveryJob:
    """Make a job of one mode, with a hundred citizens an hour."""
    return RecoveryJob(
        name, (Mode("restore", minutes, crews),), (need_all(*needs),) if needs else (), citizens_per_hour=100
    )


PROBLEM = RecoveryProblem(
    (job("a", 10, net=1), job("b", 20, net=1), job("c", 30, "a", net=1), job("d", 5, "c")),
    (Crews("net", ((0, 1),)),),
)


def follow(problem: RecoveryProblem) -> RecoveryPlan:
    """Give the plan of the serial rule."""
    instance = require_valid(problem)
    return write_plan(instance, build_serial_plan(instance, rank_jobs(instance)))


PLAN = follow(PROBLEM)


def times(plan: RecoveryPlan) -> dict[str, tuple[int, int]]:
    """Give start and end by job."""
    return {entry.job: (entry.start_minute, entry.end_minute) for entry in plan.jobs}


def test_the_plan_that_these_tests_start_from() -> None:
    assert times(PLAN) == {"a": (0, 10), "c": (10, 40), "d": (40, 45), "b": (40, 60)}


def test_nothing_happened_and_the_plan_goes_on() -> None:
    found = replan(PROBLEM, PLAN, 12)
    assert (found.done, found.running, found.held_up) == (("a",), ("c",), ())
    assert times(found.schedule.plan) == times(PLAN)


def test_a_late_job_holds_up_what_should_have_started_after_it() -> None:
    found = replan(PROBLEM, PLAN, 15, [JobLate("a", 25)])
    assert (found.done, found.running, found.held_up) == ((), ("a",), ("c",))
    after = times(found.schedule.plan)
    assert after["a"] == (0, 25)
    assert min(after["b"][0], after["c"][0]) == 25
    assert check_schedule(found.problem, found.schedule.plan).faults == ()


def test_a_job_that_was_done_early_or_out_of_turn() -> None:
    early = replan(PROBLEM, PLAN, 20, [JobDone("c", 18)])
    assert early.done == ("a", "c")
    assert times(early.schedule.plan)["d"] == (20, 25)
    out_of_turn = replan(PROBLEM, PLAN, 30, [JobDone("b", 30, started_minute=10)])
    assert out_of_turn.held_up == ("c",), "its crew was with b"
    assert times(out_of_turn.schedule.plan)["c"] == (30, 60)


def test_a_failed_job_is_done_again_also_after_it_seemed_done() -> None:
    again = replan(PROBLEM, PLAN, 20, [JobFailed("c")])
    assert times(again.schedule.plan)["c"][0] >= 20
    late = replan(PROBLEM, PLAN, 20, [JobFailed("a")])
    assert late.running == ("c",), "what had started stays"
    assert times(late.schedule.plan)["a"][0] == 40
    assert check_schedule(late.problem, late.schedule.plan).faults == ()


def test_a_failed_job_can_be_done_in_another_mode() -> None:
    modes = (Mode("restore", 30, {"net": 1}), Mode("manual-fallback", 90))
    problem = RecoveryProblem((RecoveryJob("a", modes),), PROBLEM.crews)
    found = replan(problem, follow(problem), 10, [JobFailed("a", ("manual-fallback",))])
    (entry,) = found.schedule.plan.jobs
    assert (entry.mode, entry.start_minute, entry.end_minute) == ("manual-fallback", 10, 100)


def test_lost_crews_and_new_jobs() -> None:
    problem = RecoveryProblem(PROBLEM.jobs, (Crews("net", ((0, 2),)),))
    plan = follow(problem)
    new = JobAdded(job("e", 5, "a", net=1))
    found = replan(problem, plan, 25, [CrewLost("net", 1, 70), new])
    assert check_schedule(found.problem, found.schedule.plan).faults == ()
    assert "e" in times(found.schedule.plan)
    with pytest.raises(InvalidInput) as refused:
        replan(problem, plan, 15, [CrewLost("net", 1)])
    assert [fault.code for fault in refused.value.faults] == ["crews-still-working"]


def test_what_is_late_goes_on_after_the_shift_and_nothing_new_begins_with_who_stays() -> None:
    """Two by day and one from minute 60: what runs into the night keeps both, and the next waits for the one."""
    problem = RecoveryProblem(
        (job("a", 50, net=1), job("b", 50, net=1), job("c", 20, "a", net=1)),
        (Crews("net", ((0, 2), (60, 1))),),
    )
    found = replan(problem, follow(problem), 55, [JobLate("a", 90), JobLate("b", 100)])
    assert found.running == ("a", "b")
    assert found.problem.overtime == (Crews("net", ((0, 0), (60, 1), (90, 0))),)
    assert times(found.schedule.plan)["c"] == (100, 120)
    assert check_schedule(found.problem, found.schedule.plan).faults == ()
    # Told to be done before: nobody stays any longer.
    again = replan(found.problem, found.schedule.plan, 70, [JobDone("a", 65, started_minute=0)])
    assert again.problem.overtime == ()


def test_every_fault_of_a_report_is_told_at_once() -> None:
    events: list[Event] = [
        JobDone("x", 1),
        JobDone("a", 99),
        JobLate("b", 5),
        JobLate("c", 1),
        JobFailed("d", ("by-magic",)),
        JobFailed("d"),
    ]
    with pytest.raises(InvalidInput) as refused:
        replan(PROBLEM, PLAN, 20, events)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/events/0/job", "unknown-job"),
        ("/events/1/minute", "still-to-come"),
        ("/events/2/started_minute", "not-started"),
        ("/events/3/duration_minutes", "over-already"),
        ("/events/4/job", "told-twice"),
        ("/events/5/job", "told-twice"),
    ]
    with pytest.raises(InvalidInput) as refused:
        replan(PROBLEM, PLAN, 20, [JobFailed("d", ("by-magic",))])
    assert [fault.pointer for fault in refused.value.faults] == ["/events/0/modes"]


@pytest.mark.parametrize("seed", range(3))
def test_event_after_event_everything_that_started_stays_and_the_plan_is_possible(seed: int) -> None:
    draw = random.Random(seed)
    problem = draw_recovery(40, seed, shifts=seed == 1)
    plan = follow(problem)
    now = 0
    for _ in range(3):
        now += 200
        running = [entry for entry in plan.jobs if entry.start_minute < now < entry.end_minute]
        events: list[Event] = []
        for entry in running:
            if draw.random() < 0.4:
                events.append(JobLate(entry.job, now - entry.start_minute + draw.randint(1, 200)))
            elif draw.random() < 0.2:
                events.append(JobFailed(entry.job))
        found = replan(problem, plan, now, events, time_limit_seconds=4.0)
        assert check_schedule(found.problem, found.schedule.plan).faults == ()
        assert found.schedule.value <= found.schedule.serial_value
        failed = {event.job for event in events if isinstance(event, JobFailed)}
        before, after = times(plan), times(found.schedule.plan)
        for name in (*found.done, *found.running):
            assert before[name][0] == after[name][0]
        started = {entry.job for entry in plan.jobs if entry.start_minute < now}
        assert started == {*found.done, *found.running, *found.held_up} | (failed & started)
        problem, plan = found.problem, found.schedule.plan


def test_three_hundred_jobs_are_planned_again_within_five_seconds() -> None:
    problem = draw_recovery(300, 2)
    plan = schedule_recovery(problem, time_limit_seconds=4.0).plan
    running = [entry for entry in plan.jobs if entry.start_minute < 1_000 < entry.end_minute]
    began = time.monotonic()
    found = replan(problem, plan, 1_000, [JobLate(running[0].job, 1_500), JobFailed(running[1].job)])
    assert time.monotonic() - began < 5
    assert found.schedule.value <= found.schedule.serial_value
    assert check_schedule(found.problem, found.schedule.plan).faults == ()
