"""The search against every plan there is, and against published optima."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.scheduling import (
    RecoveryProblem,
    Solver,
    check_problem,
    check_schedule,
    schedule_file,
    schedule_recovery,
)
from eendracht.resilience.scheduling.bounds import find_bound
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.instance import write_plan
from eendracht.resilience.scheduling.search import Search
from eendracht.resilience.scheduling.serial import build_serial_plan, rank_jobs
from tests.resilience.scheduling.brute_force import find_best, is_possible, value_of
from tests.resilience.scheduling.drawing import draw_project, draw_recovery, draw_tiny


def search(problem: RecoveryProblem, seconds: float) -> Search:
    """Search in this process, from the plan of the serial rule."""
    instance = require_valid(problem)
    serial = build_serial_plan(instance, rank_jobs(instance))
    found = Search(instance, serial, Solver.SERIAL, time.monotonic() + seconds, 1, lambda *_: None)
    found.run()
    return found


@pytest.mark.parametrize("makespan", [False, True])
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_search_finds_and_proves_the_best_of_all_plans(first: int, makespan: bool) -> None:
    tried = 0
    for seed in range(first, first + 20):
        problem = draw_tiny(seed, makespan=makespan)
        if check_problem(problem):
            continue
        tried += 1
        best = find_best(problem)
        found = search(problem, 20)
        plan = write_plan(found.instance, found.best)
        assert is_possible(problem, plan), seed
        assert check_schedule(problem, plan).faults == (), seed
        assert (found.value, found.bound, value_of(problem, plan)) == (best, best, best), seed
    assert tried > 8


def test_what_is_refused_has_no_plan_at_all_or_none_in_the_end() -> None:
    refused = 0
    for seed in range(60):
        problem = draw_tiny(seed)
        codes = {fault.code for fault in check_problem(problem)}
        # Crews that leave may be in time for this plan: that one fault speaks of later on.
        if codes and not codes & {"crews-leave", "no-window"}:
            refused += 1
            assert find_best(problem) is None, seed
    assert refused > 5


def test_bounds_alone_are_never_above_the_best() -> None:
    for makespan in (False, True):
        for seed in range(200, 260):
            problem = draw_tiny(seed, makespan=makespan)
            if not check_problem(problem):
                best = find_best(problem)
                assert best is not None
                assert find_bound(require_valid(problem), 0.05) <= best, seed


@pytest.mark.parametrize("seed", range(6))
def test_bounds_of_larger_problems_are_below_what_the_search_finds(seed: int) -> None:
    found = search(draw_recovery(30, seed, shifts=bool(seed % 2)), 15)
    assert find_bound(found.instance, 1.0) <= found.bound <= found.value
    project = search(draw_project(20, 1.8, 0.5, 0.5, seed), 15)
    assert find_bound(project.instance, 1.0) <= project.value == project.bound


def test_published_optima_of_the_psplib_are_found_and_proved(shared: Callable[..., Path]) -> None:
    # Kolisch and Sprecher 1996; the bar of ten seconds each is measured in the bench, where nothing else runs.
    folder = shared("reference", "resilience", "scheduling", "j30")
    for row in csv.DictReader((folder / "optimum.csv").open()):
        found = schedule_file(folder / row["problem"], 90.0)
        assert (found["makespan"], found["status"]) == (int(row["optimum"]), "optimal"), row
        assert found["bound"] == found["makespan"] <= found["serial_makespan"]


def test_a_large_recovery_is_never_worse_than_the_serial_rule_and_says_how_good_it_is() -> None:
    problem = draw_recovery(300, 1, shifts=True)
    began = time.monotonic()
    found = schedule_recovery(problem, time_limit_seconds=6.0)
    assert time.monotonic() - began < 8
    verified = check_schedule(problem, found.plan)
    assert verified.faults == ()
    assert verified.value_of(problem) == found.value
    assert found.bound <= found.value < found.serial_value
    assert found.status == "feasible"
    assert 0 < found.gap < 1


def test_the_process_searches_and_the_asker_loads_no_solver() -> None:
    code = (
        "import sys\n"
        "from tests.resilience.scheduling.drawing import draw_recovery\n"
        "from eendracht.resilience.scheduling import schedule_recovery\n"
        "found = schedule_recovery(draw_recovery(25, 3, True), time_limit_seconds=20.0)\n"
        "print(found.is_searched, found.status, sorted({'ortools', 'pandas'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split("\n")[0] == "True optimal []"


def test_without_the_process_there_is_still_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eendracht.resilience.scheduling.solving.MODULE", "eendracht.no.such.module")
    problem = draw_recovery(60, 4)
    found = schedule_recovery(problem)
    assert not found.is_searched
    assert check_schedule(problem, found.plan).faults == ()
    assert found.bound <= found.value <= found.serial_value
    assert found.found_by in (Solver.SERIAL, Solver.BUNDLES)


def test_nothing_to_do_is_a_plan() -> None:
    found = schedule_recovery(RecoveryProblem(()))
    assert (found.plan.jobs, found.value, found.bound, found.status, found.gap) == ((), 0, 0, "optimal", 0.0)


def test_what_cannot_be_planned_is_refused_before_any_process_starts() -> None:
    with pytest.raises(InvalidInput):
        schedule_recovery(draw_tiny(next(seed for seed in range(99) if check_problem(draw_tiny(seed)))))
