"""Each place in a plan has its reason, and the reason is true."""

from __future__ import annotations

import pytest

from eendracht.resilience.scheduling import (
    Crews,
    Mode,
    PlannedJob,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
    Thing,
    check_schedule,
    explain_schedule,
    need_all,
    need_any,
)
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.instance import write_plan
from eendracht.resilience.scheduling.serial import build_serial_plan, rank_jobs, tighten
from tests.resilience.scheduling.drawing import draw_recovery

PROBLEM = RecoveryProblem(
    (
        RecoveryJob("power", (Mode("restore", 30, {"site": 1}),), started_minute=0),
        RecoveryJob("dns", (Mode("restore", 60, {"network": 1}),), citizens_per_hour=10),
        RecoveryJob("mail", (Mode("restore", 45, {"network": 1}),), citizens_per_hour=4),
        RecoveryJob("portal", (Mode("restore", 30),), (need_all("dns"), need_any("mail", "power")), 0, None, 0, 900),
        RecoveryJob("archive", (Mode("restore", 20),), earliest_start_minute=50),
        RecoveryJob("vault", (Mode("restore", 15, {"night": 1}),)),
        RecoveryJob("spare", (Mode("restore", 10),)),
    ),
    (Crews("site", ((0, 1),)), Crews("network", ((0, 1),)), Crews("night", ((0, 0), (600, 1)))),
    now_minute=5,
)
PLAN = RecoveryPlan(
    (
        PlannedJob("power", "restore", 0, 30),
        PlannedJob("dns", "restore", 5, 65),
        PlannedJob("archive", "restore", 50, 70),
        PlannedJob("mail", "restore", 65, 110),
        PlannedJob("portal", "restore", 65, 95),
        PlannedJob("spare", "restore", 80, 90),
        PlannedJob("vault", "restore", 600, 615),
    )
)


def test_each_kind_of_reason() -> None:
    assert check_schedule(PROBLEM, PLAN).faults == ()
    found = {reason.job: (reason.kind, reason.after, reason.skill) for reason in explain_schedule(PROBLEM, PLAN)}
    assert found == {
        "power": ("started", (), ""),
        "dns": ("at-once", (), ""),
        "archive": ("earliest-start", (), ""),
        "mail": ("crew", ("dns",), "network"),
        "portal": ("need", ("dns",), ""),
        "spare": ("choice", (), ""),
        "vault": ("shift", (), "night"),
    }


def test_reasons_are_said_in_both_languages_with_their_worth() -> None:
    reasons = {reason.job: reason for reason in explain_schedule(PROBLEM, PLAN)}
    mail, dns, portal = reasons["mail"], reasons["dns"], reasons["portal"]
    assert mail.timing.nl == "mail begint op 1:05: de ploegen network zijn tot dan bezig met dns."
    assert mail.timing.en == "mail starts at 1:05: until then the crews network are busy with dns."
    assert (dns.citizens_per_hour, dns.citizens_with_followers, dns.crew_minutes) == (10, 910, 60)
    assert dns.citizens_per_crew_hour == 910
    assert "910" in dns.worth.en
    assert "1:00" in dns.worth.nl
    assert portal.citizens_per_crew_hour is None
    assert "geen ploeg" in portal.worth.nl


@pytest.mark.parametrize("seed", range(4))
def test_in_a_serial_plan_everything_waits_for_something_true(seed: int) -> None:
    problem = draw_recovery(80, seed, shifts=seed % 2 == 1)
    instance = require_valid(problem)
    plan = write_plan(instance, tighten(instance, build_serial_plan(instance, rank_jobs(instance))))
    planned = {entry.job: entry for entry in plan.jobs}
    kinds = set()
    for reason in explain_schedule(problem, plan):
        kinds.add(reason.kind)
        assert reason.kind != "choice", reason
        if reason.kind == "need":
            assert {planned[name].end_minute for name in reason.after} == {reason.start_minute}
        if reason.kind == "crew":
            before = reason.start_minute - 1
            assert all(planned[name].start_minute <= before < planned[name].end_minute for name in reason.after)
    assert {"at-once", "need", "crew"} <= kinds


def test_a_thing_that_comes_later_is_a_reason_too() -> None:
    problem = RecoveryProblem(
        (RecoveryJob("pump", (Mode("restore", 5),), (need_all("fuel"),)),), things=(Thing("fuel", 30),)
    )
    (reason,) = explain_schedule(problem, RecoveryPlan((PlannedJob("pump", "restore", 30, 35),)))
    assert (reason.kind, reason.after) == ("need", ("fuel",))
