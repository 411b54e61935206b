"""From what is down to what has to be done, on a landscape that was worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import build_landscape
from eendracht.resilience.demand import read_demands
from eendracht.resilience.recovery import ASSUMED, STARTS, RecoveryTask, plan_task, read_restoring
from eendracht.resilience.scenarios import plan_scenario
from eendracht.resilience.scheduling.problem import Crews, Need
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import draft, fill_node, open_node

WOLK, RESERVE, ZAAL = "platform:gm0344/wolk", "platform:gm0344/reserve", "facility:gm0344/zaal"
BALIE, PASPOORT, RIJBEWIJS = (
    "application:gm0344/balie",
    "public-service:gm0344/paspoort",
    "public-service:gm0344/rijbewijs",
)
PLANS = [
    draft(
        "restore-plan:gm0344/zaal",
        "Zaal",
        about=ZAAL,
        modes=[{"mode": "restore", "durationHours": "3", "crews": [{"skill": "facility", "people": 2}]}],
    ),
    draft(
        "restore-plan:gm0344/wolk",
        "Wolk",
        about=WOLK,
        modes=[
            {"mode": "restore", "durationHours": "1.5", "crews": [{"skill": "platform", "people": 1}]},
            {"mode": "switch-supplier", "durationHours": "20", "prerequisites": [ZAAL]},
        ],
    ),
    draft(
        "crew:gm0344/zaal",
        "Zaalploeg",
        organisation="organisation:gm0344",
        skill="facility",
        people=1,
        shifts=[{"fromHour": 8, "untilHour": 18, "people": 3}],
        travelHours="0.5",
    ),
    draft("crew:gm0344/wolk", "Wolkploeg", organisation="organisation:gm0344", skill="platform", people=1),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with open_node(tmp_path_factory.mktemp("recovery") / "node") as instance:
        fill_node(instance, [*DRAFTS, *PLANS])
        yield instance


def plan(node: Instance, selector: str, hours: float | None = None) -> RecoveryTask:
    landscape = build_landscape(node.store, OPERATOR)
    run = plan_scenario(node.store, OPERATOR, landscape, selector, repaired_at_hours=hours)
    restoring = read_restoring(node.store, OPERATOR, landscape, run)
    return plan_task(landscape, read_demands(node.store, OPERATOR, landscape), run, restoring)


def test_jobs_follow_from_what_each_thing_needs(node: Instance) -> None:
    task = plan(node, ZAAL)
    jobs = {job.name: job for job in task.problem.jobs}
    # The reserve takes over for the counter, so only the cloud and what runs on it alone is down.
    assert set(jobs) == {ZAAL, WOLK, RIJBEWIJS}
    assert [(mode.name, mode.duration_minutes, dict(mode.crews)) for mode in jobs[ZAAL].modes] == [
        ("restore", 180, {"facility": 2})
    ]
    assert jobs[WOLK].modes[0].needs == (Need(1, (ZAAL,)),)
    assert [mode.name for mode in jobs[WOLK].modes] == ["restore", "switch-supplier"]
    assert (jobs[RIJBEWIJS].modes[0].name, jobs[RIJBEWIJS].modes[0].duration_minutes) == (STARTS, 0)
    assert jobs[RIJBEWIJS].modes[0].needs == (Need(1, (WOLK,)),)
    assert jobs[RIJBEWIJS].citizens_per_hour == 400 and task.citizens == 400
    assert (list(task.assumed), list(task.lost), list(task.stranded)) == ([], [], [])


def test_crews_follow_the_clock_of_the_scenario(node: Instance) -> None:
    task = plan(node, ZAAL)
    crews = {crew.skill: crew for crew in task.problem.crews}
    # It begins at 9: three until 18, one until 8 the next day, then three again.
    levels = crews["facility"].levels
    assert crews["facility"].repeats_after_minutes == 1440
    assert [levels[at][1] for at in (0, 8)] == [3, 3] and dict(levels)[9 * 60] == 1 and dict(levels)[23 * 60] == 3
    assert crews["platform"] == Crews("platform", ((0, 1),))
    assert [(gone.skill, gone.from_minute, gone.until_minute) for gone in task.problem.absences] == [
        ("facility", 0, 30)
    ]


def test_without_a_plan_a_day_is_taken_and_said(node: Instance) -> None:
    task = plan(node, "platform:gm0344/reserve")
    assert list(task.assumed) == [RESERVE]
    (job,) = task.problem.jobs
    assert (job.modes[0].name, job.modes[0].duration_minutes) == (ASSUMED, 24 * 60)


def test_a_supplier_that_is_gone_is_done_without_or_the_rest_is_stranded(node: Instance) -> None:
    task = plan(node, "supplier:kvk.22222222")
    jobs = {job.name: job for job in task.problem.jobs}
    # Restoring the cloud needs who operated it; only the switch is left.
    assert [mode.name for mode in jobs[WOLK].modes] == ["switch-supplier"]
    assert list(task.lost) == ["supplier:kvk.22222222"] and list(task.stranded) == []
    with pytest.raises(InvalidInput) as caught:
        # Nobody wrote down how the reserve goes on without its operator.
        plan(node, "supplier:kvk.33333333")
    assert [fault.code for fault in caught.value.faults] == ["nothing-to-recover"]


def test_a_repair_that_the_scenario_gives_takes_its_time(node: Instance) -> None:
    jobs = {job.name: job for job in plan(node, "supplier:kvk.22222222", 5).problem.jobs}
    assert (jobs["supplier:kvk.22222222"].modes[0].name, jobs["supplier:kvk.22222222"].modes[0].duration_minutes) == (
        STARTS,
        300,
    )
    assert [mode.name for mode in jobs[WOLK].modes] == ["restore", "switch-supplier"]
