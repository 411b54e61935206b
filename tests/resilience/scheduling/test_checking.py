"""Every fault of a problem at once, each at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eendracht.resilience.scheduling import (
    Absence,
    Crews,
    Mode,
    Need,
    RecoveryJob,
    RecoveryProblem,
    Thing,
    check_problem,
    need_all,
    need_any,
)


def job(name: str, *needs: Need, minutes: int = 60, **crews: int) -> RecoveryJob:
    """Make a job with one mode."""
    return RecoveryJob(name, (Mode("restore", minutes, crews),), needs)


NETWORK = Crews("network", ((0, 2),))


def faults(problem: RecoveryProblem) -> set[tuple[str, str]]:
    """Give place and code of each fault."""
    found = check_problem(problem)
    assert all(fault.nl and fault.en and fault.hint for fault in found)
    return {(fault.pointer, fault.code) for fault in found}


def test_every_fault_is_told_at_once() -> None:
    problem = RecoveryProblem(
        (
            job("dns", need_all("identity", "nowhere"), minutes=-1, network=1),
            job("dns", Need(3, ("identity", "portal")), cooling=1),
            RecoveryJob("identity", (), (need_all("identity"),), -5, -1, -1, -1),
            RecoveryJob("portal", (Mode("restore", 1), Mode("restore", 2)), (Need(1, ("dns", "dns")),)),
            RecoveryJob("", (Mode("restore", 1),)),
        ),
        (NETWORK, Crews("power", ((5, 1), (5, -1)), 4)),
        (Thing("dns"), Thing("water", -1)),
        (Absence("cooling", -1, 5, 5),),
        now_minute=-1,
    )
    assert faults(problem) == {
        ("/jobs/0/needs/0/of/1", "unknown-job"),
        ("/jobs/0/modes/0/duration_minutes", "negative"),
        ("/jobs/1/name", "double-name"),
        ("/jobs/1/needs/0/at_least", "k-beyond-n"),
        ("/jobs/1/modes/0/crews/cooling", "unknown-skill"),
        ("/jobs/2/modes", "no-mode"),
        ("/jobs/2/needs/0/of/0", "needs-itself"),
        ("/jobs/2/earliest_start_minute", "negative"),
        ("/jobs/2/due_minute", "negative"),
        ("/jobs/2/breach_penalty_citizen_hours", "negative"),
        ("/jobs/2/citizens_per_hour", "negative"),
        ("/jobs/3/modes", "double-mode"),
        ("/jobs/3/needs/0/of", "double-member"),
        ("/jobs/4/name", "no-name"),
        ("/crews/1/levels", "no-first-level"),
        ("/crews/1/levels", "not-in-order"),
        ("/crews/1/levels/1/1", "negative"),
        ("/crews/1/repeats_after_minutes", "bad-period"),
        ("/things/0/name", "double-name"),
        ("/things/1/available_minute", "negative"),
        ("/absences/0/skill", "unknown-skill"),
        ("/absences/0/crews", "negative"),
        ("/absences/0/until_minute", "bad-interval"),
        ("/now_minute", "negative"),
    }


def test_a_cycle_is_named_and_what_waits_behind_it_is_not() -> None:
    problem = RecoveryProblem(
        (
            job("dns", need_all("pki")),
            job("identity", need_all("dns")),
            job("pki", need_all("identity")),
            job("portal", need_all("identity")),
        )
    )
    (fault,) = check_problem(problem)
    assert (fault.pointer, fault.code) == ("/jobs/0/needs", "cycle")
    assert "dns → pki → identity → dns" in fault.nl
    assert "portal" not in fault.en


def test_a_cycle_that_another_road_enters_is_none() -> None:
    loop = (job("dns", need_any("pki", "paper")), job("pki", need_all("dns")))
    assert faults(RecoveryProblem(loop, things=(Thing("paper", 5),))) == set()
    assert faults(RecoveryProblem(loop, things=(Thing("paper", None),))) == {("/jobs/0/needs", "cycle")}


def test_a_mode_that_does_without_breaks_a_cycle() -> None:
    by_hand = Mode("manual-fallback", 240)
    restore = Mode("restore", 30, needs=(need_all("pki"),))
    loop = (RecoveryJob("dns", (restore, by_hand)), job("pki", need_all("dns")))
    assert faults(RecoveryProblem(loop)) == set()
    assert faults(RecoveryProblem((replace(loop[0], modes=(restore,)), loop[1]))) == {("/jobs/0/needs", "cycle")}


def test_a_thing_that_never_comes_is_told_where_it_is_needed() -> None:
    problem = RecoveryProblem((job("a", need_all("fuel")), job("b", need_all("a"))), things=(Thing("fuel", None),))
    assert faults(problem) == {("/jobs/0/needs", "never-there")}


@pytest.mark.parametrize(
    ("crews", "minutes", "code", "place"),
    [
        (Crews("network", ((0, 1), (60, 2))), 30, "too-few-crews", "crews/network"),
        (Crews("network", ((0, 3), (60, 2))), 30, "crews-leave", "crews/network"),
        (Crews("network", ((0, 3), (480, 0)), 1_440), 481, "no-window", "duration_minutes"),
    ],
)
def test_crews_that_do_not_suffice(crews: Crews, minutes: int, code: str, place: str) -> None:
    problem = RecoveryProblem((job("a", minutes=minutes, network=3),), (crews,))
    assert faults(problem) == {(f"/jobs/0/modes/0/{place}", code)}


def test_one_mode_with_crews_is_enough() -> None:
    modes = (Mode("restore", 30, {"network": 9}), Mode("rebuild", 300, {"network": 2}))
    assert faults(RecoveryProblem((RecoveryJob("a", modes),), (NETWORK,))) == set()


def test_crews_that_are_never_there_at_the_same_time() -> None:
    day, night = Crews("day", ((0, 1), (720, 0)), 1_440), Crews("night", ((0, 0), (720, 1)), 1_440)
    both = RecoveryProblem((job("a", minutes=10, day=1, night=1),), (day, night))
    assert faults(both) == {("/jobs/0/modes/0/duration_minutes", "no-window")}


def test_entries_of_one_skill_add_up() -> None:
    shifts = (Crews("network", ((0, 1), (720, 0)), 1_440), Crews("network", ((0, 0), (720, 1)), 1_440))
    assert faults(RecoveryProblem((job("a", minutes=5_000, network=1),), shifts)) == set()


def test_facts_have_one_mode_started_before_now_and_hold_crews_that_are_there() -> None:
    running = RecoveryJob("a", (Mode("restore", 100, {"network": 2}),), started_minute=10)
    absence = Absence("network", 1, 50)
    assert faults(RecoveryProblem((running,), (NETWORK,), absences=(absence,), now_minute=50)) == {
        ("/jobs", "crews-still-working")
    }
    assert faults(RecoveryProblem((running,), (NETWORK,), now_minute=50)) == set()
    assert faults(RecoveryProblem((running,), (NETWORK,), now_minute=5)) == {("/jobs/0/started_minute", "starts-later")}
    open_mode = replace(running, modes=(*running.modes, Mode("rebuild", 5)))
    assert faults(RecoveryProblem((open_mode,), (NETWORK,), now_minute=50)) == {("/jobs/0/modes", "mode-open")}


def test_what_cannot_be_counted_is_refused() -> None:
    huge = replace(job("a"), citizens_per_hour=900_000_000)
    assert faults(RecoveryProblem((huge, replace(huge, name="b")))) == {("/jobs", "too-large")}
    odd = tuple(Crews("network", ((0, 1),), period) for period in (1_439, 1_433))
    assert faults(RecoveryProblem((), odd)) == {("/crews", "long-period")}
    many = RecoveryProblem(tuple(job(f"j{number}") for number in range(5_001)))
    assert faults(many) == {("/jobs", "too-many-jobs")}
