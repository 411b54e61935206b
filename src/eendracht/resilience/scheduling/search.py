"""The search for a better plan within a time: CP-SAT on all of it or on one part after the other.

Few jobs, or the makespan, go to CP-SAT as a whole, which may prove that its plan is the best. Many jobs with citizens
are improved in neighbourhoods (Shaw, Using constraint programming and local search methods, 1998): a part of the jobs
is decided again while the rest stays, and after each gain all jobs move forward.
"""

from __future__ import annotations

import random
import time
from math import ceil
from typing import Final

from ortools.sat.python import cp_model

from eendracht.kernel.processes import Report
from eendracht.resilience.scheduling.bounds import find_bound
from eendracht.resilience.scheduling.heads import find_heads
from eendracht.resilience.scheduling.instance import Instance, Placement
from eendracht.resilience.scheduling.model import Model
from eendracht.resilience.scheduling.plans import Solver
from eendracht.resilience.scheduling.serial import tighten

WORKERS: Final = 2
_WHOLE: Final = 60
"""Up to so many jobs CP-SAT is given all of them from the start."""
_FEW: Final = 200
"""Up to so many it is given all of them at last."""
_STEPS: Final = 2_000
"""More changes of a calendar than this are too many for one model."""
_LEAST_SECONDS: Final = 0.3
_PART: Final = 20
"""Jobs in the first neighbourhood."""
_PART_WORK: Final = 0.05
"""The time of a neighbourhood in the solver's own seconds, which do not depend on the machine."""
_PATIENCE: Final = 60


class Search:
    """The best plan and the best bound so far; `until` is a moment of `time.monotonic`."""

    def __init__(
        self, instance: Instance, known: Placement, found_by: Solver, until: float, seed: int, report: Report
    ) -> None:
        self.instance = instance
        self.heads = find_heads(instance)
        self.until = until
        self.seed = seed
        self.report = report
        self.best, self.value, self.found_by = known, instance.value_of(known), found_by
        self.bound = 0
        self.free = [job for job, start in enumerate(instance.started) if start is None]

    @property
    def left(self) -> float:
        """How many seconds there are."""
        return self.until - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to gain, or no time."""
        return self.bound >= self.value or self.left < _LEAST_SECONDS

    def run(self) -> None:
        """Search until the plan is proved to be the best, or the time is over."""
        self.report("bound", 0, 0)
        self.bound = find_bound(self.instance, min(2.0, 0.1 * self.left))
        many = len(self.free) > _WHOLE and not self.instance.is_makespan
        if many and not self.is_over:
            exact = 0.3 * self.left if len(self.free) <= _FEW else 0.0
            self.search_neighbourhoods(self.until - exact)
        if not self.is_over and (not many or len(self.free) <= _FEW):
            self.solve_whole()
        if not many and not self.instance.is_makespan and not self.is_over:
            self.search_neighbourhoods(self.until)

    def consider(self, plan: Placement, found_by: Solver) -> bool:
        """Keep a plan if it is better than the best."""
        value = self.instance.value_of(plan)
        if value >= self.value:
            return False
        self.best, self.value, self.found_by = plan, value, found_by
        return True

    def solve_whole(self) -> None:
        """Give all jobs to CP-SAT."""
        last = max(self.instance.list_ends(self.best), default=0)
        horizon = self.value if self.instance.is_makespan else self.instance.find_horizon()
        steps = sum(len(calendar.list_steps(0, horizon)) for calendar in self.instance.calendars)
        is_complete = steps <= _STEPS
        horizon = horizon if is_complete else min(horizon, 2 * last)
        self.report("solve", 0, 0)
        model = Model(self.instance, self.heads, self.best, self.free, horizon)
        solver = self._make_solver(WORKERS)
        if self.instance.is_makespan:
            # Measured on projects of 30 jobs: these two prove most, and no linear relaxation helps.
            solver.parameters.subsolvers.extend(["no_lp", "objective_lb_search_no_lp"])
            model.model.add(model.objective >= self.bound)
        status = solver.solve(model.model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.consider(tighten(self.instance, model.read(solver)), Solver.CP_SAT)
        if is_complete and status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
            self.bound = max(self.bound, ceil(solver.best_objective_bound - 1e-6))

    def search_neighbourhoods(self, until: float) -> None:
        """Decide again about one part of the jobs after the other, until nothing is gained for a while."""
        draw = random.Random(self.seed)  # noqa: S311 - no secret
        size, idle, turn = _PART, 0, 0
        while until - time.monotonic() > _LEAST_SECONDS and self.bound < self.value and idle < _PATIENCE:
            turn += 1
            self.report("neighbourhoods", turn, 0)
            part = self._choose_part(draw, min(size, len(self.free)))
            horizon = max(self.instance.list_ends(self.best))
            model = Model(self.instance, self.heads, self.best, part, horizon)
            solver = self._make_solver(1, until)
            solver.parameters.max_deterministic_time = _PART_WORK
            solver.parameters.linearization_level = 0
            solver.parameters.random_seed = turn
            status = solver.solve(model.model)
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                continue
            gained = self.consider(tighten(self.instance, model.read(solver)), Solver.NEIGHBOURHOODS)
            idle = 0 if gained else idle + 1
            if status != cp_model.OPTIMAL:
                size = max(10, size - 2)
            elif not gained:
                size += 1

    def _choose_part(self, draw: random.Random, size: int) -> list[int]:
        """Give jobs that stand together: in time, in time with some spread, or in time and skill."""
        starts = self.best.starts
        order = sorted(self.free, key=lambda job: starts[job])
        kind = draw.randrange(3)
        if kind == 0 and self.instance.calendars:
            skill = draw.randrange(len(self.instance.calendars))
            order = [
                job for job in order if any(skill == one for way in self.instance.ways[job] for one, _ in way.demands)
            ] or order
        if kind == 1:
            middle = starts[draw.choice(order)]
            spread = max(1, max(self.instance.list_ends(self.best)) // 6)
            return sorted(order, key=lambda job: abs(starts[job] - middle) + draw.randrange(spread))[:size]
        begin = draw.randrange(max(1, len(order) - size + 1))
        return order[begin : begin + size]

    def _make_solver(self, workers: int, until: float | None = None) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        moment = self.until if until is None else until
        solver.parameters.max_time_in_seconds = max(_LEAST_SECONDS / 2, moment - time.monotonic() - 0.1)
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = self.seed
        return solver
