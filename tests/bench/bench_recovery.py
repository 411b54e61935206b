"""Measure the recovery: plans for crews that are scarce, beside the serial rule, and proofs on projects of the PSPLIB.

Ten published instances are read where the reference material is; the unseen ones are drawn over the 48 combinations of
ProGen's figures by which the PSPLIB drew its own.
"""

from __future__ import annotations

import csv
import os
import time
from itertools import product
from pathlib import Path
from statistics import median

from eendracht.resilience.scheduling import (
    JobLate,
    RecoveryProblem,
    Schedule,
    check_schedule,
    replan,
    schedule_file,
    schedule_recovery,
)
from tests.bench.rows import Row
from tests.resilience.scheduling.drawing import draw_project, draw_recovery

SEED = 20_261_129
LIMIT_SECONDS = 10.0
LARGE_SECONDS = 60.0
_ROOT = Path(__file__).parents[2]
_J30 = Path(os.environ.get("EENDRACHT_SHARED", _ROOT.parent / "shared")) / "reference/resilience/scheduling/j30"
_SERIAL = "serial rule, same run"


def measure() -> list[Row]:
    """Give the rows of the report."""
    rows = _measure_published() if _J30.exists() else []
    rows += _measure_drawn()
    for jobs, shifts in ((100, False), (300, False), (300, True)):
        rows += _measure_recovery(jobs, shifts)
    rows.append(_measure_replanning())
    return rows


def _share_rows(name: str, setting: str, bar: float, proved: list[bool], seconds: list[float]) -> list[Row]:
    share = 100 * sum(proved) / len(proved)
    return [
        Row(f"{name}: proved optimal", share, "%", len(proved), setting, bar=bar, runs=1),
        Row(f"{name}: median time", median(seconds), "s", len(seconds), setting, "lower", runs=1),
        Row(f"{name}: longest time", max(seconds), "s", len(seconds), setting, "lower", LIMIT_SECONDS, runs=1),
    ]


def _measure_published() -> list[Row]:
    proved, seconds = [], []
    for row in csv.DictReader((_J30 / "optimum.csv").open()):
        found = schedule_file(_J30 / row["problem"], LIMIT_SECONDS)
        proved.append(found["status"] == "optimal" and found["makespan"] == int(row["optimum"]))
        seconds.append(found["seconds"])
    setting = f"30 jobs, 4 resources, limit {LIMIT_SECONDS:.0f} s each, cold: a process each"
    return _share_rows("PSPLIB J30, published optimum", setting, 100.0, proved, seconds)


def _measure_drawn() -> list[Row]:
    proved, seconds = [], []
    cells = product((1.5, 1.8, 2.1), (0.25, 0.5, 0.75, 1.0), (0.2, 0.5, 0.7, 1.0))
    for number, (complexity, factor, strength) in enumerate(cells):
        problem = draw_project(30, complexity, factor, strength, SEED + number)
        found = schedule_recovery(problem, time_limit_seconds=LIMIT_SECONDS)
        assert check_schedule(problem, found.plan).value_of(problem) == found.value
        proved.append(found.status == "optimal")
        seconds.append(found.seconds)
    setting = f"30 jobs, 4 resources, all 48 cells of ProGen, seed {SEED}, limit {LIMIT_SECONDS:.0f} s each, cold"
    return _share_rows("drawn projects", setting, 95.0, proved, seconds)


def _measure_recovery(jobs: int, shifts: bool) -> list[Row]:
    problem = draw_recovery(jobs, SEED, shifts)
    found = schedule_recovery(problem, time_limit_seconds=LARGE_SECONDS)
    _check(problem, found)
    kind = "crews in shifts" if shifts else "steady crews"
    setting = f"{jobs} jobs, 4 skills, {kind}, k of n, modes, RTO penalties, seed {SEED}, {found.seconds:.0f} s, cold"
    remark = f"{found.status} by {found.found_by}; no plan is below {_hours(found.bound):,.0f}"
    loss, serial = _hours(found.value), _hours(found.serial_value)
    return [
        Row("recovery: citizen-hours lost", loss, "h", jobs, setting, "lower", serial, _SERIAL, serial, 1, remark),
        Row("recovery: gap to the bound", 100 * found.gap, "%", jobs, setting, "lower", runs=1),
    ]


def _check(problem: RecoveryProblem, found: Schedule) -> None:
    verified = check_schedule(problem, found.plan)
    assert not verified.faults, verified.faults
    assert found.bound <= verified.value_of(problem) == found.value <= found.serial_value


def _hours(citizen_minutes: int) -> float:
    return citizen_minutes / 60


def _measure_replanning() -> Row:
    problem = draw_recovery(300, SEED, True)
    plan = schedule_recovery(problem, time_limit_seconds=LIMIT_SECONDS).plan
    now = 1_000
    running = next(entry for entry in plan.jobs if entry.start_minute < now < entry.end_minute)
    began = time.perf_counter()
    found = replan(problem, plan, now, [JobLate(running.job, now - running.start_minute + 240)])
    seconds = time.perf_counter() - began
    _check(found.problem, found.schedule)
    setting = f"300 jobs, {len(found.done) + len(found.running)} started, one late, seed {SEED}, cold"
    gain = f"{100 * found.schedule.gain:.1f}% fewer citizen-hours than the serial rule on the rest"
    return Row("planning again after an event", seconds, "s", 300, setting, "lower", 5.0, runs=1, remark=gain)


if __name__ == "__main__":
    for measured in measure():
        print(measured)
