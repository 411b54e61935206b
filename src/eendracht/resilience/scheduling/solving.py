"""Plan the recovery: check the problem, follow the serial rule, let a process look for something better."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from eendracht.kernel.errors import WorkerFailed
from eendracht.kernel.processes import Report, ask_process
from eendracht.resilience.scheduling.bounds import find_bound
from eendracht.resilience.scheduling.bundles import build_bundled_plan
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.coding import decode_placement, encode_placement, encode_problem
from eendracht.resilience.scheduling.instance import Instance, Placement, write_plan
from eendracht.resilience.scheduling.plans import Schedule, Solver
from eendracht.resilience.scheduling.problem import RecoveryProblem
from eendracht.resilience.scheduling.serial import build_serial_plan, rank_jobs, tighten

MODULE: Final = "eendracht.resilience.scheduling.worker"
_BACK_SECONDS: Final = 0.2
"""What the way back from the process takes."""
_GRACE_SECONDS: Final = 0.5
"""How much later than its moment the process may answer before it is ended."""


def schedule_recovery(
    problem: RecoveryProblem,
    *,
    time_limit_seconds: float = 10.0,
    seed: int = 1,
    report: Report = lambda stage, done, total: None,
) -> Schedule:
    """Give a plan that is never worse than the serial rule, with a bound that no plan goes below.

    The search runs in a process of its own, with two threads, and stops at the time limit, which counts from the call;
    a proof that the plan is the best ends it earlier. The same seed gives the same value where there is a proof; where
    time ran out a slower machine may have found less. Without an answer of the process the plan is the best of what was
    at hand before it. Raises InvalidInput with every fault of the problem.
    """
    return search_schedule(require_valid(problem), (), time_limit_seconds, seed, report)


def search_schedule(
    instance: Instance, others: Sequence[Placement], time_limit_seconds: float, seed: int, report: Report
) -> Schedule:
    """Search from the plan of the serial rule and other plans, which have to be possible."""
    began = time.monotonic()
    serial = build_serial_plan(instance, rank_jobs(instance))
    serial_value = instance.value_of(serial)
    plan, found_by = _choose_first(instance, serial, others)
    bound, is_searched = find_bound(instance, 0.0), True
    if bound < instance.value_of(plan):
        left = began + time_limit_seconds - time.monotonic()
        task = {
            "problem": encode_problem(instance.problem),
            "known": encode_placement(plan),
            "foundBy": found_by,
            "until": time.monotonic() + left - _BACK_SECONDS,
            "seed": seed,
        }
        try:
            found = ask_process(task, MODULE, report, time_limit_seconds=left + _GRACE_SECONDS)
        except WorkerFailed:
            is_searched = False
        else:
            plan, found_by = decode_placement(found["plan"]), Solver(found["foundBy"])
            bound = max(bound, found["bound"])
    return Schedule(
        write_plan(instance, plan),
        instance.problem.objective,
        instance.value_of(plan),
        bound,
        serial_value,
        found_by,
        round(time.monotonic() - began, 3),
        is_searched,
    )


def _choose_first(instance: Instance, serial: Placement, others: Sequence[Placement]) -> tuple[Placement, Solver]:
    """Give the best plan that is at hand before the search."""
    options = [(tighten(instance, serial), Solver.SERIAL), *((other, Solver.KEPT) for other in others)]
    if not instance.is_makespan:
        options.append((build_bundled_plan(instance), Solver.BUNDLES))
    return min(options, key=lambda option: instance.value_of(option[0]))
